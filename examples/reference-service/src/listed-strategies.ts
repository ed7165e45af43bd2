import { readFileSync } from 'node:fs';
import { parseDocument } from 'yaml';
import { latestAction, type StrategyParameters } from './backtest';
import { ConfigurationError, type Configuration } from './configuration';
import { PriceWindows } from './price-window';
import type { Service } from './service';
import type { NamedDecision } from './signal';
import { SYMBOL_PATTERN, type Tick } from './tick';

/** A strategy in the file. */
interface ListedStrategy {
  readonly name: string;
  readonly symbol: string;
  readonly enabled: boolean;
  readonly parameters: StrategyParameters;
}

/** One key of an entry, or of its parameters. */
interface Key {
  readonly allowed: string;
  readonly isAllowed: (value: unknown) => boolean;
  readonly optional?: true;
}

type Mapping = Readonly<Record<string, unknown>>;

const MOST_STRATEGIES = 100;
const LONGEST_PERIOD = 999;
/** Without a dot, which is in the names of generated strategies. */
const NAME_PATTERN = /^[A-Za-z0-9_-]{1,32}$/;

const PERIOD: Key = {
  allowed: `a whole number from 1 to ${LONGEST_PERIOD}`,
  isAllowed: (value) => Number.isInteger(value) && Number(value) >= 1 && Number(value) <= LONGEST_PERIOD,
};
const RSI: Key = {
  allowed: 'a number from 0 to 100',
  isAllowed: (value) => typeof value === 'number' && value >= 0 && value <= 100,
};
const KEYS: Readonly<Record<keyof ListedStrategy, Key>> = {
  name: {
    allowed: 'at most 32 letters, digits, _ and -',
    isAllowed: (value) => typeof value === 'string' && NAME_PATTERN.test(value),
  },
  symbol: {
    allowed: 'a symbol such as EURUSD',
    isAllowed: (value) => typeof value === 'string' && SYMBOL_PATTERN.test(value),
  },
  enabled: { allowed: 'true or false', isAllowed: (value) => typeof value === 'boolean', optional: true },
  parameters: { allowed: 'a mapping', isAllowed: isMapping },
};
const PARAMETERS: Readonly<Record<keyof StrategyParameters, Key>> = {
  fastPeriod: PERIOD,
  slowPeriod: PERIOD,
  rsiPeriod: PERIOD,
  overbought: RSI,
  oversold: RSI,
};

/** The strategies that a file lists. The enabled ones decide on each tick of their symbols. */
export class ListedStrategies {
  private readonly windows = new PriceWindows(LONGEST_PERIOD + 1);
  private readonly enabled: readonly ListedStrategy[];

  /**
   * `undefined` if `CONFIG_PATH` is not set.
   * @throws ConfigurationError
   */
  static optional(service: Service, configuration: Configuration): ListedStrategies | undefined {
    const file = configuration.optionalText('CONFIG_PATH');
    return file === undefined ? undefined : new ListedStrategies(service, file, strategiesIn(file));
  }

  private constructor(
    private readonly service: Service,
    private readonly file: string,
    private readonly strategies: readonly ListedStrategy[],
  ) {
    this.enabled = strategies.filter(({ enabled }) => enabled);
  }

  start(): void {
    const names = this.strategies.map(({ name, symbol, enabled }) => `${name} (${enabled ? symbol : 'disabled'})`);
    this.service.log.info(`strategies in ${this.file}: ${names.join(', ')}`);
  }

  /** The decisions of the enabled strategies on the tick. Every tick has to be passed. */
  decide(tick: Tick): readonly NamedDecision[] {
    const { prices } = this.windows.add(tick);
    return this.enabled
      .filter(({ symbol }) => symbol === tick.symbol)
      .map(({ name, parameters }) => ({
        strategy: `${this.service.name}.${name}`,
        action: latestAction(prices, parameters),
      }));
  }
}

function strategiesIn(file: string): readonly ListedStrategy[] {
  const content = contentOf(file);
  if (!isMapping(content)) {
    throw new ConfigurationError(
      `${file} (CONFIG_PATH) has no strategies; it must be a mapping with the key strategies`,
    );
  }
  refuseUnknownKeys(content, ['strategies'], file);
  const { strategies } = content;
  if (!Array.isArray(strategies) || strategies.length === 0 || strategies.length > MOST_STRATEGIES) {
    const what = Array.isArray(strategies) ? `has ${strategies.length} strategies` : 'has no list of strategies';
    throw new ConfigurationError(`${file} (CONFIG_PATH) ${what}; it must list 1 to ${MOST_STRATEGIES}`);
  }
  const entries = strategies.map((entry: unknown, index) => strategyOf(entry, `strategy ${index + 1} in ${file}`));
  for (const [index, { name }] of entries.entries()) {
    const first = entries.findIndex((entry) => entry.name === name);
    if (first === index) continue;
    throw new ConfigurationError(
      `strategy ${index + 1} in ${file} has the name of strategy ${first + 1}, "${name}"; ` +
        'every strategy needs a name of its own, because the ids of its orders contain it',
    );
  }
  return entries;
}

function contentOf(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    throw new ConfigurationError(
      `CONFIG_PATH is "${file}", which cannot be read (${code}); it must be a readable file`,
    );
  }
  const document = parseDocument(text);
  // A warning is about a tag that is unknown, so the value may not be what it was meant to be.
  const [problem] = [...document.errors, ...document.warnings];
  if (problem !== undefined) throw notYaml(file, problem);
  try {
    return document.toJS() as unknown;
  } catch (error) {
    // An alias without an anchor.
    throw notYaml(file, error as Error);
  }
}

/** The first line of the message has the line and column; the others show them. */
function notYaml(file: string, { message }: Error): ConfigurationError {
  const [what = ''] = message.split('\n');
  return new ConfigurationError(`${file} (CONFIG_PATH) is not valid YAML: ${what.replace(/:$/, '')}`);
}

function strategyOf(entry: unknown, place: string): ListedStrategy {
  if (!isMapping(entry)) {
    throw new ConfigurationError(`${place} is ${shown(entry)}; it must be a mapping with ${list(Object.keys(KEYS))}`);
  }
  const named = typeof entry.name === 'string' ? `${place}, ${shown(entry.name)},` : place;
  checkKeys(entry, KEYS, named);
  const strategy = { enabled: true, ...entry } as unknown as ListedStrategy;
  checkKeys(strategy.parameters as unknown as Mapping, PARAMETERS, named);
  const { fastPeriod, slowPeriod, overbought, oversold } = strategy.parameters;
  if (fastPeriod >= slowPeriod) {
    throw new ConfigurationError(
      `${named} has the fastPeriod ${fastPeriod}; it must be below its slowPeriod, ${slowPeriod}`,
    );
  }
  if (oversold >= overbought) {
    throw new ConfigurationError(
      `${named} has the oversold ${oversold}; it must be below its overbought, ${overbought}`,
    );
  }
  return strategy;
}

/** @throws ConfigurationError for a key that is unknown or missing, or has a value that is not allowed */
function checkKeys(given: Mapping, keys: Readonly<Record<string, Key>>, where: string): void {
  refuseUnknownKeys(given, Object.keys(keys), where);
  for (const [key, { allowed, isAllowed, optional }] of Object.entries(keys)) {
    const value = given[key];
    if (value === undefined && optional) continue;
    if (value === undefined) throw new ConfigurationError(`${where} has no ${key}; it must be ${allowed}`);
    if (!isAllowed(value))
      throw new ConfigurationError(`${where} has the ${key} ${shown(value)}; it must be ${allowed}`);
  }
}

function refuseUnknownKeys(given: Mapping, known: readonly string[], where: string): void {
  const unknown = Object.keys(given).find((key) => !known.includes(key));
  if (unknown === undefined) return;
  const keys = known.length === 1 ? 'the only key is' : 'the keys are';
  throw new ConfigurationError(`${where} has the unknown key ${shown(unknown)}; ${keys} ${list(known)}`);
}

function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function shown(value: unknown): string {
  const text = (JSON.stringify(value) as string | undefined) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

function list(names: readonly string[]): string {
  return names.length === 1 ? String(names[0]) : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

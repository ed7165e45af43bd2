import { readFileSync } from 'node:fs';
import { Construct } from 'constructs';
import { alreadyTaken, invalidName, TradingStackError } from '../errors';
import { checkOptions, type OptionShapes, required } from '../options/options';
import { Platform } from '../platform/platform';
import type { Connection, IConnectable } from './connections/connection';
import { isSecretVariable } from './secrets/plain-secrets';
import {
  type DeliveredSecret,
  type ProvidedSecretRecipe,
  type Secret,
  SecretDelivery,
  secretFrom,
} from './secrets/secret';

/** Properties of an {@link EnvFile}. */
export interface EnvFileProps {
  /** Path of the file, relative to the project's folder. */
  readonly path: string;
  /**
   * Variables to leave out for every workload. One that a workload gets from another source need not be listed.
   * @default - none
   */
  readonly omit?: readonly string[];
  /**
   * Further variables that are secrets: those whose name does not look like one, such as `BROKER_PIN`, and empty ones.
   * @default - those that look like a secret
   */
  readonly secrets?: readonly string[];
  /**
   * Variables that look like secrets but are not: `PUBLIC_API_KEY`.
   * @default - none
   */
  readonly notSecrets?: readonly string[];
  /**
   * How the secrets reach the program. Compose passes them in variables of the same name, and so does the default, for
   * which the workload needs its `command`, and its `entrypoint` if that of the image is not known.
   * @default SecretDelivery.EXPORTED
   */
  readonly delivery?: SecretDelivery;
}

const PROPS: OptionShapes<EnvFileProps> = {
  path: required('string'),
  omit: ['string'],
  secrets: ['string'],
  notSecrets: ['string'],
  delivery: 'string',
};

/**
 * The variables of a file, as `env_file` of Compose reads it, for `uses` of a workload. The file is read at synthesis. What
 * looks like a secret by its name, or is a URL with a password or of a webhook, becomes a provided secret,
 * `.secrets/<stack>/<id>_<variable>`, and its value in the file is not used: everything else is in the plan and in the state.
 * An empty variable stays empty, as in Compose, unless it is in `secrets`.
 *
 * As in Compose, the file is the weakest source: `environment`, `secrets`, the other entries of `uses` and the service win
 * over it, also if they set `DATABASE_URL_FILE` and it has a secret `DATABASE_URL`. A secret that no workload takes from it is
 * not asked for. Two env files of one workload must not contradict each other. A database or a broker refuses a variable
 * that its construct manages: `omit` leaves it out.
 *
 * @example
 * const settings = new EnvFile(stack, 'bots', { path: 'bots.env', notSecrets: ['PUBLIC_API_KEY'] });
 * new BackgroundWorker(stack, 'grid_bot', { image, uses: [settings], command: ['python3', '-m', 'bot'] });
 */
export class EnvFile extends Construct implements IConnectable {
  /** The variables that are not secrets. */
  readonly environment: Readonly<Record<string, string>>;
  /** The names of the variables that are secrets. */
  readonly secretNames: readonly string[];
  private readonly path: string;
  private readonly delivery: SecretDelivery;

  /**
   * @throws TradingStackError if the file does not exist or has a line that Compose would read in another way, or if
   *   two variables would be the same secret
   */
  constructor(scope: Construct, id: string, props: EnvFileProps) {
    super(scope, id);
    checkOptions(props, PROPS, this.node.path);
    const { path, omit = [], secrets = [], notSecrets = [], delivery = SecretDelivery.EXPORTED } = props;
    const { projectDirectory } = Platform.of(this);
    const text = readFileSync(projectDirectory.locateExisting(path, 'env file', this.node.path), 'utf8');
    const variables = parseEnvFile(text, path, this.node.path);
    for (const [option, names] of Object.entries({ omit, secrets, notSecrets })) {
      const missing = names.find((name) => !variables.has(name));
      if (missing !== undefined) throw invalidName(this.node.path, option, missing, `a variable of ${path}`);
    }
    const asked = [...variables].filter(([name]) => !omit.includes(name));
    const isSecret = ([name, value]: readonly [string, string]): boolean =>
      secrets.includes(name) || (!notSecrets.includes(name) && isSecretVariable(name, value));
    this.path = path;
    this.delivery = delivery;
    this.environment = Object.fromEntries(asked.filter((variable) => !isSecret(variable)));
    this.secretNames = asked.filter(isSecret).map(([name]) => name);
    this.refuseSameSecrets();
  }

  /**
   * The secret for one of {@link EnvFile.secretNames}.
   * @throws TradingStackError for another name
   */
  secret(variable: string): Secret {
    if (this.secretNames.includes(variable)) return secretFrom(this.recipe(variable));
    const allowed = this.secretNames.length === 0 ? 'a file with secrets' : `one of ${this.secretNames.join(', ')}`;
    throw invalidName(this.node.path, 'the secret', variable, allowed);
  }

  connection(): Connection {
    const secrets = this.secretNames.map((name): [string, DeliveredSecret] => [
      name,
      { secret: this.recipe(name), delivery: this.delivery },
    ]);
    return {
      from: this.node.path,
      within: null,
      environment: this.environment,
      secrets: Object.fromEntries(secrets),
      overridable: true,
      startAfter: [],
      extraHosts: [],
    };
  }

  private recipe(variable: string): ProvidedSecretRecipe {
    return { owner: this, id: secretId(variable), description: `the value of ${variable} in ${this.path}` };
  }

  private refuseSameSecrets(): void {
    const ids = this.secretNames.map(secretId);
    const twice = ids.find((id, index) => ids.indexOf(id) !== index);
    if (twice === undefined) return;
    const fix = 'Rename one of them, or add one to `omit`';
    throw alreadyTaken('secret-taken', this.node.path, 'the secret', twice, `another variable of ${this.path}`, fix);
  }
}

function secretId(variable: string): string {
  return variable.toLowerCase();
}

/**
 * The variables of an env file: https://docs.docker.com/reference/compose-file/services/#env_file-format
 * @throws TradingStackError for a line without a variable, and for a value that Compose would interpolate
 */
function parseEnvFile(text: string, path: string, where: string): ReadonlyMap<string, string> {
  const variables = new Map<string, string>();
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  lines.forEach((line, index) => {
    if (/^\s*(#|$)/.test(line)) return;
    const at = `line ${index + 1} of ${path}`;
    const [, name, given = ''] = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_.-]*)\s*[=:]\s*(.*)$/.exec(line) ?? [];
    if (name === undefined) {
      throw invalidFile(
        where,
        `${at} is not of the form NAME=value`,
        'Write the value into the file, or remove the line',
      );
    }
    variables.set(name, valueOf(given.trim(), at, where));
  });
  return variables;
}

function valueOf(given: string, at: string, where: string): string {
  const single = /^'((?:[^'\\]|\\.)*)'\s*(#.*)?$/.exec(given)?.[1];
  if (single !== undefined) return single.replace(/\\'/g, "'");
  const double = /^"((?:[^"\\]|\\.)*)"\s*(#.*)?$/.exec(given)?.[1];
  if (double === undefined && /^['"]/.test(given)) throw wrongQuotes(given, at, where);
  const raw = double === undefined ? given.replace(/ #.*$/, '').trimEnd() : expandEscapes(double);
  if (/\$(\{|[A-Za-z_])/.test(raw.replace(/\$\$/g, ''))) {
    const fix = 'Put the value into single quotes if it is literal, or set the variable in `environment`';
    throw invalidFile(where, `${at} refers to another variable, which Compose would insert`, fix);
  }
  return raw.replace(/\$\$/g, '$');
}

function wrongQuotes(given: string, at: string, where: string): TradingStackError {
  const isClosed = /^('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")/.test(given);
  return isClosed
    ? invalidFile(where, `${at} has text after the closing quote`, 'Put the whole value into the quotes')
    : invalidFile(where, `${at} has an unclosed quote`, 'Write the value on one line, and close the quote');
}

/**
 * The escapes of double quotes that Compose knows; it keeps the backslash of all others:
 * https://github.com/compose-spec/compose-go/blob/main/dotenv/parser.go
 */
function expandEscapes(quoted: string): string {
  return quoted.replace(/\\([abcfnrtv$"\\]|0\d{0,3})/g, (escape, sign: string) => {
    if (!sign.startsWith('0')) return ESCAPES[sign] ?? escape;
    const octal = sign.slice(1);
    return /^[0-3][0-7]{2}$/.test(octal) ? String.fromCharCode(parseInt(octal, 8)) : `\\${octal}`;
  });
}

/** The dollar sign is doubled for the step that inserts variables. */
const ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  $: '$$',
  '"': '"',
  '\\': '\\',
};

function invalidFile(where: string, what: string, fix: string): TradingStackError {
  return new TradingStackError('config-file-invalid', where, what, fix);
}

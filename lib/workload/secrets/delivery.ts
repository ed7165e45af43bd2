import { invalidValue, TradingStackError, variableSetTwice, variableWithTwoSources } from '../../errors';
import type { Platform } from '../../platform/platform';
import type { WorkloadSpec } from '../../platform/spec';
import type { Connection } from '../connections/connection';
import { checkSecret, type DeliveredSecret, type Secret, SecretDelivery } from './secret';

/** The fields of a specification that make up what a process finds when it starts. */
export type ProcessEnvironment = Pick<
  WorkloadSpec,
  'environment' | 'secretEnvironment' | 'secrets' | 'entrypoint' | 'command'
>;

/** Variables and secrets from one source. */
interface Variables {
  readonly environment?: Readonly<Record<string, string | number | boolean>>;
  readonly secrets?: Readonly<Record<string, Secret | DeliveredSecret>>;
}

interface Asked extends Variables {
  readonly command?: readonly string[];
  readonly entrypoint?: readonly string[];
}

interface Service extends Variables {
  readonly secretFiles?: readonly Secret[];
  readonly imageEntrypoint?: readonly string[];
  readonly defaults?: { readonly command?: readonly string[]; readonly entrypoint?: readonly string[] };
}

/** One variable: a value, or a secret whose content gets there in some way. */
interface Variable {
  readonly name: string;
  readonly source: string;
  readonly content: string | DeliveredSecret;
}

/**
 * Joins the variables and secrets of the service, of its connections and of the user.
 * @throws TradingStackError if two of them set one variable to different values, or a secret cannot be delivered
 */
export function resolveEnvironment(
  path: string,
  platform: Platform,
  asked: Asked,
  service: Service,
  connections: readonly Connection[],
): ProcessEnvironment {
  const all = [
    ...variablesOf(path, 'the service itself', service),
    ...connections.flatMap((connection) => variablesOf(path, connection.from, connection)),
    ...variablesOf(path, '`environment`', { environment: asked.environment ?? {} }),
    ...variablesOf(path, '`secrets`', { secrets: asked.secrets ?? {} }),
  ];
  const variables = withoutRepetition(path, all);
  const delivered = (delivery: SecretDelivery) =>
    variables.flatMap(({ name, content }) =>
      typeof content !== 'string' && content.delivery === delivery ? [{ name, secret: content.secret }] : [],
    );
  const inFiles = delivered(SecretDelivery.FILE);
  const exported = delivered(SecretDelivery.EXPORTED);
  const mounted = new Set([...(service.secretFiles ?? []), ...[...inFiles, ...exported].map(({ secret }) => secret)]);
  const { defaults = {} } = service;
  const command = asked.command ?? (asked.entrypoint === undefined ? defaults.command : undefined);
  const entrypoint = asked.entrypoint ?? defaults.entrypoint;

  return {
    environment: Object.fromEntries([
      ...variables.flatMap(({ name, content }) => (typeof content === 'string' ? [[name, content]] : [])),
      ...inFiles.map(({ name, secret }) => [name, secret.path]),
    ]) as Record<string, string>,
    secretEnvironment: Object.fromEntries(
      delivered(SecretDelivery.ENVIRONMENT).map(({ name, secret }) => [name, secret.handleOn(platform)]),
    ),
    secrets: [...mounted].map((secret) => ({ secret: secret.handleOn(platform), path: secret.path })),
    ...startCommand(path, entrypoint, command, exported, service.imageEntrypoint),
  };
}

function variablesOf(path: string, source: string, { environment = {}, secrets = {} }: Variables): Variable[] {
  return [
    ...Object.entries(environment).map(([name, value]) => {
      checkPlainValue(value, `the environment variable ${name}, set by ${source},`, path);
      return { name, source, content: String(value) };
    }),
    ...Object.entries(secrets).map(([name, given]) => {
      checkDelivered(given, name, source, path);
      const content = 'delivery' in given ? given : given.deliveredAs(SecretDelivery.FILE);
      return { name: content.delivery === SecretDelivery.FILE ? fileVariable(name) : name, source, content };
    }),
  ];
}

/** @throws TradingStackError for what would arrive as the text `undefined`, `NaN` or `[object Object]` */
export function checkPlainValue(value: unknown, property: string, where: string): void {
  if (['string', 'boolean'].includes(typeof value) || (typeof value === 'number' && !Number.isNaN(value))) return;
  const allowed = 'a text, a number, true or false: what is not set in the shell is undefined';
  throw invalidValue(where, property, value, allowed);
}

const DELIVERIES: readonly unknown[] = Object.values(SecretDelivery);

function checkDelivered(given: unknown, name: string, source: string, path: string): void {
  if (typeof given === 'object' && given !== null && 'delivery' in given) {
    if (DELIVERIES.includes(given.delivery)) return;
    const property = `the delivery of the secret for ${name}, set by ${source},`;
    throw invalidValue(path, property, given.delivery, 'SecretDelivery.FILE, SecretDelivery.EXPORTED or .ENVIRONMENT');
  }
  checkSecret(given, `the secret for ${name}, set by ${source},`, path);
}

/** `DATABASE_URL` is given as `DATABASE_URL_FILE`; a name that says so already, such as `…__FILE`, stays. */
function fileVariable(variable: string): string {
  return variable.endsWith('_FILE') ? variable : `${variable}_FILE`;
}

function withoutRepetition(path: string, variables: readonly Variable[]): Variable[] {
  const seen = new Map<string, Variable>();
  for (const variable of variables) {
    checkName(path, variable);
    const before = seen.get(variable.name);
    if (before !== undefined && !isSame(before.content, variable.content)) {
      throw variableSetTwice(path, variable.name, before.source, variable.source);
    }
    seen.set(variable.name, variable);
  }
  refuseTwoSources(path, seen);
  return [...seen.values()];
}

/** `URL` beside `URL_FILE`: which of them counts is up to the program, and most images of servers refuse both. */
function refuseTwoSources(path: string, variables: ReadonlyMap<string, Variable>): void {
  for (const inFile of variables.values()) {
    const plain = variables.get(inFile.name.replace(/_{1,2}FILE$/, ''));
    if (plain === undefined || plain === inFile) continue;
    const secrets = [plain, inFile].flatMap(({ content }) => (typeof content === 'string' ? [] : [content.secret]));
    // Of two plain values `LOG` may be a level and `LOG_FILE` a path.
    if (secrets.length === 0 || secrets[0] === secrets[1]) continue;
    throw variableWithTwoSources(path, inFile, plain);
  }
}

function isSame(one: Variable['content'], other: Variable['content']): boolean {
  if (typeof one === 'string' || typeof other === 'string') return one === other;
  return one.secret === other.secret && one.delivery === other.delivery;
}

/** A shell that exports the secrets' contents and becomes the program. */
function startCommand(
  path: string,
  entrypoint: readonly string[] | undefined,
  command: readonly string[] | undefined,
  exported: readonly { readonly name: string; readonly secret: Secret }[],
  imageEntrypoint: readonly string[] | undefined,
): Pick<ProcessEnvironment, 'entrypoint' | 'command'> {
  if (exported.length === 0) return { entrypoint: entrypoint ?? null, command: command ?? null };
  if (command === undefined && entrypoint === undefined) {
    throw new TradingStackError(
      'invalid-value',
      path,
      `the secret for ${exported.map(({ name }) => name).join(', ')} is to be exported by a shell, which has to know what to start`,
      "Give the whole `command`, for example ['python3', '-m', 'bot']: it takes the place of the image's own",
    );
  }
  const exports = exported.map(({ name, secret }) => `${name}="$(cat ${secret.path})" || exit 1; export ${name};`);
  return {
    entrypoint: ['/bin/sh', '-c', `${exports.join(' ')} exec "$@"`, 'sh'],
    command: [...(entrypoint ?? imageEntrypoint ?? []), ...(command ?? [])],
  };
}

/** @throws TradingStackError unless the engine takes the name, and the shell too where it has to */
function checkName(path: string, { name, content }: Variable): void {
  const byShell = typeof content !== 'string' && content.delivery === SecretDelivery.EXPORTED;
  if ((byShell ? /^[A-Za-z_][A-Za-z0-9_]*$/ : /^[A-Za-z_][A-Za-z0-9_.-]*$/).test(name)) return;
  throw new TradingStackError(
    'invalid-value',
    path,
    `'${name}' cannot be the name of an environment variable`,
    `Use letters, digits and underscores${byShell ? '' : ', dots and hyphens'}, and start with a letter or an underscore`,
  );
}

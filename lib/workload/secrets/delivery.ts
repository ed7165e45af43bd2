import { type Collision, invalidValue, raise, TradingStackError, variablesSetTwice } from '../../errors';
import type { Platform } from '../../platform/platform';
import type { WorkloadSpec } from '../../platform/spec';
import type { Connection } from '../connections/connection';
import { knownImageOf } from '../images/catalog/catalog';
import type { DockerfileSettings } from '../images/dockerfile';
import { refuseUnreadSecrets } from './image-secrets';
import type { Image } from '../images/image';
import { exportingStart, exportLines } from './exporting-shell';
import { checkSecret, type DeliveredSecret, Secret, SecretDelivery, secretFrom } from './secret';

/** The fields of a specification that a process sees when it starts. */
export type ProcessEnvironment = Pick<
  WorkloadSpec,
  'environment' | 'secretEnvironment' | 'secrets' | 'entrypoint' | 'command'
>;

/** Variables and secrets from one source. */
interface Variables {
  readonly overridable?: boolean;
  readonly environment?: Readonly<Record<string, string | number | boolean>>;
  readonly secrets?: Readonly<Record<string, Secret | DeliveredSecret>>;
}

interface UserOptions extends Variables {
  readonly image: Image;
  readonly command?: readonly string[];
  readonly entrypoint?: readonly string[];
}

interface Service extends Variables {
  readonly secretFiles?: readonly Secret[];
  readonly rotatedInPlace?: readonly Secret[];
  readonly imageEntrypoint?: readonly string[];
  readonly defaults?: { readonly command?: readonly string[]; readonly entrypoint?: readonly string[] };
}

/** One environment variable with the option or construct that sets it. */
interface Variable {
  readonly name: string;
  readonly source: string;
  readonly overridable: boolean;
  readonly content: string | SecretContent;
}

/** A variable whose secret may not exist yet. */
type DescribedVariable = Omit<Variable, 'content'> & { readonly content: string | DeliveredSecret };

interface SecretContent {
  readonly secret: Secret;
  readonly delivery: SecretDelivery;
}

/**
 * Joins the variables and secrets of the service, of its connections and of the user. An env file gives way to all others.
 * @throws TradingStackError if two others set one variable to different values, a secret cannot be delivered, or the image
 *   is known not to read it
 */
export function resolveEnvironment(
  path: string,
  platform: Platform,
  options: UserOptions,
  service: Service,
  connections: readonly Connection[],
): ProcessEnvironment & { readonly exports: string } {
  const described = [
    ...variablesOf(path, 'the service itself', service),
    ...connections.flatMap((connection) => variablesOf(path, connection.from, connection)),
    ...variablesOf(path, '`environment`', { environment: options.environment ?? {} }),
    ...variablesOf(path, '`secrets`', { secrets: options.secrets ?? {} }),
  ];
  const variables = withoutDuplicates(path, withoutOverridden(described).map(withSecret));
  const delivered = (delivery: SecretDelivery) =>
    variables.flatMap(({ name, content }) =>
      typeof content !== 'string' && content.delivery === delivery ? [{ name, secret: content.secret }] : [],
    );
  const known = knownImageOf(options.image);
  if (known !== undefined) refuseUnreadSecrets(path, known, options, connections);
  const inFiles = delivered(SecretDelivery.FILE);
  const exported = delivered(SecretDelivery.EXPORTED);
  const mounted = new Set([...(service.secretFiles ?? []), ...[...inFiles, ...exported].map(({ secret }) => secret)]);
  const { defaults = {} } = service;
  const command = options.command ?? (options.entrypoint === undefined ? defaults.command : undefined);
  const entrypoint = options.entrypoint ?? defaults.entrypoint;
  // Constructs start a shell with a script of their own: the entry point of the image does not apply.
  const isWhole = options.command === undefined && command !== undefined;
  const settings = (): DockerfileSettings => options.image.settings(platform, path);
  const imageEntrypoint = (): readonly string[] | undefined =>
    service.imageEntrypoint ?? (isWhole ? [] : settings().entrypoint);
  const start =
    exported.length === 0
      ? { entrypoint: entrypoint ?? null, command: command ?? null }
      : exportingStart(path, exported, {
          entrypoint: entrypoint ?? imageEntrypoint(),
          // Docker drops the command of the image when its entry point is replaced.
          command: command ?? (entrypoint === undefined ? settings().command : []),
          ofUser: options.command !== undefined,
          images: () => options.image.baseImages(platform, path),
        });

  return {
    environment: Object.fromEntries([
      ...variables.flatMap(({ name, content }) => (typeof content === 'string' ? [[name, content]] : [])),
      ...inFiles.map(({ name, secret }) => [name, secret.path]),
    ]) as Record<string, string>,
    secretEnvironment: Object.fromEntries(
      delivered(SecretDelivery.ENVIRONMENT).map(({ name, secret }) => [
        name,
        secret.readBy('terraform').handleOn(platform),
      ]),
    ),
    secrets: [...mounted].map((secret) => {
      const handle = secret.handleOn(platform);
      const isInPlace = service.rotatedInPlace?.includes(secret) ?? false;
      return { secret: isInPlace ? platform.secretStore.inPlace(handle) : handle, path: secret.path };
    }),
    ...start,
    exports: exportLines(exported),
  };
}

function variablesOf(
  path: string,
  source: string,
  { environment = {}, secrets = {}, overridable = false }: Variables,
): DescribedVariable[] {
  return [
    ...Object.entries(environment).map(([name, value]) => {
      checkPlainValue(value, `the environment variable ${name}, set by ${source},`, path);
      return { name, source, overridable, content: String(value) };
    }),
    ...Object.entries(secrets).map(([name, given]) => {
      const content = contentOf(given, name, source, path);
      const variable = content.delivery === SecretDelivery.FILE ? fileVariable(name) : name;
      return { name: variable, source, overridable, content };
    }),
  ];
}

/** @throws TradingStackError for a value that would arrive as `undefined`, `NaN` or `[object Object]` */
export function checkPlainValue(value: unknown, property: string, where: string): void {
  if (['string', 'boolean'].includes(typeof value) || (typeof value === 'number' && !Number.isNaN(value))) return;
  const allowed = 'a string, a number or a boolean (a variable that is not set in the shell is undefined)';
  throw invalidValue(where, property, value, allowed);
}

/** @throws TradingStackError for a delivery that would be ignored, and for a plain value instead of a secret */
function contentOf(given: Secret | DeliveredSecret, name: string, source: string, path: string): DeliveredSecret {
  // In plain JavaScript anything may be passed, even a password.
  const value: unknown = given;
  const isDelivered = typeof value === 'object' && value !== null && 'delivery' in value;
  const { secret, delivery } = isDelivered
    ? (given as DeliveredSecret)
    : { secret: given as Secret, delivery: SecretDelivery.FILE };
  if (!Object.values(SecretDelivery).includes(delivery)) {
    const property = `the delivery of the secret for ${name}, set by ${source},`;
    throw invalidValue(path, property, delivery, 'SecretDelivery.FILE, SecretDelivery.EXPORTED or .ENVIRONMENT');
  }
  if (!isDelivered) checkSecret(secret, `the secret for ${name}, set by ${source},`, path);
  return { secret, delivery };
}

/** `DATABASE_URL` becomes `DATABASE_URL_FILE`. A name that already ends like this, such as `…__FILE`, is kept. */
function fileVariable(variable: string): string {
  return variable.endsWith('_FILE') ? variable : `${variable}_FILE`;
}

/** Only for variables that are kept: a secret that exists is asked for. */
function withSecret({ content, ...variable }: DescribedVariable): Variable {
  if (typeof content === 'string') return { ...variable, content };
  return { ...variable, content: { ...content, secret: secretFrom(content.secret) } };
}

function withoutOverridden(variables: readonly DescribedVariable[]): DescribedVariable[] {
  const others = variables.filter(({ overridable }) => !overridable);
  return variables.filter((one) => !one.overridable || !others.some((other) => isSameValue(one, other)));
}

/** Whether two variables are one value for the program. Two plain ones are not: `LOG` is a level, `LOG_FILE` a path. */
function isSameValue(one: DescribedVariable, other: DescribedVariable): boolean {
  if (one.name === other.name) return true;
  const isSecret = typeof one.content !== 'string' || typeof other.content !== 'string';
  return isSecret && (withoutFile(one.name) === other.name || withoutFile(other.name) === one.name);
}

function withoutFile(name: string): string {
  return name.replace(/_{1,2}FILE$/, '');
}

function withoutDuplicates(path: string, variables: readonly Variable[]): Variable[] {
  const seen = new Map<string, Variable>();
  const collisions: Collision[] = [];
  for (const variable of variables) {
    checkName(path, variable);
    const before = seen.get(variable.name);
    if (before !== undefined && !isSame(before.content, variable.content)) collisions.push([before, variable]);
    seen.set(variable.name, variable);
  }
  collisions.push(...twoSourcesOf(seen));
  if (collisions.length > 0) raise(variablesSetTwice(path, collisions));
  return [...seen.values()];
}

/** Whether `URL` or `URL_FILE` counts is up to the program, and most server images refuse both. */
function twoSourcesOf(variables: ReadonlyMap<string, Variable>): Collision[] {
  return [...variables.values()].flatMap((inFile): Collision[] => {
    const plain = variables.get(withoutFile(inFile.name));
    if (plain === undefined || plain === inFile || !isSameValue(plain, inFile)) return [];
    const [one, other] = [plain, inFile].map(({ content }) => (typeof content === 'string' ? content : content.secret));
    return one === other ? [] : [[inFile, plain]];
  });
}

function isSame(one: Variable['content'], other: Variable['content']): boolean {
  if (typeof one === 'string' || typeof other === 'string') return one === other;
  return one.secret === other.secret && one.delivery === other.delivery;
}

/** @throws TradingStackError unless the engine accepts the name, and so does the shell that exports it */
function checkName(path: string, { name, content }: Variable): void {
  const isExported = typeof content !== 'string' && content.delivery === SecretDelivery.EXPORTED;
  if ((isExported ? /^[A-Za-z_][A-Za-z0-9_]*$/ : /^[A-Za-z_][A-Za-z0-9_.-]*$/).test(name)) return;
  const signs = isExported ? 'letters, digits and underscores' : 'letters, digits, underscores, dots and hyphens';
  throw new TradingStackError(
    'invalid-name',
    path,
    `'${name}' cannot be the name of an environment variable`,
    `Use ${signs}, starting with a letter or an underscore`,
  );
}

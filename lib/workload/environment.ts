import { TradingStackError, variableSetTwice } from '../errors';
import type { SecretHandle, WorkloadSpec } from '../platform/spec';
import type { Connection } from './connection';
import { type DeliveredSecret, Secret, SecretDelivery } from './secret';

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
  readonly defaults?: { readonly command?: readonly string[] };
}

/**
 * Joins the variables and secrets of the service, of its connections and of the user.
 * @throws TradingStackError if two of them set one variable to different values, or a secret cannot be delivered
 */
export function resolveEnvironment(
  path: string,
  asked: Asked,
  service: Service,
  connections: readonly Connection[],
): ProcessEnvironment {
  const sources = [
    { name: 'the service itself', ...service },
    ...connections.map((connection) => ({ name: connection.from, ...connection })),
    { name: '`environment` or `secrets`', ...asked },
  ];
  const variables = new Map<string, { readonly value: string; readonly source: string }>();
  const set = (variable: string, value: string, source: string): void => {
    const before = variables.get(variable);
    if (before !== undefined && before.value !== value) throw variableSetTwice(path, variable, before.source, source);
    checkVariable(path, variable);
    variables.set(variable, { value, source });
  };

  const mounted = new Set<Secret>(service.secretFiles);
  const exported = new Map<string, Secret>();
  const secretEnvironment: Record<string, SecretHandle> = {};
  for (const source of sources) {
    for (const [variable, value] of Object.entries(source.environment ?? {})) set(variable, String(value), source.name);
    for (const [variable, given] of Object.entries(source.secrets ?? {})) {
      const { secret, delivery } = given instanceof Secret ? given.as(SecretDelivery.FILE) : given;
      if (delivery === SecretDelivery.ENVIRONMENT) {
        secretEnvironment[variable] = secret.handle;
        continue;
      }
      mounted.add(secret);
      if (delivery === SecretDelivery.SHELL) exported.set(variable, secret);
      else set(fileVariable(variable), secret.path, source.name);
    }
  }

  const command = asked.command ?? (asked.entrypoint === undefined ? service.defaults?.command : undefined);
  return {
    environment: Object.fromEntries([...variables].map(([variable, { value }]) => [variable, value])),
    secretEnvironment,
    secrets: [...mounted].map((secret) => ({ secret: secret.handle, path: secret.path })),
    ...startCommand(path, asked.entrypoint, command, exported),
  };
}

/** `DATABASE_URL` is given as `DATABASE_URL_FILE`; a name that says so already, such as `…__FILE`, stays. */
function fileVariable(variable: string): string {
  return variable.endsWith('_FILE') ? variable : `${variable}_FILE`;
}

/** A shell that exports the secrets' contents and becomes the program. */
function startCommand(
  path: string,
  entrypoint: readonly string[] | undefined,
  command: readonly string[] | undefined,
  exported: ReadonlyMap<string, Secret>,
): Pick<ProcessEnvironment, 'entrypoint' | 'command'> {
  if (exported.size === 0) return { entrypoint: entrypoint ?? null, command: command ?? null };
  if (command === undefined && entrypoint === undefined) {
    throw new TradingStackError(
      path,
      `the secret for ${[...exported.keys()].join(', ')} is to be exported by a shell, which has to know what to start`,
      "Give the whole `command`, for example ['python3', '-m', 'bot']: it takes the place of the image's own",
    );
  }
  const exports = [...exported].map(([name, secret]) => `${name}="$(cat ${secret.path})" || exit 1; export ${name};`);
  return {
    entrypoint: ['/bin/sh', '-c', `${exports.join(' ')} exec "$@"`, 'sh'],
    command: [...(entrypoint ?? []), ...(command ?? [])],
  };
}

function checkVariable(path: string, variable: string): void {
  if (!/^[A-Za-z_][A-Za-z0-9_.]*$/.test(variable)) {
    throw new TradingStackError(
      path,
      `'${variable}' cannot be the name of an environment variable`,
      'Use letters, digits, dots and underscores, and start with a letter or an underscore',
    );
  }
}

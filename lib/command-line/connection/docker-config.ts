import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { CommandError } from '../output/output';

/** The part of Docker's `config.json` that is used here. */
export interface DockerConfig {
  readonly currentContext?: string;
  readonly auths?: Readonly<Record<string, StoredLogin>>;
  readonly credsStore?: string;
  readonly credHelpers?: Readonly<Record<string, string>>;
}

/** A login in `config.json` itself. */
export interface StoredLogin {
  /** User and password, joined by a colon and encoded with Base64. */
  readonly auth?: string;
  readonly identitytoken?: string;
}

/** The engine of a Docker context. */
export interface Context {
  readonly host: string;
  readonly skipsVerification: boolean;
  /** The folder with its certificates; it does not exist if the context has none. */
  readonly tlsFolder: string;
}

/** The folder of Docker's client. */
export function configFolder(environment: NodeJS.ProcessEnv): string {
  const { DOCKER_CONFIG } = environment;
  return DOCKER_CONFIG === undefined || DOCKER_CONFIG === '' ? join(homedir(), '.docker') : DOCKER_CONFIG;
}

/**
 * The settings of Docker's client; empty without a file.
 * @throws CommandError for a file that is not JSON
 */
export function readDockerConfig(environment: NodeJS.ProcessEnv): DockerConfig {
  const file = join(configFolder(environment), 'config.json');
  if (!existsSync(file)) return {};
  return readJson(file, 'Correct it, or move it away and run `docker login` and `docker context use` again.');
}

/**
 * The engine of a context.
 * @param selectedBy what selects it, for messages
 * @throws CommandError for a context that does not exist or cannot be read
 */
export function readContext(name: string, selectedBy: string, environment: NodeJS.ProcessEnv): Context {
  const contexts = join(configFolder(environment), 'contexts');
  // Docker stores a context in a folder named after the hash of its name.
  const id = createHash('sha256').update(name).digest('hex');
  const file = join(contexts, 'meta', id, 'meta.json');
  if (!existsSync(file)) {
    const others = contextNames(join(contexts, 'meta'));
    throw new CommandError(
      'docker-context-missing',
      `The Docker context '${name}', selected by ${selectedBy}, does not exist in ${contexts}. ` +
        (others.length === 0 ? '' : `There ${others.length === 1 ? 'is' : 'are'} ${others.join(', ')}. `) +
        `Create it: docker context create ${name} --docker host=ssh://user@server. Or use another one: docker context use ` +
        `${others[0] ?? 'default'}${selectedBy === 'DOCKER_CONTEXT' ? '; unset DOCKER_CONTEXT' : ''}`,
    );
  }
  const recreate = `Create it again: docker context rm --force ${name}; docker context create ${name} --docker host=ssh://user@server`;
  const { Endpoints } = readJson(file, recreate) as ContextMetadata;
  const endpoint = Endpoints?.docker;
  if (endpoint?.Host === undefined || endpoint.Host === '') {
    throw new CommandError('docker-config-invalid', `The Docker context '${name}' in ${file} has no host. ${recreate}`);
  }
  return {
    host: endpoint.Host,
    skipsVerification: endpoint.SkipTLSVerify ?? false,
    tlsFolder: join(contexts, 'tls', id, 'docker'),
  };
}

interface ContextMetadata {
  readonly Name?: string;
  readonly Endpoints?: { readonly docker?: { readonly Host?: string; readonly SkipTLSVerify?: boolean } };
}

function contextNames(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((id) => {
    try {
      const { Name } = JSON.parse(readFileSync(join(folder, id, 'meta.json'), 'utf8')) as ContextMetadata;
      return Name === undefined ? [] : [Name];
    } catch {
      return [];
    }
  });
}

function readJson(file: string, fix: string): object {
  const broken = (reason: string): CommandError =>
    new CommandError('docker-config-invalid', `The file ${file} of Docker's client cannot be read: ${reason}. ${fix}`);
  try {
    const content = JSON.parse(readFileSync(file, 'utf8')) as unknown;
    if (typeof content === 'object' && content !== null) return content;
  } catch (error) {
    throw broken(error instanceof Error ? error.message : String(error));
  }
  throw broken('it is not a JSON object');
}

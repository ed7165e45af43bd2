import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import type { OutgoingHttpHeaders } from 'node:http';
import { join } from 'node:path';
import type { TradingStack } from '../../index';
import { DOCKER_HUB_IN_PROVIDER, isDockerHub, registryHost, registryOf } from '../../internal';
import { CommandError, type Problem } from '../output/output';
import { isBeforeProvider4, type WrittenConfiguration } from '../synthesis/configuration';
import { inPrivateFolder } from '../terraform/private-folder';
import { nonEmpty } from './address';
import { type DockerConfig, readDockerConfig, type StoredLogin } from './docker-config';

/** A login at a registry. */
export interface Login {
  readonly username: string;
  readonly password: string;
  /** The registry under the name that the engine knows. */
  readonly server: string;
}

/** The name of Docker Hub in Docker's own files and credential helpers. */
const DOCKER_HUB_SERVER = 'https://index.docker.io/v1/';

/**
 * The logins of this machine at the registries that a stack needs one for. The provider finds fewer of them than Docker
 * does: it takes `DOCKER_CONFIG` for a file, knows Docker Hub under other names, and takes an empty entry in
 * `config.json` for a login although a credential helper has it.
 */
export class Logins {
  /** Reads them as Docker's client does, with its credential helpers. */
  static async of({ engine }: TradingStack, environment: NodeJS.ProcessEnv): Promise<Logins> {
    const servers = new Set(
      engine.registries.filter(({ needsLogin }) => needsLogin).map(({ address }) => serverOf(address)),
    );
    const found = new Map<string, Login | Problem>();
    for (const server of servers) found.set(server, await loginAt(server, environment));
    return new Logins(found);
  }

  private constructor(private readonly found: ReadonlyMap<string, Login | Problem>) {}

  /**
   * The login for the registry of an image, or why there is none; `undefined` if the registry does not need one.
   * @param image name of the image, as in `docker pull`
   */
  for(image: string): Login | Problem | undefined {
    return this.found.get(serverOf(registryOf(image)));
  }

  /**
   * Runs Terraform with the variables that let the provider find these logins. They are in a file that only its owner can
   * read, and that is removed when Terraform has ended.
   */
  during<Result>(
    configuration: Pick<WrittenConfiguration, 'providerVersion'>,
    run: (variables: NodeJS.ProcessEnv) => Promise<Result>,
  ): Promise<Result> {
    if (this.found.size === 0) return run({});
    return inPrivateFolder((folder) => {
      const auths = [...this.found.values()].filter(isLogin).flatMap(entriesOf);
      const file = join(folder, 'config.json');
      writeFileSync(file, JSON.stringify({ auths: Object.fromEntries(auths) }), { mode: 0o600 });
      // Since 4.0 the provider takes the variable for a folder, as Docker does; before, for a file.
      return run({ DOCKER_CONFIG: isBeforeProvider4(configuration) ? file : folder });
    });
  }
}

export function isLogin(found: Login | Problem): found is Login {
  return 'password' in found;
}

/** The header with a login at a registry: Base64 for URLs, but with the padding, without which the engine ignores it. */
export function authOf(login: Login | undefined): OutgoingHttpHeaders {
  if (login === undefined) return {};
  const { username, password, server } = login;
  const auth = Buffer.from(JSON.stringify({ username, password, serveraddress: server })).toString('base64');
  return { 'x-registry-auth': auth.replaceAll('+', '-').replaceAll('/', '_') };
}

/** An entry under every name that the provider searches for. */
function entriesOf({ username, password, server }: Login): [string, StoredLogin][] {
  const names = server === DOCKER_HUB_SERVER ? [server, ...DOCKER_HUB_IN_PROVIDER] : [server];
  const auth = Buffer.from(`${username}:${password}`).toString('base64');
  return names.map((name) => [name, { auth }]);
}

function serverOf(registry: string): string {
  return isDockerHub(registry) ? DOCKER_HUB_SERVER : registryHost(registry);
}

async function loginAt(server: string, environment: NodeJS.ProcessEnv): Promise<Login | Problem> {
  const command = `docker login${server === DOCKER_HUB_SERVER ? '' : ` ${server}`}`;
  try {
    const found = await storedAt(server, environment);
    if (found === undefined) {
      const message = `There is no login for ${registryName(server)} on this machine. Log in: ${command}`;
      return { code: 'registry-login-missing', message };
    }
    if (found.password !== undefined) return { ...found, password: found.password, server };
    const message =
      `The login for ${registryName(server)} is an identity token, which the Docker provider of Terraform cannot use. Log in with ` +
      `a user and a password or an access token instead: ${command} --username USER`;
    return { code: 'registry-login-unusable', message };
  } catch (error) {
    if (error instanceof CommandError) return { code: error.code, message: error.message };
    throw error;
  }
}

/** What users call a registry. */
export function registryName(server: string): string {
  return server === DOCKER_HUB_SERVER ? 'Docker Hub' : server;
}

/** What Docker has stored: `undefined` instead of the password for an identity token. */
interface Stored {
  readonly username: string;
  readonly password: string | undefined;
}

/** In Docker's own order: a variable, the helper of the registry, the helper of all registries, the file. */
async function storedAt(server: string, environment: NodeJS.ProcessEnv): Promise<Stored | undefined> {
  const fromVariable = loginIn(authsOf(environment.DOCKER_AUTH_CONFIG), server);
  if (fromVariable !== undefined) return fromVariable;
  const config = readDockerConfig(environment);
  const helper = helperFor(server, config);
  return helper === undefined ? loginIn(config.auths, server) : fromHelper(helper, server, environment);
}

function authsOf(variable: string | undefined): DockerConfig['auths'] {
  const text = nonEmpty(variable);
  if (text === undefined) return undefined;
  try {
    return (JSON.parse(text) as DockerConfig).auths;
  } catch {
    // Docker ignores it, too.
    return undefined;
  }
}

function helperFor(server: string, { credHelpers = {}, credsStore }: DockerConfig): string | undefined {
  const own = Object.entries(credHelpers).find(([registry]) => serverOf(registry) === server);
  return own?.[1] ?? nonEmpty(credsStore);
}

function loginIn(auths: DockerConfig['auths'], server: string): Stored | undefined {
  const stored = auths?.[server] ?? Object.entries(auths ?? {}).find(([key]) => serverOf(key) === server)?.[1];
  if (nonEmpty(stored?.identitytoken) !== undefined) return { username: '', password: undefined };
  const auth = nonEmpty(stored?.auth);
  if (auth === undefined) return undefined;
  const text = Buffer.from(auth, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return { username: text.slice(0, colon), password: text.slice(colon + 1).replace(/\0+$/, '') };
}

/** https://github.com/docker/docker-credential-helpers: the server on stdin, a JSON document on stdout. */
async function fromHelper(name: string, server: string, env: NodeJS.ProcessEnv): Promise<Stored | undefined> {
  const program = `docker-credential-${name}`;
  const { error, stdout, stderr } = await run(program, server, env);
  // Helpers report a missing login as a failure with this text.
  if (error !== null && /credentials not found|no credentials server URL/i.test(stdout + stderr)) return undefined;
  const failed = (reason: string): CommandError =>
    new CommandError(
      'registry-login-unusable',
      `The credential helper ${program}, which Docker's config.json sets for ${registryName(server)}, failed: ${reason}. ` +
        `Install it on the PATH and check that it works: echo ${server} | ${program} get`,
    );
  if (error !== null) throw failed((stdout + stderr).trim() || error.message);
  try {
    const { Username, Secret } = JSON.parse(stdout) as { Username: string; Secret: string };
    return { username: Username, password: Username === '<token>' ? undefined : Secret };
  } catch {
    // The output may contain a password.
    throw failed('its output is not a JSON document');
  }
}

function run(
  program: string,
  input: string,
  env: NodeJS.ProcessEnv,
): Promise<{ error: Error | null; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = execFile(program, ['get'], { env, timeout: 30_000 }, (error, stdout, stderr) => {
      resolve({ error, stdout, stderr });
    });
    // A program that does not exist has no input.
    child.stdin?.on('error', () => undefined).end(input);
  });
}

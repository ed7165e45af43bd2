import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import type { RequestOptions } from 'node:https';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where the engine's API is. */
export interface EngineAddress {
  /** As `DOCKER_HOST` spells it. */
  readonly text: string;
  /** How to reach it over HTTP; `undefined` for what Terraform alone can reach, such as `ssh://`. */
  readonly request: RequestOptions | undefined;
  /** Whether a port that a container publishes is a port of this machine. */
  readonly isThisMachine: boolean;
  /**
   * Whether it is certain that the engine mounts files of this machine. A port of this machine may lead to another one,
   * or into a virtual machine.
   */
  readonly hasOurFiles: boolean;
}

/**
 * The engine that the provider will talk to: `DOCKER_CONTEXT` before what the stack says before `DOCKER_HOST`, in the
 * provider's own order, so that what is looked at is what is changed.
 * @param fromStack what the stack's engine was given
 */
export function engineAddress(fromStack: string | undefined, environment = process.env): EngineAddress {
  const context = given(environment.DOCKER_CONTEXT);
  const text =
    (context === undefined || context === 'default' ? undefined : hostOf(context, environment)) ??
    given(fromStack) ??
    given(environment.DOCKER_HOST) ??
    'unix:///var/run/docker.sock';
  const [, scheme, rest = ''] = /^([a-z]+):\/\/(.*)$/.exec(text) ?? [];
  if (scheme === 'unix') return { text, request: { socketPath: rest }, isThisMachine: true, hasOurFiles: true };
  if (scheme === 'tcp' || scheme === 'http' || scheme === 'https') return overTcp(text, environment);
  return { text, request: undefined, isThisMachine: false, hasOurFiles: scheme === 'npipe' };
}

function overTcp(text: string, environment: NodeJS.ProcessEnv): EngineAddress {
  const { hostname, port } = new URL(text.replace(/^tcp:/, 'http:'));
  const folder = given(environment.DOCKER_CERT_PATH);
  const read = (file: string): Buffer => readFileSync(join(folder ?? '', file));
  const certificates = folder === undefined ? {} : { ca: read('ca.pem'), cert: read('cert.pem'), key: read('key.pem') };
  return {
    text,
    // A URL has brackets around an address of IPv6, and a socket has none.
    request: {
      hostname: hostname.replace(/^\[(.*)\]$/, '$1'),
      port: port === '' ? 2375 : Number(port),
      ...certificates,
    },
    isThisMachine: ['localhost', '127.0.0.1', '[::1]'].includes(hostname),
    hasOurFiles: false,
  };
}

/** An empty variable counts as none, for Docker, the provider and cdktf alike. */
export function given(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}

/** Docker keeps a context in a folder that is named by the hash of its name. */
function hostOf(context: string, environment: NodeJS.ProcessEnv): string {
  const folder = given(environment.DOCKER_CONFIG) ?? join(homedir(), '.docker');
  const id = createHash('sha256').update(context).digest('hex');
  const file = join(folder, 'contexts', 'meta', id, 'meta.json');
  const unknown = `context://${context}`;
  if (!existsSync(file)) return unknown;
  const metadata = JSON.parse(readFileSync(file, 'utf8')) as { Endpoints?: { docker?: { Host?: string } } };
  return metadata.Endpoints?.docker?.Host ?? unknown;
}

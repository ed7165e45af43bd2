import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import type { RequestOptions } from 'node:https';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** The address of the engine's API. */
export interface EngineAddress {
  /** In the form of `DOCKER_HOST`. */
  readonly text: string;
  /** How to reach it over HTTP; `undefined` for an address that only Terraform can reach, such as `ssh://`. */
  readonly request: RequestOptions | undefined;
  /** Whether published ports are ports of this machine. */
  readonly isThisMachine: boolean;
  /**
   * Whether bind mounts certainly are files of this machine. A TCP port of this machine may be a tunnel to another one,
   * or to a virtual machine.
   */
  readonly hasOurFiles: boolean;
}

/**
 * The engine that the provider will use. `DOCKER_CONTEXT` takes precedence over the stack, and the stack over
 * `DOCKER_HOST`: the provider's own order, so that the engine that is checked is the one that is changed.
 * @param fromStack the `host` of the stack's engine
 */
export function engineAddress(fromStack: string | undefined, environment = process.env): EngineAddress {
  const context = nonEmpty(environment.DOCKER_CONTEXT);
  const text =
    (context === undefined || context === 'default' ? undefined : hostOf(context, environment)) ??
    nonEmpty(fromStack) ??
    nonEmpty(environment.DOCKER_HOST) ??
    'unix:///var/run/docker.sock';
  const [, scheme, rest = ''] = /^([a-z]+):\/\/(.*)$/.exec(text) ?? [];
  if (scheme === 'unix') return { text, request: { socketPath: rest }, isThisMachine: true, hasOurFiles: true };
  if (scheme === 'tcp' || scheme === 'http' || scheme === 'https') return overTcp(text, environment);
  return { text, request: undefined, isThisMachine: false, hasOurFiles: scheme === 'npipe' };
}

function overTcp(text: string, environment: NodeJS.ProcessEnv): EngineAddress {
  const { hostname, port } = new URL(text.replace(/^tcp:/, 'http:'));
  const folder = nonEmpty(environment.DOCKER_CERT_PATH);
  const read = (file: string): Buffer => readFileSync(join(folder ?? '', file));
  const certificates = folder === undefined ? {} : { ca: read('ca.pem'), cert: read('cert.pem'), key: read('key.pem') };
  return {
    text,
    // IPv6 addresses have brackets in a URL, but not in a socket address.
    request: {
      hostname: hostname.replace(/^\[(.*)\]$/, '$1'),
      port: port === '' ? 2375 : Number(port),
      ...certificates,
    },
    isThisMachine: ['localhost', '127.0.0.1', '[::1]'].includes(hostname),
    hasOurFiles: false,
  };
}

/** Docker, the provider and cdktf all ignore an empty variable. */
export function nonEmpty(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}

/** Docker stores a context in a folder named after the hash of its name. */
function hostOf(context: string, environment: NodeJS.ProcessEnv): string {
  const folder = nonEmpty(environment.DOCKER_CONFIG) ?? join(homedir(), '.docker');
  const id = createHash('sha256').update(context).digest('hex');
  const file = join(folder, 'contexts', 'meta', id, 'meta.json');
  const unknown = `context://${context}`;
  if (!existsSync(file)) return unknown;
  const metadata = JSON.parse(readFileSync(file, 'utf8')) as { Endpoints?: { docker?: { Host?: string } } };
  return metadata.Endpoints?.docker?.Host ?? unknown;
}

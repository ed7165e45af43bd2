import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EngineAddress } from './address';

/**
 * The environment in which the Docker provider reaches exactly this engine. Alone it would let `DOCKER_CONTEXT` win over
 * the `host` of its configuration, ignore the certificates of a context, ignore `docker context use`, and use
 * `DOCKER_CERT_PATH` also for a socket and for ssh, which then fail.
 */
export function providerEnvironment({ text, tls }: EngineAddress, environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const others = Object.entries(environment).filter(([variable]) => !VARIABLES.includes(variable));
  const result: NodeJS.ProcessEnv = { ...Object.fromEntries(others), DOCKER_HOST: text };
  if (tls === undefined) return result;
  if (tls.verifies) return { ...result, DOCKER_CERT_PATH: tls.folder, DOCKER_TLS_VERIFY: '1' };
  // The provider always checks the engine's certificate against the one in the folder, and never without an authority.
  const read = (file: string): string => readFileSync(join(tls.folder, file), 'utf8');
  return { ...result, DOCKER_CERT_MATERIAL: read('cert.pem'), DOCKER_KEY_MATERIAL: read('key.pem') };
}

const VARIABLES = [
  'DOCKER_CONTEXT',
  'DOCKER_CERT_PATH',
  'DOCKER_TLS_VERIFY',
  'DOCKER_TLS',
  'DOCKER_CA_MATERIAL',
  'DOCKER_CERT_MATERIAL',
  'DOCKER_KEY_MATERIAL',
  // Makes provider 3.9.0 panic.
  'DOCKER_SSH_OPTS',
];

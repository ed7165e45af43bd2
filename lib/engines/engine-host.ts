import { invalidValue, TradingStackError } from '../errors';
import { hasForm } from '../platform/plain-values';
import type { WorkloadSpec } from '../platform/spec';

/** @throws TradingStackError unless it is the address of an engine's API, or nothing */
export function checkEngineHost(host: string | undefined, where: string): string | undefined {
  if (host === undefined || host === '' || hasForm(host, /^(unix|npipe|ssh|tcp|https?):\/\/\S+$/)) return host;
  throw invalidValue(where, 'host', host, "the address of an engine as DOCKER_HOST has it: 'ssh://desk@trading-1'");
}

/**
 * Docker makes an empty folder where a mounted file is missing, and a server such as Redis then starts without a password.
 * @throws TradingStackError if a container would mount secrets of this machine on an engine that may be on another one
 */
export function refuseSecretsElsewhere({ path, secrets }: WorkloadSpec, host: string | undefined): void {
  // Behind a port of this machine, too, there may be a tunnel or a virtual machine.
  if (secrets.length === 0 || host === undefined || host === '' || /^(unix|npipe):/.test(host)) return;
  throw new TradingStackError(
    'invalid-value',
    path,
    `its secrets (${secrets.map(({ secret }) => secret.name).join(', ')}) are files of the machine that deploys, and ` +
      `the engine at ${host} may be on another one, where its container would start without them`,
    'Deploy on the server itself, without `host` of Engine.docker, or use an engine of this machine: remote engines get ' +
      'secrets in a later version',
  );
}

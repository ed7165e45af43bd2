import { DockerProvider } from '@cdktf/provider-docker/lib/provider';
import { type TerraformProvider, TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import { invalidValue, TradingStackError } from '../errors';
import { hasForm } from '../options/form';
import type { WorkloadSpec } from '../platform/spec';

/**
 * Version of the Docker provider that the output requires. The typed bindings were generated from 3.6.2, which crashes
 * on a CPU limit; 3.9.0 is the last 3.x and has every field of 3.6.2.
 */
export const DOCKER_PROVIDER_VERSION = '3.9.0';

/** A registry that the provider has to know. */
export interface RegistryAccess {
  /** Host, and port; with `http://` in front of a registry without TLS. */
  readonly address: string;
  /** Whether it requires the login of the deploying machine. */
  readonly needsLogin: boolean;
}

/** Creates the Docker provider of a stack. */
export function createProvider(
  scope: Construct,
  id: string,
  host: string | undefined,
  registries: readonly RegistryAccess[],
): TerraformProvider {
  TerraformStack.of(scope).addOverride('terraform.required_providers.docker.version', DOCKER_PROVIDER_VERSION);
  return new DockerProvider(scope, id, {
    ...(host !== undefined && { host }),
    ...(registries.length > 0 && { registryAuth: registries.map(registryAuth) }),
  });
}

/** The provider refuses to push to a registry that is not in its configuration. */
function registryAuth({ address, needsLogin }: RegistryAccess): { address: string; authDisabled?: boolean } {
  return { address, ...(!needsLogin && { authDisabled: true }) };
}

/**
 * The address of an engine's API, if it is set: Docker and the provider treat an empty one as not set.
 * @throws TradingStackError unless it is such an address
 */
export function checkEngineHost(host: string | undefined, where: string, property = 'host'): string | undefined {
  if (host === undefined || host === '') return undefined;
  if (hasForm(host, /^(unix|npipe|ssh|tcp|https?):\/\/\S+$/)) return host;
  throw invalidValue(where, property, host, "the address of an engine, as in DOCKER_HOST: 'ssh://desk@trading-1'");
}

/** @throws TradingStackError unless each is the host of a registry, as in `docker login` */
export function checkRegistries(registries: readonly string[], where: string): readonly string[] {
  registries.forEach((registry, index) => {
    if (hasForm(registry, /^(https?:\/\/)?[A-Za-z0-9.-]+(:[0-9]+)?(\/\S*)?$/)) return;
    const allowed = "the host of a registry, as in `docker login`: 'ghcr.io'";
    throw invalidValue(where, `registries[${index}]`, registry, allowed);
  });
  return registries;
}

/**
 * Docker creates an empty folder where a mounted file is missing, and a server such as Redis then starts without a
 * password.
 * @throws TradingStackError `remote-secrets` if a container mounts secrets of this machine on an engine that may be on
 * another one
 */
export function refuseRemoteSecrets({ path, secrets }: WorkloadSpec, host: string | undefined): void {
  // A port of this machine, too, may lead through a tunnel or into a virtual machine.
  if (secrets.length === 0 || host === undefined || /^(unix|npipe):/.test(host)) return;
  throw new TradingStackError(
    'remote-secrets',
    path,
    `its secrets (${secrets.map(({ secret }) => secret.name).join(', ')}) are files of the machine that deploys, but ` +
      `the engine at ${host} may be on another one, where the container would start without them`,
    'Deploy on the server itself and remove `host` from Engine.docker, or use Engine.swarm, which sends secrets to the ' +
      'engine',
  );
}

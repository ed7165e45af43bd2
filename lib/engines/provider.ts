import { DockerProvider } from '@cdktf/provider-docker/lib/provider';
import { type TerraformProvider, TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import { satisfies, valid } from 'semver';
import { invalidValue } from '../errors';
import { hasForm } from '../options/form';
import type { RegistryAccess } from '../platform/container-engine';
import { warn } from '../platform/warnings';
import { registriesInProvider } from './registries';

/**
 * Version of the Docker provider that the output requires. The typed bindings were generated from 3.6.2, which crashes
 * on a CPU limit; 3.9.0 is the last 3.x and has every field of 3.6.2.
 */
export const DOCKER_PROVIDER_VERSION = '3.9.0';

/** The versions that the MT5 example was deployed, changed and removed with. */
const TESTED_PROVIDER_VERSIONS: readonly string[] = ['3.9.0', '4.5.0'];

/** Older versions lack fields that the output has; a new major version removes some. */
const SUPPORTED_PROVIDER_VERSIONS = '>=3.9.0 <5.0.0';

/** @throws TradingStackError `invalid-value` unless it is a version of the provider that has all fields of the output */
export function checkProviderVersion(version: string | undefined, where: string): string {
  if (version === undefined) return DOCKER_PROVIDER_VERSION;
  if (valid(version) === version && satisfies(version, SUPPORTED_PROVIDER_VERSIONS)) return version;
  const allowed = `one version of kreuzwerker/docker from 3.9.0 to 4.x: '${TESTED_PROVIDER_VERSIONS.join("' or '")}'`;
  throw invalidValue(where, 'providerVersion', version, allowed);
}

/** Creates the Docker provider of a stack. */
export function createProvider(
  scope: Construct,
  id: string,
  host: string | undefined,
  registries: readonly RegistryAccess[],
  version: string,
): TerraformProvider {
  TerraformStack.of(scope).addOverride('terraform.required_providers.docker.version', version);
  if (!TESTED_PROVIDER_VERSIONS.includes(version)) {
    const tested = TESTED_PROVIDER_VERSIONS.map((one) => `providerVersion: '${one}'`).join(' or ');
    warn(TerraformStack.of(scope), 'provider-untested', `version ${version}, not ${tested}`);
  }
  return new DockerProvider(scope, id, {
    ...(host !== undefined && { host }),
    ...(registries.length > 0 && { registryAuth: registriesInProvider(registries).map(registryAuth) }),
  });
}

/** The provider refuses to push to a registry that is not in its configuration. */
function registryAuth({ address, needsLogin }: RegistryAccess): { address: string; authDisabled?: boolean } {
  return { address, ...(!needsLogin && { authDisabled: true }) };
}

/** Variable that the command line sets for Terraform: it delivers secrets to a remote engine before they are needed. */
export const DELIVERY_VARIABLE = 'cdktf_trading_stack_delivers_secrets';

/**
 * Whether the engine at an address may be on another machine. A TCP port of this machine may lead through a tunnel or
 * into a virtual machine.
 */
export function isRemoteHost(host: string | undefined): boolean {
  return host !== undefined && !/^(unix|npipe):/.test(host);
}

/**
 * The address of an engine's API, if it is set: Docker and the provider treat an empty one as not set.
 * @throws TradingStackError unless it is such an address
 */
export function checkEngineHost(host: string | undefined, where: string, property = 'host'): string | undefined {
  if (host === undefined || host === '') return undefined;
  if (!hasForm(host, /^(unix|npipe|ssh|tcp|https?):\/\/\S+$/)) {
    throw invalidValue(where, property, host, "the address of an engine, as in DOCKER_HOST: 'ssh://desk@trading-1'");
  }
  // Docker's own client adds the port, and the provider does not.
  if (/^(tcp|https?):/.test(host) && !/:\d+\/?$/.test(host)) {
    throw invalidValue(
      where,
      property,
      host,
      'the address with its port, which is usually 2376 with TLS: tcp://server:2376',
    );
  }
  return host;
}

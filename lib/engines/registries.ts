import { invalidValue } from '../errors';
import { hasForm } from '../options/form';
import type { RegistryAccess } from '../platform/container-engine';

/** Docker Hub under every name that an image or a login may have. */
const DOCKER_HUB_NAMES: readonly string[] = [
  'docker.io',
  'index.docker.io',
  'registry-1.docker.io',
  'registry.hub.docker.com',
  'hub.docker.com',
];

/** The names of Docker Hub under which the provider searches for its login: an image without a registry has the first. */
export const DOCKER_HUB_IN_PROVIDER: readonly string[] = ['registry-1.docker.io', 'docker.io', 'index.docker.io'];

/** @throws TradingStackError unless each is the host of a registry, as in `docker login` */
export function checkRegistries(registries: readonly string[], where: string): readonly string[] {
  registries.forEach((registry, index) => {
    if (hasForm(registry, /^(https?:\/\/)?[A-Za-z0-9.-]+(:[0-9]+)?(\/\S*)?$/)) return;
    const allowed = "the host of a registry, as in `docker login`: 'ghcr.io'";
    throw invalidValue(where, `registries[${index}]`, registry, allowed);
  });
  return registries;
}

/** Whether a registry, as in `docker login`, is Docker Hub. */
export function isDockerHub(registry: string): boolean {
  return DOCKER_HUB_NAMES.includes(registryHost(registry));
}

/** Host and port of a registry that may be given as a URL. */
export function registryHost(registry: string): string {
  return registry.replace(/^https?:\/\//, '').replace(/\/.*$/, '');
}

/** The registries under the names that the provider searches for, each once. */
export function registriesInProvider(registries: readonly RegistryAccess[]): readonly RegistryAccess[] {
  const named = registries.flatMap((registry) =>
    isDockerHub(registry.address) ? DOCKER_HUB_IN_PROVIDER.map((address) => ({ ...registry, address })) : [registry],
  );
  return named.filter(
    ({ address }, index) => named.findIndex((one) => registryHost(one.address) === registryHost(address)) === index,
  );
}

import { invalidValue, unsupported } from '../../errors';
import { each, type OptionShapes } from '../../options/options';
import type { ClusterSpec, RegistryAccess } from '../../platform/container-engine';
import type { ImageSpec } from '../../platform/spec';

/** A Swarm with several nodes. */
export interface SwarmClusterOptions {
  /**
   * Labels of the node that has the data. Services with volumes run there, unless their `placement` names another node.
   * Only one node may have them: `docker node update --label-add trading.data=true <node>`.
   * @default - none: a service with a volume needs a `placement`
   */
  readonly dataNode?: Readonly<Record<string, string>>;
  /**
   * Registry that built images are pushed to, so that all nodes can pull them: `registry.desk.example:5000`.
   * With `http://` in front of a registry without TLS, which has to be one of the `insecure-registries` of every daemon.
   * If it requires a login, list it in `registries`, too.
   * @default - none: an image that is built is an error
   */
  readonly registry?: string;
}

/** The shape of {@link SwarmClusterOptions}. */
export const CLUSTER_OPTIONS: OptionShapes<SwarmClusterOptions> = { dataNode: each('string'), registry: 'string' };

/**
 * The cluster as the engine uses it.
 * @throws TradingStackError for an invalid label or registry
 */
export function clusterOf(options: SwarmClusterOptions | undefined): ClusterSpec | null {
  if (options === undefined) return null;
  const { dataNode = {}, registry } = options;
  for (const part of Object.entries(dataNode).flat()) {
    if (/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(part)) continue;
    const allowed = "labels of letters, digits, dots, hyphens and underscores: { 'trading.data': 'true' }";
    throw invalidValue('Engine.swarm', 'cluster.dataNode', part, allowed);
  }
  if (registry !== undefined && !/^(https?:\/\/)?[a-z0-9.-]+(:[0-9]+)?(\/[a-z0-9._/-]+)?$/.test(registry)) {
    const allowed = "a host, with its port unless it is the default one: 'registry.desk.example:5000'";
    throw invalidValue('Engine.swarm', 'cluster.registry', registry, allowed);
  }
  return { dataNode, registry: registry?.replace(/^https:\/\//, '') ?? null };
}

/** The registries that require a login, and that of the cluster, which the provider pushes to. */
export function registriesOf(
  registries: readonly string[],
  cluster: SwarmClusterOptions | undefined,
): RegistryAccess[] {
  const named = registries.map((address) => ({ address, needsLogin: true }));
  if (cluster?.registry === undefined) return named;
  const own = cluster.registry.replace(/(?<!\/)\/(?!\/).*$/, '');
  const host = own.replace(/^https?:\/\//, '');
  const others = named.filter(({ address }) => address.replace(/^https?:\/\//, '') !== host);
  return [...others, { address: own, needsLogin: others.length < named.length }];
}

/**
 * The name of an image that is built on the manager, in the registry of the cluster, from which all nodes can pull it.
 * @throws TradingStackError `unsupported-by-engine` if the cluster has no registry
 */
export function nameInCluster({ name }: ImageSpec, cluster: ClusterSpec, where: string): string {
  if (cluster.registry === null) {
    throw unsupported(
      where,
      'swarm',
      `building the image ${name} without a registry that all nodes of the cluster can pull it from`,
      'Set cluster.registry of Engine.swarm, or use a published image: Image.fromRegistry',
    );
  }
  return `${cluster.registry.replace(/^http:\/\//, '')}/${name}`;
}

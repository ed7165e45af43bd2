import { invalidValue } from '../../errors';
import { checkNames, checkTexts } from '../../platform/plain-values';
import type { ClusterSpec, RegistryAccess } from '../../platform/container-engine';

/** What a stack has to know of a Swarm of several nodes. */
export interface SwarmClusterOptions {
  /**
   * Labels of the node that has the data; services with volumes run there, unless they name
   * another. Give them to one node only:
   * `docker node update --label-add trading.data=true <node>`.
   * @default - none: a service with a volume then says with `placement` where its data is
   */
  readonly dataNode?: Readonly<Record<string, string>>;
  /**
   * Registry that images which are built here are pushed to, for all nodes to pull them: `registry.desk.example:5000`.
   * With `http://` before it for one without a certificate, which every daemon then has to have among its
   * `insecure-registries`. Where it wants a login, it stands in `registries` too.
   * @default - none: an image that is built is an error
   */
  readonly registry?: string;
}

/**
 * The cluster as the engine takes it.
 * @throws TradingStackError for a label or a registry that cannot be one
 */
export function clusterOf(options: SwarmClusterOptions | undefined): ClusterSpec | null {
  if (options === undefined) return null;
  checkNames(options, 'cluster', 'Engine.swarm');
  const { dataNode = {}, registry } = options;
  checkTexts(dataNode, 'cluster.dataNode', 'Engine.swarm');
  for (const part of Object.entries(dataNode).flat()) {
    if (/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(part)) continue;
    const allowed = "labels of letters, digits, dots, hyphens and underscores: { 'trading.data': 'true' }";
    throw invalidValue('Engine.swarm', 'cluster.dataNode', part, allowed);
  }
  if (registry !== undefined && !/^(https?:\/\/)?[a-z0-9.-]+(:[0-9]+)?(\/[a-z0-9._/-]+)?$/.test(registry)) {
    const allowed = "a host, with its port where it has one of its own: 'registry.desk.example:5000'";
    throw invalidValue('Engine.swarm', 'cluster.registry', registry, allowed);
  }
  return { dataNode, registry: registry?.replace(/^https:\/\//, '') ?? null };
}

/** The registries that need a login, and that of the cluster, which the provider pushes to. */
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

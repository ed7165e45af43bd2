import type { TerraformResource } from 'cdktf';
import { invalidValue, TradingStackError } from '../../errors';
import type { NamespaceSpec, NamespacesSpec, WorkloadSpec } from '../../platform/spec';
import { attributeOf } from '../../platform/terraform';

/** A workload whose network, processes or memory another one shares. */
export interface NamespaceOwner {
  readonly spec: WorkloadSpec;
  /** Its only container. */
  readonly resource: TerraformResource;
  /** Name under which others on the network reach it. */
  readonly host: string;
}

/** The options of a workload by which it shares something, and those that need a network of its own. */
interface Sharing {
  readonly networkMode?: 'host' | 'none' | NamespaceOwner;
  readonly pid?: 'host' | NamespaceOwner;
  readonly ipc?: 'host' | 'none' | 'private' | 'shareable' | NamespaceOwner;
  readonly networks?: readonly unknown[];
  readonly ports?: readonly unknown[];
  readonly aliases?: readonly string[];
  readonly hostname?: string;
  readonly dns?: readonly string[];
  readonly extraHosts?: readonly unknown[];
}

/** The workload whose network this one shares. */
export function networkOwner({ networkMode }: Sharing): NamespaceOwner | undefined {
  return typeof networkMode === 'object' ? networkMode : undefined;
}

/**
 * What a container shares.
 * @throws TradingStackError for something else than the host or a workload, or with an option that needs a network of
 *   its own
 */
export function resolveNamespaces(options: Sharing, where: string): NamespacesSpec {
  if (options.networkMode !== undefined) refuseOwnNetwork(options, where);
  return {
    network: namespace(options.networkMode, ['host', 'none'], 'networkMode', where),
    pid: namespace(options.pid, ['host'], 'pid', where),
    ipc: namespace(options.ipc, ['host', 'none', 'private', 'shareable'], 'ipc', where),
  };
}

function namespace<Mode extends string>(
  given: Mode | NamespaceOwner | undefined,
  modes: readonly Mode[],
  option: string,
  where: string,
): NamespaceSpec<Mode> | null {
  if (given === undefined) return null;
  if (typeof given === 'string') {
    if (modes.includes(given)) return given;
    throw invalidValue(where, option, given, `${modes.map((mode) => `'${mode}'`).join(', ')} or a Workload`);
  }
  // In plain JavaScript it may be anything, such as a service instead of its workload.
  const { spec } = (given as Partial<NamespaceOwner> | null) ?? {};
  if (spec === undefined) {
    throw new TradingStackError(
      'wrong-type',
      where,
      `${option} must be one of ${modes.map((mode) => `'${mode}'`).join(', ')} or a Workload`,
      `Use \`${option}: 'host'\`, or the workload of a service: \`${option}: vpn.workload\``,
    );
  }
  return { container: attributeOf(given.resource, 'id'), name: spec.name };
}

function refuseOwnNetwork(options: Sharing, where: string): void {
  const { networkMode, networks, ports = [], aliases, hostname, dns, extraHosts } = options;
  const isShared = typeof networkMode === 'object';
  const mode = isShared ? 'a networkMode of another workload' : `networkMode '${String(networkMode)}'`;
  const conflicts: Readonly<Record<string, boolean>> = {
    networks: networks !== undefined,
    ports: ports.length > 0,
    aliases: aliases !== undefined,
    hostname: isShared && hostname !== undefined,
    dns: isShared && dns !== undefined,
    extraHosts: isShared && extraHosts !== undefined,
  };
  const option = Object.keys(conflicts).find((name) => conflicts[name]);
  if (option === undefined) return;
  const fix = isShared ? `Set \`${option}\` on the other workload` : `Remove \`${option}\`, or networkMode`;
  throw new TradingStackError('option-conflict', where, `\`${option}\` has no effect with ${mode}`, fix);
}

/** The workloads under a name on the networks of a stack. */
interface Reached {
  readonly spec: Pick<WorkloadSpec, 'name' | 'aliases' | 'networks' | 'namespaces'>;
}

/**
 * @param networks that the consumer is on
 * @throws TradingStackError if something that it connects to is on none of its networks
 */
export function refuseUnreachable(
  consumer: Pick<WorkloadSpec, 'path' | 'networks' | 'namespaces'>,
  networks: WorkloadSpec['networks'],
  connections: readonly { readonly from: string; readonly host?: string }[],
  workloads: readonly Reached[],
): void {
  const own = new Set(networks.map(({ id }) => id));
  for (const { from, host } of connections) {
    const targets = workloads.filter(({ spec }) => host !== undefined && [spec.name, ...spec.aliases].includes(host));
    if (targets.length === 0 || targets.some(({ spec }) => spec.networks.some(({ id }) => own.has(id)))) continue;
    throw notReachable(consumer, from, targets[0]?.spec.networks.map(({ name }) => name) ?? []);
  }
}

function notReachable(
  { path, networks, namespaces }: Pick<WorkloadSpec, 'path' | 'networks' | 'namespaces'>,
  from: string,
  others: readonly string[],
): TradingStackError {
  if (namespaces.network !== null) {
    return new TradingStackError(
      'dependency-not-reachable',
      path,
      `it uses ${from}, whose name only containers on the network of the stack resolve`,
      `Publish a port of ${from} with PublishedPort.loopback, and use an ExternalEndpoint with host: '127.0.0.1' and ` +
        'that port',
    );
  }
  return new TradingStackError(
    'dependency-not-reachable',
    path,
    `it is on the network ${networks.map(({ name }) => name).join(', ')}, and uses ${from}, which is on ` +
      `${others.join(', ')} only`,
    'Add a network of the one to `networks` of the other',
  );
}

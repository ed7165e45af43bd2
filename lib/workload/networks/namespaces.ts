import { type TerraformResource, TerraformStack } from 'cdktf';
import { invalidValue, TradingStackError } from '../../errors';
import { shownPath } from '../../platform/naming';
import type { Platform, RegisteredWorkload } from '../../platform/platform';
import type { ExtraHostSpec, NamespaceSpec, NamespacesSpec, WorkloadSpec } from '../../platform/spec';
import { addressOf, attributeOf } from '../../platform/terraform';

/** A workload whose network, processes or memory another one shares. */
export interface NamespaceOwner {
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
  readonly dnsSearch?: readonly string[];
  readonly dnsOptions?: readonly string[];
  readonly extraHosts?: readonly unknown[];
}

/** The workload whose network one with these namespaces shares. */
export function networkOwner(
  { network }: NamespacesSpec,
  workloads: readonly RegisteredWorkload[],
): WorkloadSpec | undefined {
  if (network === null || typeof network === 'string') return undefined;
  const owner = workloads.find(({ spec }) => spec.name === network.name)?.spec;
  return owner && (networkOwner(owner.namespaces, workloads) ?? owner);
}

/**
 * What a container shares.
 * @throws TradingStackError for something else than the host or a workload of the stack, or with an option that needs a
 *   network of its own
 */
export function resolveNamespaces(options: Sharing, platform: Platform, where: string): NamespacesSpec {
  if (options.networkMode !== undefined) refuseOwnNetwork(options, where);
  return {
    network: namespace(options.networkMode, ['host', 'none'], 'networkMode', platform, where),
    pid: namespace(options.pid, ['host'], 'pid', platform, where),
    ipc: namespace(options.ipc, ['host', 'none', 'private', 'shareable'], 'ipc', platform, where),
  };
}

function namespace<Mode extends string>(
  given: Mode | NamespaceOwner | undefined,
  modes: readonly Mode[],
  option: string,
  platform: Platform,
  where: string,
): NamespaceSpec<Mode> | null {
  if (given === undefined) return null;
  if (typeof given === 'string') {
    if (modes.includes(given)) return given;
    throw invalidValue(where, option, given, `${modes.map((mode) => `'${mode}'`).join(', ')} or a Workload`);
  }
  // In plain JavaScript it may be anything, such as a service instead of its workload.
  const { resource } = (given as Partial<NamespaceOwner> | null) ?? {};
  if (resource === undefined) {
    throw new TradingStackError(
      'wrong-type',
      where,
      `${option} must be one of ${modes.map((mode) => `'${mode}'`).join(', ')} or a Workload`,
      `Use \`${option}: 'host'\`, or the workload of a service: \`${option}: vpn.workload\``,
    );
  }
  return { container: attributeOf(resource, 'id'), name: nameInStack(resource, option, platform, where) };
}

/** Name of the container behind a resource, to which only the configuration of its own stack can refer. */
function nameInStack(resource: TerraformResource, option: string, platform: Platform, where: string): string {
  const isOwn = TerraformStack.of(resource) === TerraformStack.of(platform);
  const own = platform.workloads.find(({ address }) => isOwn && address === addressOf(resource));
  if (own !== undefined) return own.spec.name;
  throw new TradingStackError(
    'dependency-not-reachable',
    where,
    `${option} is ${shownPath(resource)} of another stack, which is deployed separately`,
    'Create both workloads in the same stack',
  );
}

function refuseOwnNetwork(options: Sharing, where: string): void {
  const { networkMode, networks, ports = [], aliases, hostname, dns, dnsSearch, dnsOptions, extraHosts } = options;
  const isShared = typeof networkMode === 'object';
  const mode = isShared ? 'a networkMode of another workload' : `networkMode '${String(networkMode)}'`;
  const conflicts: Readonly<Record<string, boolean>> = {
    networks: networks !== undefined,
    ports: ports.length > 0,
    aliases: aliases !== undefined,
    hostname: isShared && hostname !== undefined,
    dns: isShared && dns !== undefined,
    dnsSearch: isShared && dnsSearch !== undefined,
    dnsOptions: isShared && dnsOptions !== undefined,
    extraHosts: isShared && extraHosts !== undefined,
  };
  const option = Object.keys(conflicts).find((name) => conflicts[name]);
  if (option === undefined) return;
  const fix = isShared ? `Set \`${option}\` on the other workload` : `Remove \`${option}\`, or networkMode`;
  throw new TradingStackError('option-conflict', where, `\`${option}\` has no effect with ${mode}`, fix);
}

/** What a connection needs of the network. */
interface Reachable {
  readonly from: string;
  readonly host?: string;
  readonly startAfter: readonly string[];
  readonly extraHosts: readonly ExtraHostSpec[];
}

/**
 * @param owner the workload whose network the consumer shares
 * @throws TradingStackError if something that it connects to is on none of its networks, or has a name that the owner
 *   does not resolve
 */
export function refuseUnreachable(
  consumer: Pick<WorkloadSpec, 'path' | 'networks' | 'namespaces'>,
  owner: WorkloadSpec | undefined,
  connections: readonly Reachable[],
  workloads: readonly RegisteredWorkload[],
): void {
  const own = new Set((owner ?? consumer).networks.map(({ id }) => id));
  for (const { from, host, startAfter, extraHosts } of connections) {
    if (owner !== undefined) refuseUnresolved(consumer, owner, from, extraHosts);
    if (host !== undefined) refuseWithoutNetwork(consumer, { from, startAfter }, workloads);
    const targets = workloads.filter(({ spec }) => host !== undefined && [spec.name, ...spec.aliases].includes(host));
    if (targets.length === 0 || targets.some(({ spec }) => spec.networks.some(({ id }) => own.has(id)))) continue;
    throw notReachable(consumer, owner, from, targets[0]?.spec.networks.map(({ name }) => name) ?? []);
  }
}

/** @throws TradingStackError if something that it connects to has no network */
export function refuseWithoutNetwork(
  { path }: Pick<WorkloadSpec, 'path'>,
  { from, startAfter }: Pick<Reachable, 'from' | 'startAfter'>,
  workloads: readonly RegisteredWorkload[],
): void {
  const target = workloads.find(
    ({ spec, address }) => spec.namespaces.network === 'none' && startAfter.includes(address),
  );
  if (target === undefined) return;
  throw new TradingStackError(
    'dependency-not-reachable',
    path,
    `it uses ${from}, which networkMode 'none' leaves without a network`,
    `Remove networkMode of ${target.spec.path}`,
  );
}

/** Docker refuses host names of its own for a container on the network of another one. */
function refuseUnresolved(
  { path }: Pick<WorkloadSpec, 'path'>,
  owner: WorkloadSpec,
  from: string,
  extraHosts: readonly ExtraHostSpec[],
): void {
  const missing = extraHosts.find(({ name }) => owner.extraHosts.every((extra) => extra.name !== name));
  if (missing === undefined) return;
  const { name, address } = missing;
  throw new TradingStackError(
    'dependency-not-reachable',
    path,
    `it uses ${from} at ${name}, which ${owner.path}, whose network it shares, does not resolve`,
    `Add \`extraHosts: [{ name: '${name}', address: '${address}' }]\` to ${owner.path}`,
  );
}

function notReachable(
  consumer: Pick<WorkloadSpec, 'path' | 'networks' | 'namespaces'>,
  owner: WorkloadSpec | undefined,
  from: string,
  others: readonly string[],
): TradingStackError {
  const [what, fix] = explain(consumer, owner, from, others);
  return new TradingStackError('dependency-not-reachable', consumer.path, what, fix);
}

function explain(
  { networks, namespaces }: Pick<WorkloadSpec, 'networks' | 'namespaces'>,
  owner: WorkloadSpec | undefined,
  from: string,
  others: readonly string[],
): readonly [what: string, fix: string] {
  switch ((owner?.namespaces ?? namespaces).network) {
    case 'none':
      return [`it uses ${from}, but networkMode 'none' leaves it without a network`, 'Remove `uses`, or networkMode'];
    case 'host':
      return [
        `it uses ${from}, whose name only containers on the network of the stack resolve`,
        `Publish a port of ${from} with PublishedPort.loopback, and use an ExternalEndpoint with host: '127.0.0.1' and ` +
          'that port',
      ];
  }
  const on = (given: WorkloadSpec['networks']): string => given.map(({ name }) => name).join(', ');
  const target = `uses ${from}, which is on ${others.join(', ')} only`;
  if (owner === undefined) {
    return [`it is on the network ${on(networks)}, and ${target}`, 'Put both on a common network with `networks`'];
  }
  return [
    `it shares the network of ${owner.path}, which is on ${on(owner.networks)}, and ${target}`,
    `Add the network ${others.join(' or ')} to \`networks\` of ${owner.path}`,
  ];
}

import { invalidValue, TradingStackError } from '../errors';
import { checkAlias, checkDockerName, containerName, hostName, SERVICE_LABEL } from '../platform/naming';
import type { Platform } from '../platform/platform';
import { withOffset } from '../platform/ports';
import type { HealthCheckSpec, ImageReference, NetworkAttachmentSpec, WorkloadSpec } from '../platform/spec';
import { type Connection, type IConnectable, provisionAll } from './connections/connection';
import { resolveRestart } from './health/restarts';
import { startTimeout, withTimeToStart } from './health/timing';
import { isDatabase } from './images/catalog/catalog';
import { type INetwork, networkOf } from './networks/network';
import { networkOwner, refuseUnreachable, refuseWithoutNetwork, resolveNamespaces } from './networks/namespaces';
import { checkHostResources, gpuRequest } from './policies/host-resources';
import { checkNameResolution } from './policies/name-resolution';
import { Placement } from './policies/placement';
import { type Resources, resolveResources } from './policies/resources';
import { checkProcess, resolveRestrictions } from './policies/security';
import { UpdatePolicy } from './policies/update-policy';
import { resolveEnvironment } from './secrets/delivery';
import type { ServiceDefinition } from './service-definition';
import { checkMountPoints, resolveTmpfs } from './storage/mounts';
import { Cpu } from './units/cpu';
import { Size } from './units/size';
import { checkTransport } from './transport';
import type { WorkloadOptions, WorkloadProps } from './workload-props';

/** Limits of a workload unless it or its service sets others. */
const DEFAULT_RESOURCES: Resources = { cpus: Cpu.cores(1), memory: Size.mebibytes(512) };

/** The service that a workload belongs to, or the workload itself. */
interface Identity {
  readonly path: string;
  readonly id: string;
}

/**
 * What the engine runs: the options of the user, what the service adds, and defaults for the rest.
 * @throws TradingStackError if a value is invalid or contradicts another one
 */
export function specify(
  { path, id }: Identity,
  platform: Platform,
  image: ImageReference,
  props: WorkloadProps,
  service: ServiceDefinition,
): WorkloadSpec {
  checkValues(props, path);
  const defaults = service.defaults ?? {};
  const kind = service.kind ?? 'service';
  const engine = platform.engine.defaults[kind];
  const connections = [...(service.uses ?? []), ...(props.uses ?? [])].map((used) => connectionOf(used, path));
  refuseOtherStacks(connections, platform, path);
  const { exports, ...process } = resolveEnvironment(path, platform, props, service, connections);
  const files = [...(service.files ?? []), ...(props.files ?? [])].map((file) => file.bind(platform, path));
  const canBeReadOnly = files.length === 0 || engine.readOnlyRootWithFiles;
  const imageUser = props.image.settings(platform, path).user ?? null;
  const restrictions = resolveRestrictions(props, defaults, canBeReadOnly, imageUser);
  const { user, readOnlyRootFilesystem: readOnly, hardening, addCapabilities, dropCapabilities } = restrictions;
  const volumesOfOthers = new Set(connections.flatMap((connection) => connection.volumes ?? []));
  const volumes = [...(service.volumes ?? []), ...volumesOfOthers, ...(props.volumes ?? [])].map((mount) =>
    mount.volume.bind(platform, mount, path),
  );
  const bindMounts = (props.bindMounts ?? []).map((mount) => mount.bind(platform, path));
  const { hostPortOffset } = platform.defaults;
  const ports = platform.engine
    .publishedPorts(
      (props.ports ?? []).map((port) => port.toSpec()),
      path,
    )
    .map((port) => withOffset(port, hostPortOffset, path));
  const namespaces = resolveNamespaces(props, platform, path);
  const owner = networkOwner(namespaces, platform.workloads);
  const networks = namespaces.network === null ? attachedNetworks(props, platform, path) : [];
  const name = checkDockerName(props.name ?? containerName(platform.prefix, id), 'name', path);
  // Whatever has no network of its own has no name on one.
  const aliases = namespaces.network === null ? aliasesOf(id, props, path) : [];
  const host = hostOn(owner ?? { name, aliases, networks });
  const checked = props.healthCheck?.basedOn(defaults.healthCheck, path) ?? defaults.healthCheck;
  const ownCheck = checked?.toSpec(host, exports) ?? null;
  const healthCheck = withTimeToStart(ownCheck, props.startTimeout, engine);
  refuseUnreachable({ path, networks, namespaces }, owner, connections, platform.workloads);
  // The job of a server names it without its host, and connects to it nevertheless.
  for (const used of kind === 'job' ? (service.uses ?? []) : []) {
    refuseWithoutNetwork({ path }, used.connection(), platform.workloads);
  }
  const hostPorts = namespaces.network === 'host' ? listeningPorts(service, healthCheck) : [];
  const replicas = props.replicas ?? 1;
  const placement = Placement.toSpec(props.placement ?? []);
  const stopGracePeriodSeconds =
    (props.stopGracePeriod ?? defaults.stopGracePeriod)?.toWholeSeconds() ?? platform.defaults.stopGracePeriodSeconds;
  const updated = { path, replicas, volumes, ports, hostPorts, healthCheck, placement, stopGracePeriodSeconds };
  const updates = props.updatePolicy ?? (engine.updates ? UpdatePolicy.for(updated) : undefined);

  const logged = { stack: platform.prefix, service: id, hostPortOffset };
  const init = props.init ?? engine.init;
  const security = {
    addCapabilities,
    dropCapabilities,
    noNewPrivileges: props.noNewPrivileges ?? engine.noNewPrivileges,
    privileged: props.privileged ?? false,
    options: props.securityOptions ?? [],
  };

  const spec: WorkloadSpec = {
    path,
    name,
    kind,
    replicas,
    aliases,
    image,
    ...process,
    labels: { ...platform.defaults.labels, [SERVICE_LABEL]: id, ...props.labels },
    user,
    imageUser,
    hardening,
    keepsFilesInVolumes: (service.volumes ?? []).length > 0,
    groups: props.groups ?? [],
    workingDirectory: props.workingDirectory ?? null,
    hostname: props.hostname ?? (owner === undefined ? defaults.hostname : undefined) ?? null,
    restart: resolveRestart(
      { path, kind, healthCheck, init, namespaces, security, volumes, bindMounts },
      {
        own: props.restartPolicy?.toSpec(),
        ofStack: platform.defaults.restart,
        isCuredByRestart: service.isCuredByRestart ?? true,
        holdsData: service.holdsData === true || isDatabase(props.image),
        lacksShell: props.image.lacks('sh', platform, path),
      },
      platform.engine,
    ),
    stopSignal: props.stopSignal ?? null,
    stopGracePeriodSeconds,
    init,
    readOnlyRootFilesystem: readOnly,
    tmpfs: resolveTmpfs(props.tmpfs ?? [], readOnly ? [...volumes, ...bindMounts] : undefined, path),
    volumes,
    bindMounts,
    files,
    networks,
    namespaces,
    hostPorts,
    ports,
    // On the network of another workload, that one resolves them.
    extraHosts:
      owner === undefined
        ? [...connections.flatMap((connection) => connection.extraHosts), ...(props.extraHosts ?? [])]
        : [],
    dns: props.dns ?? [],
    dnsSearch: props.dnsSearch ?? [],
    dnsOptions: props.dnsOptions ?? [],
    healthCheck,
    startTimeoutSeconds: startTimeout(kind, healthCheck, props.startTimeout, engine),
    resources: resolveResources(props.resources ?? {}, defaults.resources ?? DEFAULT_RESOURCES, service.minimum, path),
    security,
    devices: props.devices ?? [],
    gpus: gpuRequest(props.gpus),
    runtime: props.runtime ?? null,
    tty: props.tty ?? false,
    stdinOpen: props.stdinOpen ?? false,
    ulimits: props.ulimits ?? [],
    sysctls: props.sysctls ?? {},
    logging: props.logging?.toSpec(logged) ?? platform.defaults.logging(logged),
    placement,
    updates: updates?.toSpec(updated, platform.engine) ?? null,
    dependsOn: provisionAll(connections),
    connections: connections.flatMap(({ endpoint }) => endpoint ?? []),
  };
  checkMountPoints(spec);
  checkTransport(spec);
  return spec;
}

/** The id itself stays an alias: programs may have it in their configuration. */
function aliasesOf(id: string, { aliases }: WorkloadOptions, path: string): string[] {
  const names = (aliases ?? [id]).map((alias) => checkAlias(alias, 'the alias', path));
  return aliases === undefined ? [...new Set([hostName(id), ...names])] : names;
}

/** Name under which others reach it; `undefined` for something that is on no network. */
function hostOn({ name, aliases, networks }: Pick<WorkloadSpec, 'name' | 'aliases' | 'networks'>): string | undefined {
  return networks.length === 0 ? undefined : (aliases[0] ?? name);
}

function attachedNetworks(
  { networks }: WorkloadOptions,
  platform: Platform,
  path: string,
): readonly NetworkAttachmentSpec[] {
  if (networks === undefined) return [networkOf(platform).attach(platform, path)];
  const attached = networks.map((network, index) => {
    // In plain JavaScript it may be anything, such as the name of a network.
    if (typeof (network as Partial<INetwork> | null)?.attach === 'function') return network.attach(platform, path);
    const fix = "List networks: networks: [stack.network, Network.fromName('market')]";
    throw new TradingStackError('wrong-type', path, `networks[${index}] is not a network`, fix);
  });
  const ids = attached.map(({ id }) => id);
  const twice = attached.find(({ id }, index) => ids.indexOf(id) !== index);
  if (twice !== undefined) {
    throw invalidValue(path, 'networks', twice.name, 'each network once; `withAliases` takes several names');
  }
  if (attached.length > 0) return attached;
  throw invalidValue(path, 'networks', '[]', "one network or more, or networkMode: 'none' for none");
}

/** The ports that a program is known to listen on. */
function listeningPorts({ knownPorts = [] }: ServiceDefinition, healthCheck: HealthCheckSpec | null): number[] {
  const probe = healthCheck?.probe;
  return [...new Set([...knownPorts, ...(probe !== undefined && 'port' in probe ? [probe.port] : [])])];
}

function checkValues(options: WorkloadOptions, where: string): void {
  checkProcess(options, where);
  checkNameResolution(options, where);
  checkHostResources(options, where);
  if (options.startTimeout?.toMilliseconds() === 0) {
    throw invalidValue(where, 'startTimeout', '0 s', 'the time that a start may take: Duration.minutes(2)');
  }
}

/** The compiler checks this too, but in plain JavaScript the list may contain anything. */
function connectionOf(used: IConnectable, path: string): Connection {
  // What is not an object has been refused with the options, and fails here.
  if (typeof used !== 'object' || typeof (used as Partial<IConnectable>).connection === 'function') {
    return used.connection();
  }
  throw new TradingStackError(
    'wrong-type',
    path,
    '`uses` contains something that has no connection',
    'List constructs and endpoints: uses: [database, cache.endpoint.hostAndPort()]',
  );
}

function refuseOtherStacks(connections: readonly Connection[], platform: Platform, path: string): void {
  for (const { from, within } of connections) {
    if (within === null || within === platform.path) continue;
    throw new TradingStackError(
      'dependency-not-reachable',
      path,
      `it uses ${from} of another stack, which is on another network and is deployed separately`,
      `Publish a port of ${from} on an address that containers reach, such as that of docker0, with PublishedPort.on, ` +
        'and use an ExternalEndpoint',
    );
  }
}

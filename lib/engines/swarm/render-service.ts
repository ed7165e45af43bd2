import type { ServiceConfig } from '@cdktf/provider-docker/lib/service';
import { BUG, unsupported } from '../../errors';
import { contentHash } from '../../platform/content-hash';
import { LABEL_PREFIX } from '../../platform/naming';
import { nothingLeft, shortDuration } from '../rendering';
import { innerExpression, literal, literalMap, literals, sortedEntries } from '../../platform/terraform';
import {
  type BindMountSpec,
  type HealthCheckSpec,
  type PortSpec,
  replacedCheck,
  type ResourcesSpec,
  type RestartSpec,
  type VolumeMountSpec,
  type WorkloadSpec,
} from '../../platform/spec';
import type { SecretHandle } from '../../platform/secrets/secret-store';
import { isPlaced, renderPlacement } from './placement';
import { publishedPorts, refuseUnsupported } from './limits';
import type { ServiceFile } from './objects';
import { renderUpdates, rolloutTime } from './updates';

type ContainerSpec = ServiceConfig['taskSpec']['containerSpec'];
type Ports = Exclude<NonNullable<ServiceConfig['endpointSpec']>['ports'], undefined>;
type Mount = Extract<ContainerSpec['mounts'], readonly unknown[]>[number];

/**
 * The `docker_service` of a workload.
 * @param spec with a placement that takes into account where the data is
 * @param configs the Swarm configs of its files
 * @throws TradingStackError `unsupported-by-engine` for an option that a service of a Swarm cannot have
 */
export function renderService(spec: WorkloadSpec, configs: readonly ServiceFile[]): ServiceConfig {
  const {
    path,
    name,
    kind,
    replicas,
    aliases,
    image,
    entrypoint,
    command,
    environment,
    secretEnvironment,
    labels,
    user,
    imageUser: _imageUser,
    hardening: _hardening,
    keepsFilesInVolumes: _keepsFilesInVolumes,
    groups,
    workingDirectory,
    hostname,
    restart,
    stopSignal,
    stopGracePeriodSeconds,
    init,
    readOnlyRootFilesystem,
    tmpfs,
    volumes,
    bindMounts,
    secrets,
    files,
    networks,
    namespaces: _namespaces,
    hostPorts: _hostPorts,
    ports,
    extraHosts,
    dns,
    dnsSearch,
    dnsOptions,
    healthCheck,
    startTimeoutSeconds,
    resources,
    security,
    devices,
    gpus: _gpus,
    runtime: _runtime,
    tty: _tty,
    stdinOpen: _stdinOpen,
    ulimits,
    sysctls,
    logging,
    placement,
    updates,
    dependsOn,
    connections: _connections,
    ...unhandled
  } = spec;
  nothingLeft(unhandled);
  refuseUnsupported(spec);
  if (files.length !== configs.length) {
    throw unsupported(path, 'swarm', 'files without a Swarm config', BUG);
  }
  const ownCheck = replacedCheck(healthCheck);

  return {
    name,
    labels: renderLabels(labels),
    mode: { replicated: { replicas } },
    taskSpec: {
      containerSpec: {
        image: image.expression,
        // The command of a Swarm service is Docker's entrypoint, its args are Docker's command.
        ...(entrypoint && { command: literals(entrypoint) }),
        ...(command && { args: literals(command) }),
        env: renderEnvironment(environment, secretEnvironment),
        labels: renderContainerLabels(labels),
        ...(user !== null && { user }),
        ...(groups.length > 0 && { groups: [...groups] }),
        ...(workingDirectory !== null && { dir: literal(workingDirectory) }),
        ...(hostname !== null && { hostname }),
        ...(stopSignal !== null && { stopSignal }),
        stopGracePeriod: shortDuration(stopGracePeriodSeconds * 1000),
        readOnly: readOnlyRootFilesystem,
        ...renderCapabilities(security),
        mounts: [
          ...volumes.map(renderVolume),
          ...bindMounts.map(renderBindMount),
          ...tmpfs.map(({ path: target }): Mount => ({ type: 'tmpfs', target: literal(target) })),
          ...renderSharedMemory(spec),
        ],
        ...(secrets.length > 0 && {
          secrets: secrets.map(({ secret, path: at }) => ({
            ...objectOf(secret, path),
            fileName: literal(at),
            fileMode: 0o444,
          })),
        }),
        ...(configs.length > 0 && {
          configs: configs.map((file) => ({
            configId: file.id,
            configName: file.name,
            fileName: literal(file.path),
            fileMode: parseInt(file.mode, 8),
          })),
        }),
        ...(extraHosts.length > 0 && {
          hosts: extraHosts.map((extra) => ({ host: extra.name, ip: extra.address })),
        }),
        ...renderDns(spec),
        ...(ownCheck && { healthcheck: renderHealthCheck(ownCheck) }),
        ...(Object.keys(sysctls).length > 0 && { sysctl: literalMap(sysctls) }),
      },
      ...renderResources(resources),
      ...renderPlacement(placement),
      ...renderMountVersion(bindMounts),
      restartPolicy: renderRestart(restart),
      networksAdvanced: networks.map(({ id, aliases: further }) => ({ name: id, aliases: [...aliases, ...further] })),
      ...(logging.driver !== null && {
        logDriver: { name: literal(logging.driver), options: literalMap(logging.options) },
      }),
    },
    // A virtual address drops connections that were idle for 15 minutes, which breaks pools and brokers.
    endpointSpec: { mode: 'dnsrr', ports: renderPorts(ports, path) },
    ...renderUpdates(updates),
    ...(startTimeoutSeconds !== null && {
      convergeConfig: { delay: '1s', timeout: shortDuration(rolloutTime(spec, startTimeoutSeconds)) },
    }),
    // Swarm fills in the platforms of the image, and every plan would remove them again.
    ...(isPlaced(placement) && { lifecycle: { ignoreChanges: ['task_spec[0].placement[0].platforms'] } }),
    dependsOn: dependsOn.map((fqn) => ({ fqn })),
  };
}

function renderDns({ dns, dnsSearch, dnsOptions }: WorkloadSpec): Pick<ContainerSpec, 'dnsConfig'> {
  if (dns.length + dnsSearch.length + dnsOptions.length === 0) return {};
  return {
    dnsConfig: {
      nameservers: [...dns],
      ...(dnsSearch.length > 0 && { search: literals(dnsSearch) }),
      ...(dnsOptions.length > 0 && { options: literals(dnsOptions) }),
    },
  };
}

function renderEnvironment(
  environment: Readonly<Record<string, string>>,
  secretEnvironment: Readonly<Record<string, SecretHandle>>,
): Record<string, string> {
  return {
    ...literalMap(environment),
    ...Object.fromEntries(
      sortedEntries(secretEnvironment).map(([variable, secret]) => [
        variable,
        `\${chomp(file(${innerExpression(secret.hostPath)}))}`,
      ]),
    ),
  };
}

/**
 * The content of a bind mount may change while its path stays. The counter by which `docker service update --force`
 * replaces tasks takes any number, and the provider updates it in place.
 */
function renderMountVersion(bindMounts: WorkloadSpec['bindMounts']): Pick<ServiceConfig['taskSpec'], 'forceUpdate'> {
  const hashes = bindMounts.flatMap(({ contentHash: hash }) => hash ?? []);
  // Seven hexadecimal digits are an exact number for Terraform and the provider on any machine.
  return hashes.length > 0 ? { forceUpdate: parseInt(contentHash(hashes).slice(0, 7), 16) } : {};
}

function renderCapabilities(security: WorkloadSpec['security']): Partial<ContainerSpec> {
  const { addCapabilities, dropCapabilities } = security;
  return {
    ...(addCapabilities.length > 0 && { capAdd: literals(addCapabilities) }),
    ...(dropCapabilities.length > 0 && { capDrop: literals(dropCapabilities) }),
  };
}

function renderVolume(mount: VolumeMountSpec): Mount {
  return { type: 'volume', source: mount.volume, target: literal(mount.path), readOnly: mount.readOnly };
}

function renderBindMount(mount: BindMountSpec): Mount {
  return { type: 'bind', source: mount.source, target: literal(mount.path), readOnly: mount.readOnly };
}

/** A service has no shared-memory size; a tmpfs instead is bounded by the memory limit. */
function renderSharedMemory({ resources, tmpfs, volumes, bindMounts }: WorkloadSpec): Mount[] {
  const isMounted = [...tmpfs, ...volumes, ...bindMounts].some(({ path }) => path === '/dev/shm');
  return resources.shmSizeBytes === null || isMounted ? [] : [{ type: 'tmpfs', target: '/dev/shm' }];
}

function objectOf(secret: SecretHandle, path: string): { secretId: string; secretName: string } {
  if (secret.object === null) {
    throw unsupported(path, 'swarm', `the secret ${secret.name} of another engine`, BUG);
  }
  return { secretId: secret.object.id, secretName: secret.object.name };
}

function renderHealthCheck(check: HealthCheckSpec): NonNullable<ContainerSpec['healthcheck']> {
  return {
    test: literals(check.test),
    interval: shortDuration(check.intervalMilliseconds),
    timeout: shortDuration(check.timeoutMilliseconds),
    retries: check.retries,
    startPeriod: shortDuration(check.startPeriodMilliseconds),
  };
}

function renderResources(resources: ResourcesSpec): Pick<ServiceConfig['taskSpec'], 'resources'> {
  const limits = renderAmounts(resources.cpuMillis, resources.memoryBytes);
  const reservation = renderAmounts(resources.cpuReservationMillis, resources.memoryReservationBytes);
  // An empty block crashes the provider.
  return limits || reservation ? { resources: { ...(limits && { limits }), ...(reservation && { reservation }) } } : {};
}

function renderAmounts(
  cpuMillis: number | null,
  memoryBytes: number | null,
): { nanoCpus?: number; memoryBytes?: number } | undefined {
  if (cpuMillis === null && memoryBytes === null) return undefined;
  return {
    ...(cpuMillis !== null && { nanoCpus: cpuMillis * 1_000_000 }),
    ...(memoryBytes !== null && { memoryBytes }),
  };
}

/** Every field is set: a partial policy is a difference in every plan, and an update rewrites a missing one. */
function renderRestart(restart: RestartSpec): NonNullable<ServiceConfig['taskSpec']['restartPolicy']> {
  const conditions = { no: 'none', 'on-failure': 'on-failure', always: 'any', 'unless-stopped': 'any' };
  return {
    condition: conditions[restart.condition],
    delay: '5s',
    maxAttempts: restart.maximumRetries ?? 0,
    window: '0s',
  };
}

/** On the node of the task: without a virtual address there is no routing mesh to publish on. */
function renderPorts(ports: readonly PortSpec[], path: string): Ports {
  return publishedPorts(ports, path).map(({ container, host, protocol }) => ({
    targetPort: container,
    publishedPort: host,
    protocol,
    publishMode: 'host',
  }));
}

interface RenderedLabel {
  readonly label: string;
  readonly value: string;
}

/** The labels of a service, in the order of their names. */
function renderLabels(labels: Readonly<Record<string, string>>): RenderedLabel[] {
  return sortedEntries(labels).map(([label, value]) => ({ label: literal(label), value: literal(value) }));
}

/**
 * The labels of its containers, for `docker ps` and for log collectors: only those of this library, whose values never
 * change. When another one changed, the provider would replace the whole service, where a Swarm replaces one task after
 * another.
 */
function renderContainerLabels(labels: Readonly<Record<string, string>>): RenderedLabel[] {
  return renderLabels(labels).filter(({ label }) => label.startsWith(LABEL_PREFIX));
}

import type { ServiceConfig } from '@cdktf/provider-docker/lib/service';
import { unsupported } from '../../errors';
import { contentHash } from '../../platform/content-hash';
import { nothingLeft } from '../nothing-left';
import { shortDuration } from '../go-duration';
import { innerExpression } from '../../platform/reference';
import type {
  BindMountSpec,
  HealthCheckSpec,
  ResourcesSpec,
  RestartSpec,
  SecretHandle,
  TmpfsSpec,
  VolumeMountSpec,
  WorkloadSpec,
} from '../../platform/spec';
import { literal, literals, literalValues, sortedEntries } from '../../platform/terraform-text';
import { renderContainerLabels, renderLabels } from './render-labels';
import { isPlaced, renderPlacement } from './placement';
import { renderPorts } from './ports';
import { renderUpdates, rolloutTime } from './updates';

/** A file of the workload as a Swarm configuration object. */
export interface ServiceFile {
  /** Expressions of the object's id and name. */
  readonly id: string;
  readonly name: string;
  readonly path: string;
  readonly mode: string;
}

type ContainerSpec = ServiceConfig['taskSpec']['containerSpec'];
type Mount = Extract<ContainerSpec['mounts'], readonly unknown[]>[number];

/**
 * The `docker_service` of a workload. Its files have become configuration objects before, and its placement takes into
 * account where the data is.
 */
export function renderService(spec: WorkloadSpec, configurations: readonly ServiceFile[]): ServiceConfig {
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
    network,
    ports,
    extraHosts,
    dns,
    healthCheck,
    startTimeoutSeconds,
    resources,
    security,
    devices,
    gpus,
    ulimits,
    sysctls,
    logging,
    placement,
    updates,
    dependsOn,
    ...unhandled
  } = spec;
  nothingLeft(unhandled);
  const refuse = (asked: boolean, ask: string, hint: string): void => {
    if (asked) throw unsupported(path, 'swarm', ask, hint);
  };
  refuse(kind === 'job', 'a job as a service', 'The Swarm engine runs jobs as containers on the manager');
  refuse(init, 'an init process', 'Start the daemon with "init": true, or use an image with its own, such as tini');
  refuse(security.noNewPrivileges, 'no-new-privileges', 'Start the daemon with "no-new-privileges": true');
  refuse(security.privileged, 'a privileged container', 'Run this workload on Engine.docker()');
  refuse(security.options.length > 0, 'security options', 'Run this workload on Engine.docker()');
  refuse(devices.length > 0, 'devices', 'Mount the device file with a bind mount, or run on Engine.docker()');
  refuse(gpus !== null, 'GPUs', 'Use a generic resource of the node, or run on Engine.docker()');
  refuse(ulimits.length > 0, 'ulimits', 'Set "default-ulimits" of the daemon');
  refuse(resources.cpuset !== null, 'a fixed set of processors', 'Limit the share with resources.cpus');
  refuse(
    files.length !== configurations.length,
    'files without configuration objects',
    'This is a fault of the engine',
  );

  return {
    name,
    labels: renderLabels(labels),
    mode: { replicated: { replicas } },
    taskSpec: {
      containerSpec: {
        image: image.expression,
        // Swarm's words: its command is Docker's entry point, its args are Docker's command.
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
          ...tmpfs.map((one) => renderTmpfs(one, path)),
          ...renderSharedMemory(spec),
        ],
        ...(secrets.length > 0 && {
          secrets: secrets.map(({ secret, path: at }) => ({
            ...objectOf(secret, path),
            fileName: at,
            fileMode: 0o444,
          })),
        }),
        ...(configurations.length > 0 && {
          configs: configurations.map((file) => ({
            configId: file.id,
            configName: file.name,
            fileName: file.path,
            fileMode: parseInt(file.mode, 8),
          })),
        }),
        ...(extraHosts.length > 0 && {
          hosts: extraHosts.map((extra) => {
            refuse(extra.address === 'host-gateway', 'the host-gateway address', "Give the host's own address");
            return { host: extra.name, ip: extra.address };
          }),
        }),
        ...(dns.length > 0 && { dnsConfig: { nameservers: [...dns] } }),
        ...(healthCheck && { healthcheck: renderHealthCheck(healthCheck, path) }),
        ...(Object.keys(sysctls).length > 0 && { sysctl: literalValues(sysctls) }),
      },
      ...renderResources(resources),
      ...renderPlacement(placement),
      ...renderMountVersion(bindMounts),
      restartPolicy: renderRestart(restart),
      networksAdvanced: [{ name: network, aliases: [...aliases] }],
      ...(logging.driver !== null && {
        logDriver: { name: logging.driver, options: literalValues(logging.options) },
      }),
    },
    // A virtual address drops connections that were idle for 15 minutes, which breaks pools and brokers.
    endpointSpec: { mode: 'dnsrr', ports: renderPorts(ports, path) },
    ...renderUpdates(updates),
    ...(startTimeoutSeconds !== null && {
      convergeConfig: { delay: '1s', timeout: shortDuration(rolloutTime(spec, startTimeoutSeconds)) },
    }),
    // Swarm fills the platforms of the image in, and every plan would take them out again.
    ...(isPlaced(placement) && { lifecycle: { ignoreChanges: ['task_spec[0].placement[0].platforms'] } }),
    dependsOn: dependsOn.map((fqn) => ({ fqn })),
  };
}

function renderEnvironment(
  environment: Readonly<Record<string, string>>,
  secretEnvironment: Readonly<Record<string, SecretHandle>>,
): Record<string, string> {
  return {
    ...literalValues(environment),
    ...Object.fromEntries(
      sortedEntries(secretEnvironment).map(([variable, secret]) => [
        variable,
        `\${trimspace(file(${innerExpression(secret.hostPath)}))}`,
      ]),
    ),
  };
}

/**
 * What is mounted from the host may change without its path. The counter by which `docker service update --force`
 * replaces tasks takes any number, and the provider updates it in place.
 */
function renderMountVersion(bindMounts: WorkloadSpec['bindMounts']): Pick<ServiceConfig['taskSpec'], 'forceUpdate'> {
  const hashes = bindMounts.flatMap(({ contentHash: hash }) => hash ?? []);
  // Seven digits are a number that is no other one for Terraform and the provider, on any machine.
  return hashes.length > 0 ? { forceUpdate: parseInt(contentHash(hashes).slice(0, 7), 16) } : {};
}

function renderCapabilities(security: WorkloadSpec['security']): Partial<ContainerSpec> {
  const { addCapabilities, dropCapabilities } = security;
  return {
    ...(addCapabilities.length > 0 && { capAdd: [...addCapabilities] }),
    ...(dropCapabilities.length > 0 && { capDrop: [...dropCapabilities] }),
  };
}

function renderVolume(mount: VolumeMountSpec): Mount {
  return { type: 'volume', source: mount.volume, target: mount.path, readOnly: mount.readOnly };
}

function renderBindMount(mount: BindMountSpec): Mount {
  return { type: 'bind', source: mount.source, target: mount.path, readOnly: mount.readOnly };
}

function renderTmpfs({ path: target, sizeBytes }: TmpfsSpec, path: string): Mount {
  if (sizeBytes === null) return { type: 'tmpfs', target };
  // The field that holds the size crashes the provider.
  throw unsupported(path, 'swarm', `a size for ${target} in memory`, 'Leave the size out: it counts as memory');
}

/** A service has no shared-memory size; a file system in memory in its place is bounded by the memory limit. */
function renderSharedMemory({ resources, tmpfs, volumes, bindMounts }: WorkloadSpec): Mount[] {
  const isMounted = [...tmpfs, ...volumes, ...bindMounts].some(({ path }) => path === '/dev/shm');
  return resources.shmSizeBytes === null || isMounted ? [] : [{ type: 'tmpfs', target: '/dev/shm' }];
}

function objectOf(secret: SecretHandle, path: string): { secretId: string; secretName: string } {
  if (secret.object === null) {
    throw unsupported(path, 'swarm', `the secret ${secret.name} of another engine`, 'Create it in the same stack');
  }
  return { secretId: secret.object.id, secretName: secret.object.name };
}

function renderHealthCheck(check: HealthCheckSpec, path: string): NonNullable<ContainerSpec['healthcheck']> {
  if (check.startIntervalMilliseconds !== null) {
    throw unsupported(path, 'swarm', 'a start interval of the health check', 'Leave startInterval out');
  }
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

/** Every field is set: a partial policy is a difference in every plan, and none at all is rewritten by an update. */
function renderRestart(restart: RestartSpec): NonNullable<ServiceConfig['taskSpec']['restartPolicy']> {
  const conditions = { no: 'none', 'on-failure': 'on-failure', always: 'any', 'unless-stopped': 'any' };
  return {
    condition: conditions[restart.condition],
    delay: '5s',
    maxAttempts: restart.maximumRetries ?? 0,
    window: '0s',
  };
}

import type { ContainerConfig, ContainerMounts } from '@cdktf/provider-docker/lib/container';
import { contentHash } from '../../platform/content-hash';
import { goDuration, nothingLeft } from '../rendering';
import { CONFIGURATION_LABEL, SECRETS_FOLDER_LABEL, SECRETS_LABEL } from '../../platform/naming';
import { bindAddress } from '../../platform/ports';
import { innerExpression, literal, literalMap, literals, sortedEntries } from '../../platform/terraform';
import {
  type BindMountSpec,
  type DeviceSpec,
  isProbed,
  type HealthCheckSpec,
  type NamespaceSpec,
  replacedCheck,
  type WorkloadSpec,
} from '../../platform/spec';
import type { SecretHandle } from '../../platform/secrets/secret-store';
import type { Carrier } from './carrier';
import { renderConditions, secretHandles } from './conditions';
import { refuseUnsupported } from './limits';
import { renderSecurity } from './render-security';

const MEBI = 1024 ** 2;
const CPU_PERIOD_MICROSECONDS = 100_000;

/** Where the files are that a container mounts. */
export interface FilesOfHost {
  /** Whether bind mounts are paths of the engine's machine, which this machine cannot check. */
  readonly areRemote: boolean;
  /** The carrier of its secrets; `null` to mount their files, and for a container without secrets. */
  readonly carrier: Carrier | null;
}

const LOCAL_FILES: FilesOfHost = { areRemote: false, carrier: null };

/** The `docker_container` of a workload with one replica. */
export function renderContainer(spec: WorkloadSpec, hostFiles: FilesOfHost = LOCAL_FILES): ContainerConfig {
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
    namespaces,
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
    gpus,
    runtime,
    tty,
    stdinOpen,
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
  const { areRemote, carrier } = hostFiles;
  const ownCheck = replacedCheck(healthCheck);
  // Docker refuses to create a container with a missing mount, but creates an empty folder for a missing volume path.
  const mounts = [
    ...bindMounts.filter((mount) => !asVolume(mount, areRemote)).map(renderMount),
    ...(carrier === null
      ? secrets.map(({ secret, path: at }) => renderMount({ source: secret.hostPath, path: at, readOnly: true }))
      : []),
  ];

  const rendered = {
    name,
    image: image.expression,
    ...(entrypoint && { entrypoint: literals(entrypoint) }),
    ...(command && { command: literals(command) }),
    env: renderEnvironment(environment, secretEnvironment),
    ...(user !== null && { user }),
    ...(groups.length > 0 && { groupAdd: [...groups] }),
    ...(workingDirectory !== null && { workingDir: literal(workingDirectory) }),
    ...(hostname !== null && { hostname }),
    restart: restart.condition,
    ...(restart.maximumRetries !== null && { maxRetryCount: restart.maximumRetries }),
    ...(stopSignal !== null && { stopSignal }),
    // `docker stop` uses `stop_timeout`. The provider uses `destroy_grace_seconds`, and kills immediately without it.
    stopTimeout: stopGracePeriodSeconds,
    destroyGraceSeconds: stopGracePeriodSeconds,
    init,
    readOnly: readOnlyRootFilesystem,
    ...(tmpfs.length > 0 && {
      tmpfs: Object.fromEntries(
        tmpfs.map(({ path: at, sizeBytes, exec }) => [
          literal(at),
          [...(exec ? ['exec'] : []), ...(sizeBytes === null ? [] : [`size=${sizeBytes}`])].join(),
        ]),
      ),
    }),
    volumes: [
      ...volumes.map((mount) => ({
        volumeName: mount.volume,
        containerPath: literal(mount.path),
        readOnly: mount.readOnly,
      })),
      ...bindMounts
        .filter((mount) => asVolume(mount, areRemote))
        .map((mount) => ({
          hostPath: mount.source,
          containerPath: literal(mount.path),
          readOnly: mount.readOnly,
        })),
      ...(carrier === null ? [] : [{ fromContainer: `${carrier.name}:ro` }]),
    ],
    ...(mounts.length > 0 && { mounts }),
    ...(files.length > 0 && {
      upload: files.map((file) => ({
        file: literal(file.path),
        content: literal(file.content),
        permissions: file.mode,
      })),
    }),
    ...(namespaces.network === null
      ? {
          networksAdvanced: networks.map(({ id, aliases: further }) => ({
            name: id,
            aliases: [...aliases, ...further],
          })),
        }
      : { networkMode: renderNamespace(namespaces.network) }),
    ...(namespaces.pid !== null && { pidMode: renderNamespace(namespaces.pid) }),
    ...(namespaces.ipc !== null && { ipcMode: renderNamespace(namespaces.ipc) }),
    ...(tty && { tty }),
    ...(stdinOpen && { stdinOpen }),
    ...(runtime !== null && { runtime: literal(runtime) }),
    ports: ports.map((port) => ({
      internal: port.container,
      external: port.host,
      ip: bindAddress(port),
      protocol: port.protocol,
    })),
    ...(extraHosts.length > 0 && {
      host: extraHosts.map((extra) => ({ host: extra.name, ip: extra.address })),
    }),
    ...(dns.length > 0 && { dns: [...dns] }),
    ...(dnsSearch.length > 0 && { dnsSearch: literals(dnsSearch) }),
    ...(dnsOptions.length > 0 && { dnsOpts: literals(dnsOptions) }),
    ...(ownCheck && { healthcheck: renderHealthCheck(ownCheck) }),
    ...lifetime(kind, healthCheck, startTimeoutSeconds),
    // Not `cpus`: the provider reads 10, 0.05 and others back in another format, a difference in every plan.
    ...(resources.cpuMillis !== null && {
      cpuPeriod: CPU_PERIOD_MICROSECONDS,
      cpuQuota: (resources.cpuMillis * CPU_PERIOD_MICROSECONDS) / 1000,
    }),
    ...(resources.cpuset !== null && { cpuSet: resources.cpuset }),
    ...(resources.memoryBytes !== null && {
      // Without the second field the engine allows as much swap again, and every plan shows a difference.
      memory: resources.memoryBytes / MEBI,
      memorySwap: (resources.memoryBytes + resources.swapBytes) / MEBI,
    }),
    ...(resources.shmSizeBytes !== null && { shmSize: resources.shmSizeBytes / MEBI }),
    ...renderSecurity(security, namespaces),
    ...(devices.length > 0 && { devices: devices.map(renderDevice) }),
    ...(gpus !== null && { gpus }),
    ...(ulimits.length > 0 && { ulimit: ulimits.map((ulimit) => ({ ...ulimit, name: literal(ulimit.name) })) }),
    ...(Object.keys(sysctls).length > 0 && { sysctls: literalMap(sysctls) }),
    ...(logging.driver !== null && { logDriver: literal(logging.driver), logOpts: literalMap(logging.options) }),
    ...renderLifecycle(spec, carrier),
    dependsOn: dependsOn.map((fqn) => ({ fqn })),
  };
  return { ...rendered, labels: renderLabels(spec, configurationHash(rendered, spec), carrier) };
}

function renderNamespace(namespace: NamespaceSpec<string>): string {
  return typeof namespace === 'string' ? namespace : `container:${namespace.container}`;
}

/** The provider reads every request for GPUs back as `all`; the label with the configuration covers a change. */
function renderLifecycle(spec: WorkloadSpec, carrier: Carrier | null): Pick<ContainerConfig, 'lifecycle'> {
  const { lifecycle } = renderConditions(spec, carrier);
  const ignoreChanges = spec.gpus === null || spec.gpus === 'all' ? [] : ['gpus'];
  if (ignoreChanges.length === 0) return lifecycle === undefined ? {} : { lifecycle };
  return { lifecycle: { ...lifecycle, ignoreChanges } };
}

/** Whether Docker may create the source: it does so for a volume path, and refuses a missing mount. */
function asVolume({ ifMissing }: BindMountSpec, areRemote: boolean): boolean {
  return ifMissing === 'create' || (ifMissing === 'checked' && !areRemote);
}

function renderMount({ source, path, readOnly }: Pick<BindMountSpec, 'source' | 'path' | 'readOnly'>): ContainerMounts {
  return { type: 'bind', source, target: literal(path), readOnly };
}

function renderDevice({ hostPath, containerPath, permissions }: DeviceSpec): DeviceSpec {
  return { hostPath: literal(hostPath), containerPath: literal(containerPath), permissions };
}

function renderLabels(spec: WorkloadSpec, hash: string, carrier: Carrier | null): { label: string; value: string }[] {
  const versions = secretHandles(spec).map((secret) => innerExpression(secret.version));
  const [mounted] = carrier === null ? spec.secrets : [];
  const labels = sortedEntries({ ...spec.labels, [CONFIGURATION_LABEL]: hash });
  return [
    ...labels.map(([label, value]) => ({ label: literal(label), value: literal(value) })),
    ...(versions.length > 0 ? [{ label: SECRETS_LABEL, value: `\${join(".", [${versions.join(', ')}])}` }] : []),
    // The provider accepts another source of a mount without applying it.
    ...(mounted !== undefined
      ? [{ label: SECRETS_FOLDER_LABEL, value: `\${dirname(${innerExpression(mounted.secret.hostPath)})}` }]
      : []),
  ];
}

function renderEnvironment(
  environment: Readonly<Record<string, string>>,
  secretEnvironment: Readonly<Record<string, SecretHandle>>,
): string[] {
  return [
    ...sortedEntries(environment).map(([variable, value]) => `${variable}=${literal(value)}`),
    ...sortedEntries(secretEnvironment).map(
      ([variable, secret]) => `${variable}=\${chomp(file(${innerExpression(secret.hostPath)}))}`,
    ),
  ];
}

function renderHealthCheck(check: HealthCheckSpec): NonNullable<ContainerConfig['healthcheck']> {
  return {
    test: literals(check.test),
    interval: goDuration(check.intervalMilliseconds),
    timeout: goDuration(check.timeoutMilliseconds),
    retries: check.retries,
    startPeriod: goDuration(check.startPeriodMilliseconds),
    ...(check.startIntervalMilliseconds !== null && { startInterval: goDuration(check.startIntervalMilliseconds) }),
  };
}

function lifetime(
  kind: WorkloadSpec['kind'],
  healthCheck: HealthCheckSpec | null,
  startTimeoutSeconds: number | null,
): Partial<ContainerConfig> {
  // `must_run` would delete a job that has done its work; `attach` makes the deploy wait for its end.
  if (kind === 'job') return { mustRun: false, attach: true };
  return isProbed(healthCheck) && startTimeoutSeconds !== null ? { wait: true, waitTimeout: startTimeoutSeconds } : {};
}

/**
 * The provider accepts a change of the health check, the init process, a tmpfs or the CPU limit without applying it,
 * and likewise the removal of an option that the image sets, too. This hash covers everything except the attributes
 * that the provider really updates in place, so that any other change replaces the container. It is computed from the
 * rendered resource and not of the spec: renaming a field of the spec must not replace anything.
 */
function configurationHash(rendered: Omit<ContainerConfig, 'labels'>, spec: WorkloadSpec): string {
  const { image, env, volumes, mounts, restart, maxRetryCount, memory, memorySwap, ...rest } = rendered;
  const { wait, waitTimeout, lifecycle, dependsOn, ...configuration } = rest;
  const { secrets, secretEnvironment, environment, bindMounts, resources } = spec;
  return contentHash({
    ...configuration,
    environment,
    secretEnvironment: sortedEntries(secretEnvironment).map(([variable, secret]) => [variable, secret.name]),
    secrets: secrets.map((mount) => [mount.secret.name, mount.path]),
    volumes: spec.volumes.map(({ volume, path, readOnly }) => [volume, path, readOnly]),
    bindMounts: bindMounts.map((mount) => [mount.source, mount.path, mount.readOnly, mount.contentHash]),
    limitsMemory: resources.memoryBytes !== null,
    reservesMemory: resources.memoryReservationBytes !== null,
  });
}

import { BUG, invalidName, unsupported } from '../../errors';
import { bindAddress } from '../../platform/ports';
import type { FileSpec, PortSpec, WorkloadSpec } from '../../platform/spec';

/** @throws TradingStackError `unsupported-by-engine` for an option that a service of a Swarm cannot have */
export function refuseUnsupported(spec: WorkloadSpec): void {
  const { path, kind, init, security, devices, gpus, ulimits, resources, tmpfs, healthCheck, extraHosts } = spec;
  const refuse = (asked: boolean, ask: string, hint: string): void => {
    if (asked) throw unsupported(path, 'swarm', ask, hint);
  };
  refuse(kind === 'job', 'a job as a service', BUG);
  refuse(init, 'an init process', 'Start the daemon with "init": true, or use an image with its own, such as tini');
  refuse(security.noNewPrivileges, 'no-new-privileges', 'Start the daemon with "no-new-privileges": true');
  refuse(security.privileged, 'a privileged container', 'Run this workload on Engine.docker()');
  refuse(security.options.length > 0, 'security options', 'Run this workload on Engine.docker()');
  refuse(devices.length > 0, 'devices', 'Mount the device file with a bind mount, or run on Engine.docker()');
  refuse(gpus !== null, 'GPUs', 'Use a generic resource of the node, or run on Engine.docker()');
  refuse(ulimits.length > 0, 'ulimits', 'Set "default-ulimits" in the configuration of the daemon');
  refuse(resources.cpuset !== null, 'a fixed set of CPUs', 'Limit the CPU time with resources.cpus');
  const created = spec.bindMounts.find(({ ifMissing }) => ifMissing === 'create');
  refuse(
    created !== undefined,
    `creating the source of the mount at ${created?.path ?? ''}`,
    "Create it, and set ifMissing: 'fail'",
  );
  const { namespaces, tty, stdinOpen, runtime } = spec;
  const alone = 'Run this workload on Engine.docker()';
  refuse(namespaces.network !== null, 'networkMode', alone);
  refuse(namespaces.pid !== null, 'pid', alone);
  refuse(namespaces.ipc !== null, 'ipc', alone);
  refuse(tty, 'tty', alone);
  refuse(stdinOpen, 'stdinOpen', alone);
  refuse(runtime !== null, 'runtime', 'Set "default-runtime" in the configuration of the daemon');
  refuse(resources.swapBytes > 0, 'swap', 'Remove resources.swap');
  const sized = tmpfs.find(({ sizeBytes }) => sizeBytes !== null);
  // The field for the size crashes the provider.
  refuse(sized !== undefined, `a size for the tmpfs at ${sized?.path ?? ''}`, 'Remove the size: it counts as memory');
  const executable = tmpfs.find(({ exec }) => exec)?.path ?? '';
  refuse(
    executable !== '',
    `programs in the tmpfs at ${executable}`,
    `Mount a volume instead: volumes: [Volume.ephemeral('unpacked').mountAt('${executable}')]`,
  );
  const hasStartInterval = healthCheck !== null && healthCheck.startIntervalMilliseconds !== null;
  refuse(hasStartInterval, 'a start interval of the health check', 'Remove startInterval');
  const gateway = extraHosts.find(({ address }) => address === 'host-gateway');
  refuse(gateway !== undefined, 'the host-gateway address', 'Use the IP address of the host');
}

/**
 * A Swarm publishes on every address of a node, or not at all.
 * @throws TradingStackError `unsupported-by-engine` for a port on one address that is not optional
 */
export function publishedPorts(ports: readonly PortSpec[], path: string): PortSpec[] {
  const published = ports.filter(({ scope, optional }) => scope === 'all' || !optional);
  const port = published.find(({ scope }) => scope !== 'all');
  if (port === undefined) return published;
  throw unsupported(
    path,
    'swarm',
    `publishing port ${port.host} only on ${bindAddress(port)}`,
    'Use PublishedPort.allInterfaces to publish it on every address of its node, or set `optional: true` on the port to ' +
      'leave it unpublished on a Swarm',
  );
}

/** Less than this many bytes: `MaxConfigSize`, https://pkg.go.dev/github.com/moby/swarmkit/v2/manager/controlapi */
const MAXIMUM_CONFIG_BYTES = 1_024_000;

/** @throws TradingStackError `unsupported-by-engine` for a file that is too large for a Swarm config */
export function checkFileSize(file: FileSpec, path: string): void {
  const size = Buffer.byteLength(file.content);
  if (size < MAXIMUM_CONFIG_BYTES) return;
  const ask = `a file of ${size} bytes at ${file.path}, when the limit is ${MAXIMUM_CONFIG_BYTES - 1}`;
  throw unsupported(path, 'swarm', ask, 'Put it into the image, or mount it with BindMount');
}

/** @throws TradingStackError `invalid-name` for a name that Swarm, which requires a DNS name, would refuse */
export function checkServiceName({ name, path }: WorkloadSpec): void {
  if (/^[A-Za-z0-9]([A-Za-z0-9_-]*[A-Za-z0-9])?$/.test(name)) return;
  throw invalidName(
    path,
    'name',
    name,
    'letters, digits, hyphens and underscores, with a letter or digit at the start and the end',
  );
}

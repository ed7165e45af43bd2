import { BUG, unsupported } from '../../errors';
import { isProbed, type WorkloadSpec } from '../../platform/spec';

/**
 * @throws TradingStackError `unsupported-by-engine` for an option that a container cannot have, or that differs in every
 * plan of the provider
 */
export function refuseUnsupported(spec: WorkloadSpec): void {
  const { path, kind, entrypoint, command, readOnlyRootFilesystem, files, ports, extraHosts, resources } = spec;
  const { startTimeoutSeconds, replicas, placement, tmpfs, healthCheck } = spec;
  if (replicas !== 1) throw unsupported(path, 'docker', `${replicas} replicas in one container`, BUG);
  if (placement.constraints.length > 0 || placement.replicasPerNode !== null) {
    throw unsupported(path, 'docker', 'a placement', 'Remove `placement`, or run the stack on Engine.swarm()');
  }
  if (resources.cpuReservationMillis !== null) {
    throw unsupported(
      path,
      'docker',
      'reserving CPU time',
      'Remove resources.cpuReservation, or run on Engine.swarm()',
    );
  }
  if (kind === 'job' && startTimeoutSeconds !== null) {
    const hint = "Limit the time in the container instead: command: ['timeout', '600', 'python', '-m', 'report']";
    throw unsupported(path, 'docker', 'a time limit for a job', hint);
  }
  if (kind === 'service' && startTimeoutSeconds !== null && !isProbed(healthCheck)) {
    const hint = 'Set `healthCheck`, or remove `startTimeout`';
    throw unsupported(path, 'docker', 'startTimeout without a health check', hint);
  }
  if (readOnlyRootFilesystem && files.length > 0) {
    const ask = `copying ${files.map((file) => file.path).join(', ')} to a read-only root file system`;
    throw unsupported(path, 'docker', ask, 'Remove `readOnlyRootFilesystem`, or mount the files with BindMount');
  }
  for (const file of files) {
    // Files are copied before the start, when the tmpfs is mounted over them.
    const over = tmpfs.find((one) => file.path.startsWith(`${one.path}/`));
    if (over === undefined) continue;
    const ask = `copying ${file.path} into the tmpfs at ${over.path}, which is empty at the start`;
    throw unsupported(path, 'docker', ask, 'Use another path for the file, or mount it with BindMount');
  }
  refuseFilesInMounts(spec);
  if (kind === 'job' && ports.length > 0) {
    // The provider does not see the ports of a container that has ended, and every plan replaces it.
    throw unsupported(path, 'docker', 'publishing a port of a job', 'Remove `ports`');
  }
  const ipv6 = extraHosts.find(({ address }) => address.includes(':'));
  if (ipv6 !== undefined) {
    // The provider splits the address at its first colon.
    throw unsupported(path, 'docker', `the IPv6 address of the extra host ${ipv6.name}`, 'Use an IPv4 address');
  }
  if ([...(entrypoint ?? []), ...(command ?? [])].includes('')) {
    throw unsupported(
      path,
      'docker',
      'an empty argument in command or entrypoint',
      'Remove it, or start the program through a shell',
    );
  }
  const inside = ports.map((port) => `${port.container}/${port.protocol}`);
  const twice = inside.find((port, index) => inside.indexOf(port) !== index);
  if (twice !== undefined) {
    // The provider reads two of them back in arbitrary order, and every plan replaces the container.
    throw unsupported(path, 'docker', `publishing the port ${twice} twice`, 'Publish it once');
  }
}

/** Docker copies a file into the mount over its path: into the file of the host, or not at all. */
function refuseFilesInMounts({ path: where, files, bindMounts, volumes }: WorkloadSpec): void {
  const mounts = [...bindMounts, ...volumes.filter(({ readOnly }) => readOnly)];
  for (const file of files) {
    const over = mounts.find(({ path }) => file.path.startsWith(`${path}/`));
    if (over === undefined) continue;
    const ask = `copying ${file.path} into the mount at ${over.path}`;
    throw unsupported(where, 'docker', ask, 'Use another path for the file, or put it into the mounted folder');
  }
}

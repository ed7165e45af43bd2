import { unsupported } from '../../errors';
import { isProbed, type WorkloadSpec } from '../../platform/spec';

/** @throws TradingStackError for what a container cannot do, or the provider cannot keep stable from plan to plan */
export function refuseUnsupported(spec: WorkloadSpec): void {
  const { path, kind, entrypoint, command, readOnlyRootFilesystem, files, ports, extraHosts, resources } = spec;
  const { startTimeoutSeconds, replicas, placement, updates, tmpfs, healthCheck } = spec;
  if (replicas !== 1)
    throw unsupported(path, 'docker', `${replicas} replicas in one container`, 'This is a fault of the engine');
  if (placement.constraints.length > 0 || placement.replicasPerNode !== null) {
    const hint = kind === 'job' ? 'A job runs on the engine that Terraform talks to' : 'Run on Engine.swarm()';
    throw unsupported(path, 'docker', 'choosing a node', `Leave \`placement\` out. ${hint}`);
  }
  if (updates !== null) {
    const hint =
      'Leave `updatePolicy` out: Terraform removes the old container and creates the new one; or run on Engine.swarm()';
    throw unsupported(path, 'docker', 'a rolling update', hint);
  }
  if (resources.cpuReservationMillis !== null) {
    throw unsupported(path, 'docker', 'reserving processor time', 'Leave cpuReservation out, or run on Engine.swarm()');
  }
  if (kind === 'job' && startTimeoutSeconds !== null) {
    const hint = "Have the program end itself: command: ['timeout', '600', …]";
    throw unsupported(path, 'docker', 'a time limit for a job', hint);
  }
  if (kind === 'service' && startTimeoutSeconds !== null && !isProbed(healthCheck)) {
    const hint = 'Give it a healthCheck, or leave startTimeout out';
    throw unsupported(path, 'docker', 'waiting for the start of what has no health check', hint);
  }
  if (readOnlyRootFilesystem && files.length > 0) {
    const ask = `putting ${files.map((file) => file.path).join(', ')} on a read-only root file system`;
    throw unsupported(path, 'docker', ask, 'Leave readOnlyRootFilesystem out, or mount the files with BindMount');
  }
  for (const file of files) {
    // Files are copied before the start, which puts what is in memory over them.
    const over = tmpfs.find((one) => file.path.startsWith(`${one.path}/`));
    if (over === undefined) continue;
    const ask = `putting ${file.path} into ${over.path}, which is in memory and empty at the start`;
    throw unsupported(path, 'docker', ask, 'Put the file elsewhere, or mount it with BindMount');
  }
  refuseFilesInMounts(spec);
  if (kind === 'job' && ports.length > 0) {
    // The provider does not see the ports of a container that has ended, and every plan replaces it.
    throw unsupported(path, 'docker', 'publishing a port of a job', 'Leave `ports` out');
  }
  const sixth = extraHosts.find(({ address }) => address.includes(':'));
  if (sixth !== undefined) {
    // The provider takes the address apart at its first colon.
    throw unsupported(path, 'docker', `the IPv6 address of the extra host ${sixth.name}`, 'Give an IPv4 address');
  }
  if ([...(entrypoint ?? []), ...(command ?? [])].includes('')) {
    throw unsupported(
      path,
      'docker',
      'an empty word in command or entrypoint',
      'Leave it out, or start through a shell',
    );
  }
  const inside = ports.map((port) => `${port.container}/${port.protocol}`);
  const twice = inside.find((port, index) => inside.indexOf(port) !== index);
  if (twice !== undefined) {
    // The provider reads two of them back in any order, and every plan replaces the container.
    throw unsupported(path, 'docker', `publishing the port ${twice} twice`, 'Publish it once');
  }
}

/** Docker copies a file through what is mounted over its place: into the host's own file, or not at all. */
function refuseFilesInMounts({ path: where, files, bindMounts, volumes }: WorkloadSpec): void {
  const mounts = [...bindMounts, ...volumes.filter(({ readOnly }) => readOnly)];
  for (const file of files) {
    const over = mounts.find(({ path }) => file.path.startsWith(`${path}/`));
    if (over === undefined) continue;
    const ask = `putting ${file.path} into what is mounted at ${over.path}`;
    throw unsupported(where, 'docker', ask, 'Put the file elsewhere, or into what is mounted');
  }
}

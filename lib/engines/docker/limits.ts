import { BUG, TradingStackError, unsupported } from '../../errors';
import { publishedAt, publishedPortCode } from '../../platform/ports';
import { isProbed, type PortSpec, type WorkloadSpec } from '../../platform/spec';

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
  refusePortsPublishedTwice(path, ports);
}

function refusePortsPublishedTwice(path: string, ports: readonly PortSpec[]): void {
  const alike = ports
    .map((one) => ports.filter(({ container, protocol }) => container === one.container && protocol === one.protocol))
    .find(({ length }) => length > 1);
  if (alike === undefined) return;
  const [widest, ...others] = [...alike].sort((one, other) => reachOf(other) - reachOf(one));
  if (widest === undefined) return;
  throw new TradingStackError(
    'unsupported-by-engine',
    path,
    `the port ${widest.container}/${widest.protocol} is published ${alike.length === 2 ? 'twice' : 'several times'}, at ` +
      `${alike.map(publishedAt).join(' and ')}. Docker can do that, but the Terraform ` +
      'provider for Docker reads such ports back in any order, and every plan would replace the container',
    `Publish it once, with ${publishedPortCode(widest)}${insteadOf(others, widest)}`,
  );
}

function reachOf({ scope }: PortSpec): number {
  if (scope === 'loopback') return 0;
  return scope === 'all' ? 2 : 1;
}

/** How clients get to the program that used another address or another port. */
function insteadOf(others: readonly PortSpec[], { scope }: PortSpec): string {
  const addresses = others.flatMap((other) => (typeof other.scope === 'string' ? [] : [other.scope.address]));
  const further = typeof scope === 'string' ? [] : addresses.filter((address) => address !== scope.address);
  if (further.length > 0) {
    return `. For ${further.join(' and ')}, publish the port of another workload that forwards to it, such as a ReverseProxy`;
  }
  return scope !== 'loopback' && others.some((other) => other.scope === 'loopback')
    ? ': programs on the host reach it at that address too'
    : '';
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

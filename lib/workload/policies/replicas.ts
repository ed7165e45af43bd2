import { invalidValue, TradingStackError } from '../../errors';
import type { WorkloadSpec } from '../../platform/spec';

/**
 * @param instances what the workload becomes on its engine
 * @param name the value of the option `name`
 * @throws TradingStackError if the replicas of the workload would conflict with each other
 */
export function checkReplicas(spec: WorkloadSpec, instances: readonly WorkloadSpec[], name: string | undefined): void {
  const { path, replicas, ports, hostPorts, hostname, volumes } = spec;
  if (!Number.isInteger(replicas) || replicas < 1) {
    throw invalidValue(path, 'replicas', replicas, 'a whole number, 1 or more');
  }
  if (replicas === 1) return;
  const refuse = (resource: string, fix: string): never => {
    throw new TradingStackError(
      'replicas-conflict',
      path,
      `only one of ${replicas} replicas can have ${resource}`,
      fix,
    );
  };
  const [port] = [...ports.map(({ host }) => host), ...hostPorts];
  if (port !== undefined) {
    refuse(`the host port ${port}`, 'Remove `ports` and publish a ReverseProxy in front of them, or remove `replicas`');
  }
  if (hostname !== null) refuse(`the host name '${hostname}'`, 'Remove `hostname`');
  const exclusive = volumes.find((volume) => volume.exclusive);
  if (exclusive !== undefined) {
    const fix = 'Remove `replicas`: a server with data runs once';
    refuse(`the volume ${exclusive.volume}, which is mounted at ${exclusive.path}`, fix);
  }
  if (name !== undefined && instances.length > 1) {
    const fix = 'Remove `name`, so that they are named after the id with a number, or use Engine.swarm()';
    refuse(`the container name '${name}'`, fix);
  }
}

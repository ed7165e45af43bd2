import { invalidValue, TradingStackError } from '../../errors';
import type { WorkloadSpec } from '../../platform/spec';

/**
 * @param instances what the workload becomes on its engine
 * @param name the name that was asked for
 * @throws TradingStackError if several of the workload would be in each other's way
 */
export function checkReplicas(spec: WorkloadSpec, instances: readonly WorkloadSpec[], name: string | undefined): void {
  const { path, replicas, ports, hostname, volumes } = spec;
  if (!Number.isInteger(replicas) || replicas < 1) {
    throw invalidValue(path, 'replicas', replicas, 'a whole number, 1 or more');
  }
  if (replicas === 1) return;
  const refuse = (problem: string, fix: string): never => {
    throw new TradingStackError('invalid-value', path, `of ${replicas} replicas ${problem}`, fix);
  };
  const [port] = ports;
  if (port !== undefined) {
    const fix = 'Leave `ports` out and publish a ReverseProxy before them, or run one';
    refuse(`only one can have the host port ${port.host}`, fix);
  }
  if (hostname !== null) refuse(`only one can have the host name '${hostname}'`, 'Leave `hostname` out');
  const alone = volumes.find(({ exclusive }) => exclusive);
  if (alone !== undefined) {
    const fix = 'Leave `replicas` out: a server with data runs once';
    refuse(`only one can have the volume ${alone.volume}, which is mounted at ${alone.path}`, fix);
  }
  if (name !== undefined && instances.length > 1) {
    const fix = `Leave \`name\` out: they are called after the id, with a number, or run them on Engine.swarm()`;
    refuse(`only one container can have the name '${name}'`, fix);
  }
}

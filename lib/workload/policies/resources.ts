import { invalidValue, limitTooSmall, TradingStackError } from '../../errors';
import type { OptionShapes } from '../../options/options';
import { hasForm } from '../../options/form';
import type { ResourcesSpec } from '../../platform/spec';
import { Cpu } from '../units/cpu';
import { Size } from '../units/size';

/** CPU and memory limits of a workload. */
export interface Resources {
  /**
   * CPU limit.
   * @default - the service's own, or 1 core
   */
  readonly cpus?: Cpu;
  /**
   * Memory limit.
   * @default - the service's own, or 512 MiB
   */
  readonly memory?: Size;
  /**
   * Swap on top of the memory limit, which it needs. A Swarm cannot set it.
   * @default - none
   */
  readonly swap?: Size;
  /**
   * CPU that a Swarm reserves for it on a node. The Docker engine has no such reservation.
   * @default - none
   */
  readonly cpuReservation?: Cpu;
  /**
   * Memory that a Swarm reserves for it on a node. On the Docker engine it is a soft limit: what the workload is
   * brought back to when the host runs short of memory.
   * @default - none
   */
  readonly memoryReservation?: Size;
  /**
   * Size of `/dev/shm`.
   * @default - the engine's own, 64 MiB
   */
  readonly shmSize?: Size;
  /**
   * CPUs that it may run on: `0-1`, `0,2`.
   * @default - all
   */
  readonly cpuset?: string;
}

/** The shapes of {@link Resources}. */
export const RESOURCES: OptionShapes<Resources> = {
  cpus: Cpu,
  memory: Size,
  swap: Size,
  cpuReservation: Cpu,
  memoryReservation: Size,
  shmSize: Size,
  cpuset: 'string',
};

/** What a server needs at least to start and work. */
export interface MinimumResources {
  readonly memory: Size;
}

// Docker refuses less: https://docs.docker.com/engine/containers/resource_constraints/
const ENGINE_MINIMUM = Size.mebibytes(6);

const CPU_SET = /^\d+(-\d+)?(,\d+(-\d+)?)*$/;

/**
 * The limits of a workload, with everything set.
 * @throws TradingStackError if a limit is below the minimum, or a reservation above its limit
 */
export function resolveResources(
  asked: Resources,
  defaults: Resources,
  minimum: MinimumResources | undefined,
  where: string,
): ResourcesSpec {
  // Field by field: spreading would let an option that is undefined replace a default.
  const cpus = asked.cpus ?? defaults.cpus;
  const memory = asked.memory ?? defaults.memory;
  const swap = asked.swap ?? defaults.swap;
  const cpuReservation = asked.cpuReservation ?? defaults.cpuReservation;
  const memoryReservation = asked.memoryReservation ?? defaults.memoryReservation;
  const shmSize = asked.shmSize ?? defaults.shmSize;
  const cpuset = asked.cpuset ?? defaults.cpuset;
  if (cpuset !== undefined && !hasForm(cpuset, CPU_SET)) {
    throw invalidValue(where, 'resources.cpuset', cpuset, "numbers of CPUs: '0-1', '0,2'");
  }
  const leastMemory = minimum?.memory ?? ENGINE_MINIMUM;
  if (memory?.isLessThan(leastMemory)) throw limitTooSmall(where, String(memory), String(leastMemory));
  if (memory && memoryReservation && memory.isLessThan(memoryReservation)) {
    throw reservationAboveLimit(where, 'memory', String(memoryReservation), String(memory));
  }
  if (cpus && cpuReservation && cpus.isLessThan(cpuReservation)) {
    throw reservationAboveLimit(where, 'cpu', String(cpuReservation), String(cpus));
  }
  if (swap && !memory) {
    const what = 'resources.swap is on top of resources.memory, which is not set';
    throw new TradingStackError('option-conflict', where, what, 'Set resources.memory, or remove resources.swap');
  }
  return {
    cpuMillis: cpus?.toMillis() ?? null,
    cpuReservationMillis: cpuReservation?.toMillis() ?? null,
    memoryBytes: wholeMebibytes(memory, 'resources.memory', where),
    swapBytes: wholeMebibytes(swap, 'resources.swap', where) ?? 0,
    memoryReservationBytes: wholeMebibytes(memoryReservation, 'resources.memoryReservation', where),
    shmSizeBytes: wholeMebibytes(shmSize, 'resources.shmSize', where),
    cpuset: cpuset ?? null,
  };
}

function reservationAboveLimit(
  where: string,
  resource: 'cpu' | 'memory',
  reservation: string,
  limit: string,
): TradingStackError {
  const option = `resources.${resource}Reservation`;
  const what = `${option} of ${reservation} is above the limit of ${limit}`;
  const raised = resource === 'cpu' ? 'resources.cpus' : 'resources.memory';
  return new TradingStackError('option-conflict', where, what, `Raise ${raised}, or lower ${option}`);
}

/** The Terraform provider counts memory in MiB. */
function wholeMebibytes(size: Size | undefined, property: string, where: string): number | null {
  if (size === undefined) return null;
  if (size.toBytes() % Size.mebibytes(1).toBytes() !== 0) {
    throw invalidValue(where, property, String(size), 'a size of whole MiB');
  }
  return size.toBytes();
}

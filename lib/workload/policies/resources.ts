import { invalidValue, limitTooSmall } from '../../errors';
import type { OptionShapes } from '../../options/options';
import { hasForm } from '../../platform/plain-values';
import type { ResourcesSpec } from '../../platform/spec';
import { checkCpu, Cpu } from '../units/cpu';
import { checkSize, Size } from '../units/size';

/** What a workload may take of the host. */
export interface Resources {
  /**
   * Most processor time.
   * @default - the service's own, or 1 core
   */
  readonly cpus?: Cpu;
  /**
   * Most memory; swap is not given on top.
   * @default - the service's own, or 512 MiB
   */
  readonly memory?: Size;
  /**
   * Processor time that Swarm keeps free for it on a node. A plain engine has no such promise.
   * @default - none
   */
  readonly cpuReservation?: Cpu;
  /**
   * Memory that it gets back to when the host runs short (Docker), or that Swarm keeps free for it on a node.
   * @default - none
   */
  readonly memoryReservation?: Size;
  /**
   * Size of `/dev/shm`.
   * @default - the engine's own, 64 MiB
   */
  readonly shmSize?: Size;
  /**
   * Processors that it may run on: `0-1`, `0,2`.
   * @default - all
   */
  readonly cpuset?: string;
}

/** How {@link Resources} are checked. */
export const RESOURCES: OptionShapes<Resources> = {
  cpus: Cpu,
  memory: Size,
  cpuReservation: Cpu,
  memoryReservation: Size,
  shmSize: Size,
  cpuset: 'string',
};

/** The least that a server starts and works with. */
export interface MinimumResources {
  readonly memory: Size;
}

// Below this the engine itself refuses: https://docs.docker.com/engine/containers/resource_constraints/
const ENGINE_MINIMUM = Size.mebibytes(6);

const CPU_SET = /^\d+(-\d+)?(,\d+(-\d+)?)*$/;

/**
 * Limits with everything set.
 * @throws TradingStackError if a limit is below the minimum, or a reservation above its limit
 */
export function resolveResources(
  asked: Resources,
  defaults: Resources,
  minimum: MinimumResources | undefined,
  where: string,
): ResourcesSpec {
  // Field by field: an option that is given as undefined is not given.
  const cpu = (field: 'cpus' | 'cpuReservation') =>
    checkCpu(asked[field] ?? defaults[field], `resources.${field}`, where);
  const size = (field: 'memory' | 'memoryReservation' | 'shmSize') =>
    checkSize(asked[field] ?? defaults[field], `resources.${field}`, where);
  const cpus = cpu('cpus');
  const memory = size('memory');
  const cpuReservation = cpu('cpuReservation');
  const memoryReservation = size('memoryReservation');
  const sharedMemory = size('shmSize');
  const cpuset = asked.cpuset ?? defaults.cpuset;
  if (cpuset !== undefined && !hasForm(cpuset, CPU_SET)) {
    throw invalidValue(where, 'resources.cpuset', cpuset, "numbers of processors: '0-1', '0,2'");
  }
  const leastMemory = minimum?.memory ?? ENGINE_MINIMUM;
  if (memory?.isLessThan(leastMemory)) throw limitTooSmall(where, String(memory), String(leastMemory));
  if (memory && memoryReservation && memory.isLessThan(memoryReservation)) {
    throw invalidValue(where, 'resources.memoryReservation', String(memoryReservation), `at most ${String(memory)}`);
  }
  if (cpus && cpuReservation && cpus.isLessThan(cpuReservation)) {
    throw invalidValue(where, 'resources.cpuReservation', String(cpuReservation), `at most ${String(cpus)}`);
  }
  return {
    cpuMillis: cpus?.toMillis() ?? null,
    cpuReservationMillis: cpuReservation?.toMillis() ?? null,
    memoryBytes: wholeMebibytes(memory, 'resources.memory', where),
    memoryReservationBytes: wholeMebibytes(memoryReservation, 'resources.memoryReservation', where),
    shmSizeBytes: wholeMebibytes(sharedMemory, 'resources.shmSize', where),
    cpuset: cpuset ?? null,
  };
}

/**
 * The memory limit that a server's settings follow from.
 * @throws TradingStackError for what only plain JavaScript can give: `'2g'`
 */
export function memoryLimit(asked: Resources | undefined, otherwise: Size, where: string): Size {
  return checkSize(asked?.memory ?? otherwise, 'resources.memory', where);
}

/** The provider counts memory in MiB. */
function wholeMebibytes(size: Size | undefined, property: string, where: string): number | null {
  if (size === undefined) return null;
  if (size.toBytes() % Size.mebibytes(1).toBytes() !== 0) {
    throw invalidValue(where, property, String(size), 'a size of whole MiB');
  }
  return size.toBytes();
}

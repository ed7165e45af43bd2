import { type OptionShapes, required } from './options/options';
import type { MachineSpec } from './platform/spec';
import { Cpu } from './workload/units/cpu';
import { Size } from './workload/units/size';

/**
 * CPUs and memory of the engine's machine that the stack may use: all of them, or what other programs leave. For a Swarm of
 * several nodes, the sum of those that run the stack.
 */
export interface Machine {
  readonly cpus: Cpu;
  readonly memory: Size;
}

/** The shapes of {@link Machine}. */
export const MACHINE: OptionShapes<Machine> = { cpus: required(Cpu), memory: required(Size) };

/** How a machine is compared. */
export function machineSpec({ cpus, memory }: Machine): MachineSpec {
  return { cpuMillis: cpus.toMillis(), memoryBytes: memory.toBytes() };
}

import { Size } from '../../index';
import type { WorkloadState } from '../engine/workload-state';

/** How to give more memory to services that run although one of their processes was killed for lack of it. */
export function memoryAdvice(states: readonly WorkloadState[]): string[] {
  return states
    .filter(({ outOfMemory, status }) => outOfMemory && status === 'running')
    .map(({ workload: { spec } }) => {
      const { memoryBytes } = spec.resources;
      const why =
        memoryBytes === null
          ? 'because the machine of the engine had no memory left'
          : `because the container needed more memory than its limit of ${String(Size.bytes(memoryBytes))}`;
      const fix =
        memoryBytes === null
          ? 'Set limits for what needs most'
          : `Raise it: resources: { memory: Size.mebibytes(${Math.ceil((2 * memoryBytes) / 1024 ** 2)}) }`;
      return `A process of ${spec.name} was killed ${why}. ${fix}.`;
    });
}

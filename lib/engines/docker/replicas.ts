import type { WorkloadSpec } from '../../platform/spec';

/**
 * A container for each replica: `mt5-api-1`, `mt5-api-2` … They share their aliases, and Docker's name server answers
 * with the addresses of all of them. A workload of one keeps its name.
 */
export function replicasOf(spec: WorkloadSpec): WorkloadSpec[] {
  if (spec.replicas === 1) return [spec];
  return Array.from({ length: spec.replicas }, (_, index) => ({
    ...spec,
    name: `${spec.name}-${index + 1}`,
    replicas: 1,
  }));
}

import type { RegisteredWorkload, TradingStack } from '../lib';
import type { DockerApi } from './docker-api';

/** Names of the volumes that belong to the stack and that no Terraform state holds. */
export function keptVolumes(workloads: readonly RegisteredWorkload[]): string[] {
  const mounts = workloads.flatMap(({ spec }) => spec.volumes);
  return [...new Set(mounts.filter(({ lifetime }) => lifetime === 'kept').map(({ volume }) => volume))];
}

/** The stack's kept volumes that are on the engine. */
export async function remainingVolumes({ platform }: TradingStack, docker: DockerApi): Promise<string[]> {
  const own = keptVolumes(platform.workloads);
  const exist = await Promise.all(own.map((volume) => docker.volumeExists(volume)));
  return own.filter((_, index) => exist[index]);
}

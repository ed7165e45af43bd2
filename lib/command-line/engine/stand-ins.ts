import type { TradingStack } from '../../index';
import type { DockerApi } from './docker-api';

/** Marks an image that was built for tests in the place of a public one, under its name. */
export const STAND_IN_LABEL = 'org.cdktf-trading-stack.stand-in';

/** Names of the stack's images that are such stand-ins on the engine. */
export async function standIns({ platform }: TradingStack, docker: DockerApi): Promise<string[]> {
  const names = [...new Set(platform.workloads.map(({ spec }) => spec.image.name))];
  const labels = await Promise.all(names.map((name) => docker.imageLabels(name)));
  return names.filter((_, index) => STAND_IN_LABEL in (labels[index] ?? {}));
}

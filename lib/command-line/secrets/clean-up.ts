import type { TradingStack } from '../../index';
import { CARRIER_LABEL, STACK_LABEL } from '../../internal';
import { DockerApiError } from '../engine/docker-api';
import { type DockerWrites, type MountedContainer, nameOf } from '../engine/docker-writes';
import type { Output } from '../output/output';
import { deliveriesOf, EMPTY_IMAGE_NAME } from './delivery';

/** Removes what earlier versions of the stack left on a remote engine; a failure does not fail the deploy. */
export async function cleanUp(stack: TradingStack, docker: DockerWrites, output: Output): Promise<void> {
  if (!stack.engine.isRemote) return;
  const needed = deliveriesOf(stack).map(({ carrier }) => carrier);
  try {
    await removeUnusedCarriers(stack, needed, docker);
  } catch (error) {
    if (!(error instanceof DockerApiError)) throw error;
    output.warn(`The secrets of earlier versions could not be removed from the engine: ${error.reason}`);
  }
}

/**
 * Removes the carriers of the stack, and their volumes, that no other container mounts any more.
 * @param needed carriers to keep in any case
 */
export async function removeUnusedCarriers(
  { platform }: TradingStack,
  needed: readonly string[],
  docker: DockerWrites,
): Promise<void> {
  const containers = await docker.mountedContainers();
  const carriers = containers
    .filter((one) => isCarrier(one) && one.Labels[STACK_LABEL] === platform.prefix)
    .map(nameOf);
  const volumes = await docker.volumesWith([`${STACK_LABEL}=${platform.prefix}`, CARRIER_LABEL]);
  const used = new Set(
    containers.filter((one) => !isCarrier(one)).flatMap(({ Mounts }) => Mounts.flatMap(({ Name }) => Name ?? [])),
  );
  const isUnused = (name: string): boolean => !needed.includes(name) && !used.has(name);
  await Promise.all(carriers.filter(isUnused).map((carrier) => docker.removeContainer(carrier)));
  await Promise.all(volumes.filter(isUnused).map((volume) => docker.removeVolume(volume)));
  if (needed.length === 0 && carriers.length > 0) await docker.removeUnusedImage(EMPTY_IMAGE_NAME);
}

function isCarrier({ Labels }: MountedContainer): boolean {
  return CARRIER_LABEL in Labels;
}

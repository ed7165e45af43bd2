import type { TradingStack } from '../../index';
import { CARRIER_LABEL, STACK_LABEL } from '../../internal';
import { DockerApiError } from '../engine/docker-api';
import { containerNameOf, type ContainerSummary } from '../engine/responses';
import type { DockerWrites } from '../engine/docker-writes';
import type { Output } from '../output/output';
import { deliveriesOf, recordRemoval } from './delivery';

/** Which carriers of a stack stay, in addition to those whose volume another container mounts. */
interface Kept {
  readonly names: readonly string[];
  /** Those that are younger than this stay, in milliseconds; `undefined` if no age protects them. */
  readonly youngerThan: number | undefined;
}

/** The carriers to remove, and the volumes, which may have lost their carrier. */
interface Unused {
  readonly carriers: readonly string[];
  readonly volumes: readonly string[];
}

/** Another checkout of the project may be between the delivery of its secrets and the containers that mount them. */
const KEPT_MILLISECONDS = 3_600_000;

/** Removes the secrets of earlier versions from a remote engine. A failure is only a warning. */
export async function removeEarlierSecrets(stack: TradingStack, docker: DockerWrites, output: Output): Promise<void> {
  if (!stack.engine.isRemote) return;
  const names = deliveriesOf(stack).map(({ carrier }) => carrier);
  await cleanUp(stack, { names, youngerThan: KEPT_MILLISECONDS }, docker, output);
}

/** Removes all secrets of a stack that is no longer deployed from the engine. A failure is only a warning. */
export async function removeAllSecrets(stack: TradingStack, docker: DockerWrites, output: Output): Promise<void> {
  // Before the first is removed: what is left of them counts as missing.
  recordRemoval(stack);
  await cleanUp(stack, { names: [], youngerThan: undefined }, docker, output);
}

async function cleanUp(stack: TradingStack, kept: Kept, docker: DockerWrites, output: Output): Promise<void> {
  const { id } = stack.node;
  const { text, command } = docker.api.address;
  let unused: Unused;
  try {
    unused = await unusedOf(stack, kept, docker);
  } catch (error) {
    if (!(error instanceof DockerApiError)) throw error;
    output.warn(
      `Secrets of ${id} that no container uses may be left on the engine at ${text}, which could not list them: ` +
        `${error.reason}. To remove them, run the command again.`,
    );
    return;
  }
  const carriers = await removeEach(unused.carriers, (name) => docker.removeContainer(name));
  const volumes = await removeEach(unused.volumes, (name) => docker.removeVolume(name));
  const [reason] = [...carriers.values(), ...volumes.values()];
  if (reason === undefined) return;
  const commands = [
    ...(carriers.size > 0 ? [`${command} rm --force ${[...carriers.keys()].join(' ')}`] : []),
    ...(volumes.size > 0 ? [`${command} volume rm --force ${[...volumes.keys()].join(' ')}`] : []),
  ];
  output.warn(
    `Secrets of ${id} that no container uses are left on the engine at ${text}: ${reason}. ` +
      `To remove them: ${commands.join(' && ')}`,
  );
}

async function unusedOf({ platform }: TradingStack, kept: Kept, docker: DockerWrites): Promise<Unused> {
  const { names, youngerThan } = kept;
  // The engine notes the times of creation by its own clock.
  const latest = youngerThan === undefined ? Infinity : (await docker.api.now()) - youngerThan;
  const containers = await docker.api.containers();
  const volumes = await docker.api.volumes([`${STACK_LABEL}=${platform.prefix}`, CARRIER_LABEL]);
  const mounted = containers
    .filter((one) => !isCarrier(one))
    .flatMap(({ Mounts }) => Mounts.flatMap(({ Name }) => Name ?? []));
  const stays = new Set([...names, ...mounted]);
  const carriers = containers.filter((one) => isCarrier(one) && one.Labels[STACK_LABEL] === platform.prefix);
  for (const carrier of carriers) if (carrier.Created * 1000 > latest) stays.add(containerNameOf(carrier));
  return {
    carriers: carriers.map(containerNameOf).filter((name) => !stays.has(name)),
    // A delivery creates the volume before its carrier.
    volumes: volumes
      .filter(({ Name, CreatedAt }) => !stays.has(Name) && Date.parse(CreatedAt) <= latest)
      .map(({ Name }) => Name),
  };
}

/** @returns the reasons why some of them could not be removed, by name */
async function removeEach(
  names: readonly string[],
  remove: (name: string) => Promise<void>,
): Promise<ReadonlyMap<string, string>> {
  const reasons = new Map<string, string>();
  await Promise.all(
    names.map(async (name) => {
      try {
        await remove(name);
      } catch (error) {
        if (!(error instanceof DockerApiError)) throw error;
        reasons.set(name, error.reason);
      }
    }),
  );
  return reasons;
}

function isCarrier({ Labels }: ContainerSummary): boolean {
  return CARRIER_LABEL in Labels;
}

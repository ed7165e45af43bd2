import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { TradingStack } from '../../index';
import {
  CARRIER_LABEL,
  carrierName,
  parseDeliveries,
  parseVersions,
  recordedVersion,
  replaceFile,
  type RegisteredWorkload,
  type SecretHandle,
  SECRETS_PATH,
  STACK_LABEL,
  withDeliveries,
} from '../../internal';
import { DockerApiError, reasonOf } from '../engine/docker-api';
import { containerNameOf, type ContainerSummary } from '../engine/responses';
import type { DockerWrites } from '../engine/docker-writes';
import { CommandError } from '../output/output';
import { ownerOf } from '../preflight/names';
import { readTar, type TarFile, writeTar } from './tar';

/** The secrets of one container on an engine that does not have the files of this machine. */
export interface SecretDelivery {
  /** Name of the carrier, and of its volume. */
  readonly carrier: string;
  /** Name of the container that mounts them. */
  readonly container: string;
  readonly files: readonly TarFile[];
}

/**
 * An image without any file: a container of it is never started. All stacks of an engine share it, so it is never removed:
 * another stack may be about to create a container of it.
 */
const EMPTY_IMAGE = { repository: 'cdktf-trading-stack/empty', tag: '1' };
/** Its name with the tag. */
const EMPTY_IMAGE_NAME = `${EMPTY_IMAGE.repository}:${EMPTY_IMAGE.tag}`;

/** The secrets that have to be on the engine before its containers are created. */
export function deliveriesOf(stack: TradingStack): SecretDelivery[] {
  return stack.platform.workloads
    .filter(({ spec }) => spec.secrets.length > 0 && stack.engine.secretTransport(spec) === 'volume')
    .map((workload) => deliveryOf(stack, workload));
}

function deliveryOf(stack: TradingStack, { spec }: RegisteredWorkload): SecretDelivery {
  const versions = spec.secrets.map(({ secret }) => versionOf(stack, secret));
  return { carrier: carrierName(spec.name, versions), container: spec.name, files: secretFilesOf(stack, spec) };
}

/** The files that a container has to have in the folder of its secrets. */
export function secretFilesOf({ platform }: TradingStack, { secrets }: RegisteredWorkload['spec']): TarFile[] {
  return secrets.map(({ secret, path }) => ({
    name: basename(path),
    content: readFileSync(platform.projectDirectory.locate(secret.file)),
  }));
}

function versionOf({ platform }: TradingStack, secret: SecretHandle): string {
  const file = platform.projectDirectory.locate(secret.versionsFile);
  return recordedVersion(secret, parseVersions(existsSync(file) ? readFileSync(file, 'utf8') : undefined));
}

/**
 * Puts the secrets of all containers on the engine, next to those of the versions that run, and records it for plans that
 * are made without the command line. What is there and complete stays.
 * @returns the carriers that were written
 * @throws CommandError `secret-not-delivered` if the engine does not take them; no service was changed by then
 */
export async function deliverSecrets(stack: TradingStack, docker: DockerWrites): Promise<string[]> {
  const deliveries = deliveriesOf(stack);
  if (deliveries.length === 0) return [];
  let existing: ReadonlyMap<string, ContainerSummary>;
  try {
    existing = new Map((await docker.api.containers()).map((one) => [containerNameOf(one), one]));
    if (!(await docker.api.imageExists(EMPTY_IMAGE_NAME))) {
      await docker.importImage(EMPTY_IMAGE.repository, EMPTY_IMAGE.tag, writeTar([]));
    }
  } catch (error) {
    throw notDelivered(deliveries, docker, error);
  }
  const written = await Promise.all(
    deliveries.map((delivery) => deliver(stack, delivery, existing.get(delivery.carrier), docker)),
  );
  record(
    stack,
    deliveries.map(({ carrier }) => carrier),
  );
  return deliveries.filter((_, index) => written[index]).map(({ carrier }) => carrier);
}

/**
 * @param existing a container that has the name of the carrier; a delivery that was interrupted may have left it behind
 * @returns whether anything was written
 * @throws CommandError `name-in-use` if something else has the name of the carrier
 */
async function deliver(
  stack: TradingStack,
  delivery: SecretDelivery,
  existing: ContainerSummary | undefined,
  docker: DockerWrites,
): Promise<boolean> {
  const { carrier, container, files } = delivery;
  const Labels = { [STACK_LABEL]: stack.platform.prefix, [CARRIER_LABEL]: container };
  const checkOwner = (kind: 'container' | 'volume', labels: Readonly<Record<string, string>>): void => {
    if (labels[STACK_LABEL] !== Labels[STACK_LABEL] || !(CARRIER_LABEL in labels)) {
      throw nameTaken(delivery, kind, ownerOf({ labels }, stack), docker);
    }
  };
  try {
    if (existing !== undefined) checkOwner('container', existing.Labels);
    const carries = existing?.Mounts.some(({ Name, Destination }) => Name === carrier && Destination === SECRETS_PATH);
    if (carries && (await hasFiles(carrier, files, docker))) return false;
    if (!carries) {
      if (existing !== undefined) await docker.removeContainer(carrier);
      // The engine answers with a volume that exists, which may be mounted or lie elsewhere.
      checkOwner('volume', await docker.createVolume(carrier, Labels));
      const Mounts = [{ Type: 'volume', Source: carrier, Target: SECRETS_PATH } as const];
      await docker.createContainer(carrier, { Image: EMPTY_IMAGE_NAME, Cmd: ['-'], Labels, HostConfig: { Mounts } });
    }
    await docker.putArchive(carrier, SECRETS_PATH, writeTar(files));
    if (await hasFiles(carrier, files, docker)) return true;
  } catch (error) {
    throw notDelivered([delivery], docker, error);
  }
  throw notDelivered([delivery], docker, new Error('the files read back from the volume differ from those written'));
}

/** Whether a container has these files in the folder of its secrets, with their content. */
async function hasFiles(container: string, files: readonly TarFile[], docker: DockerWrites): Promise<boolean> {
  return (await missingFiles(container, files, docker)).length === 0;
}

/** Names of the files that a container does not have in the folder of its secrets, or has with another content. */
export async function missingFiles(
  container: string,
  files: readonly TarFile[],
  docker: DockerWrites,
): Promise<string[]> {
  const archive = await docker.getArchive(container, SECRETS_PATH);
  const found = new Map(
    (archive === undefined ? [] : readTar(archive)).map(({ name, content }) => [basename(name), content]),
  );
  return files.filter(({ name, content }) => !found.get(name)?.equals(content)).map(({ name }) => name);
}

function notDelivered(deliveries: readonly SecretDelivery[], docker: DockerWrites, error: unknown): CommandError {
  if (error instanceof CommandError && !(error instanceof DockerApiError)) return error;
  const names = deliveries.map(({ container }) => container).join(', ');
  const reason = error instanceof DockerApiError ? reasonOf(error) : (error as Error).message;
  return new CommandError(
    'secret-not-delivered',
    `The secrets of ${names} could not be delivered to the engine at ${docker.api.address.text}: ${reason}. No service ` +
      'was changed. Fix the cause and run the command again.',
  );
}

function nameTaken(
  { carrier, container }: SecretDelivery,
  kind: 'container' | 'volume',
  owner: string | undefined,
  { api: { address } }: DockerWrites,
): CommandError {
  const command = `${address.command} ${kind === 'container' ? 'rm --force' : 'volume rm'} ${carrier}`;
  return new CommandError(
    'name-in-use',
    `The secrets of ${container} need a ${kind} with the name ${carrier} on the engine at ${address.text}, but ` +
      `${owner ?? 'another program'} has one. If it is not needed, remove it: ${command}`,
  );
}

/** Records that nothing is delivered to the engine any more: a plan without the command line then asks for a delivery. */
export function recordRemoval(stack: TradingStack): void {
  const { platform } = stack;
  if (existsSync(platform.projectDirectory.locate(platform.secretStore.deliveriesFile))) record(stack, []);
}

function record({ engine, platform }: TradingStack, carriers: readonly string[]): void {
  const file = platform.projectDirectory.locate(platform.secretStore.deliveriesFile);
  const recorded = parseDeliveries(existsSync(file) ? readFileSync(file, 'utf8') : undefined);
  const content = JSON.stringify(withDeliveries(recorded, engine.host ?? '', carriers), null, 2);
  replaceFile(file, `${content}\n`);
}

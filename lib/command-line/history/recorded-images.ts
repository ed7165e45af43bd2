import { parseImageName } from '../../internal';
import { isLogin, type Logins } from '../connection/logins';
import { type DockerApi, DockerApiError, reasonOf } from '../engine/docker-api';
import type { DockerWrites } from '../engine/docker-writes';
import { CommandError, type Output } from '../output/output';
import type { Configuration } from '../synthesis/configuration';
import type { RecordedImage } from './deploy-record';
import { imagesIn } from './recorded-configuration';

/** The images of a configuration as they are on the engine. */
export async function imagesOnEngine(configuration: Configuration, docker: DockerApi): Promise<RecordedImage[]> {
  const found = await Promise.all(
    imagesIn(configuration).map(async (image) => {
      const details = await docker.image(image.name);
      if (details === undefined) return [];
      return [{ ...image, id: details.Id, digest: digestOf(image.name, details.RepoDigests ?? []) }];
    }),
  );
  return found.flat();
}

/** An image may be in several registries. */
function digestOf(name: string, digests: readonly string[]): string | null {
  const repository = parseImageName(name)?.repository ?? name;
  return digests.find((digest) => digest.startsWith(`${repository}@`)) ?? digests[0] ?? null;
}

/** The images of a deploy that the engine does not have any more. */
export async function missingImages(images: readonly RecordedImage[], docker: DockerApi): Promise<RecordedImage[]> {
  const exists = await Promise.all(images.map(({ id }) => docker.imageExists(id)));
  return images.filter((_, index) => exists[index] !== true);
}

/** Whether an image that the engine does not have can be pulled again as it was. */
export function canBePulled({ isBuilt, digest }: RecordedImage): boolean {
  return !isBuilt && digest !== null;
}

/**
 * Lets the names of the images of a deploy refer to what they did. What is missing is pulled by its digest.
 * @returns the names that did not
 * @throws CommandError `image-pull-failed` if one cannot be pulled
 */
export async function restoreImages(
  images: readonly RecordedImage[],
  writes: DockerWrites,
  logins: Logins,
  output: Output,
): Promise<string[]> {
  const restored: string[] = [];
  for (const image of images) {
    const { name, id } = image;
    if ((await writes.api.imageId(name)) === id) continue;
    if (!(await writes.api.imageExists(id))) await output.during(`pull ${name}`, pull(image, writes, logins));
    // A name with a digest cannot be given to another image.
    if (parseImageName(name)?.digest === undefined) await writes.tagImage(id, name);
    restored.push(name);
  }
  return restored;
}

async function pull({ name, digest }: RecordedImage, writes: DockerWrites, logins: Logins): Promise<void> {
  const login = logins.for(name);
  if (login !== undefined && !isLogin(login)) throw CommandError.fromProblems([login]);
  try {
    await writes.pullImage(digest ?? name, null, login);
  } catch (error) {
    if (!(error instanceof DockerApiError)) throw error;
    const message = `${name} cannot be pulled as ${digest ?? ''}: ${reasonOf(error)}. Check that the engine reaches its registry`;
    throw new CommandError('image-pull-failed', message);
  }
}

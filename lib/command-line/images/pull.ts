import type { TradingStack } from '../../index';
import { parseImageName } from '../../internal';
import { isLogin, type Logins } from '../connection/logins';
import { DockerApiError, reasonOf } from '../engine/docker-api';
import type { DockerWrites } from '../engine/docker-writes';
import { CommandError, type Output, type Problem } from '../output/output';

/** An image that may be another one in its registry by now. */
interface PulledImage {
  readonly name: string;
  /** `null` for that of the engine. */
  readonly platform: string | null;
}

/**
 * Pulls the images of a stack again: those that it runs, and those that it builds on. Terraform only pulls what the engine
 * does not have. Containers keep their image until the plan that follows replaces them.
 * @throws CommandError with all images that cannot be pulled
 */
export async function pullImages(
  stack: TradingStack,
  writes: DockerWrites,
  logins: Logins,
  output: Output,
): Promise<void> {
  const problems: Problem[] = [];
  for (const image of imagesToPull(stack)) {
    const problem = await output.during(`pull ${image.name}`, pull(image, writes, logins, output));
    if (problem !== undefined) problems.push(problem);
  }
  if (problems.length > 0) throw CommandError.fromProblems(problems);
}

/** A digest always names the same image, and a variable in a Dockerfile may have any value. */
function imagesToPull({ platform }: TradingStack): PulledImage[] {
  const images = platform.images.all.flatMap(({ spec }): PulledImage[] =>
    spec.build === null
      ? [spec]
      : spec.build.usedImages.map((name) => ({ name, platform: spec.build?.platform ?? null })),
  );
  const unique = new Map(images.map((image) => [`${image.name} ${image.platform ?? ''}`, image]));
  return [...unique.values()].filter(({ name }) => parseImageName(name)?.digest === undefined && !name.includes('$'));
}

async function pull(
  { name, platform }: PulledImage,
  writes: DockerWrites,
  logins: Logins,
  output: Output,
): Promise<Problem | undefined> {
  const login = logins.for(name);
  if (login !== undefined && !isLogin(login)) return login;
  const before = await writes.api.imageId(name);
  try {
    await writes.pullImage(name, platform, login);
  } catch (error) {
    if (!(error instanceof DockerApiError)) throw error;
    const has =
      before === undefined
        ? 'Check its name'
        : 'The engine has an image of that name: deploy without --pull to use it. Otherwise check its name';
    const message = `${name} cannot be pulled: ${reasonOf(error)}. ${has}, and that the engine reaches its registry`;
    return { code: 'image-pull-failed', message };
  }
  const isNew = before !== (await writes.api.imageId(name));
  output.say(`${name}: ${isNew ? 'pulled' : 'up to date'}`);
  return undefined;
}

import type { App } from 'cdktf';
import type { TradingStack } from '../../../index';
import type { CommandContext } from '../../context';
import { type DockerApi, DockerApiError } from '../../engine/docker-api';
import { DockerWrites } from '../../engine/docker-writes';
import { History } from '../../history/history';
import { canBePulled } from '../../history/recorded-images';
import { imagesOfStack, type StackImage } from '../../images/stack-images';
import { CommandError, ExitCode, type Output } from '../../output/output';
import { shortAge, shownSize } from '../../output/quantities';
import { printTable } from '../../output/table';
import { CommandLock } from '../../state/command-lock';
import { deployedEngine } from '../../state/deployed-engine';
import { outputOf, stackNamed } from '../../synthesis/stacks';
import { checkCanConfirm } from '../confirm';

/** How many of the last deploys keep their images. */
export const KEPT_IMAGES = 3;

/** How many deploys the table names for each image. */
const NAMED = 3;

interface ImagesChoices {
  readonly yes: boolean;
  readonly prune: boolean;
  /** How many of the last deploys keep their images. */
  readonly keep: number;
}

/** Lists the images of a stack on its engine, or removes those that nothing needs. */
export async function images(
  app: App,
  name: string | undefined,
  choices: ImagesChoices,
  context: CommandContext,
): Promise<ExitCode> {
  const { output, environment } = context;
  const stack = stackNamed(app, name);
  const docker = await deployedEngine(app, stack, environment);
  const { damage } = new History(outputOf(app, stack), stack).read();
  if (damage !== undefined) output.warn(damage);
  if (choices.prune) {
    const words = [stack.node.id, '--prune', ...(choices.keep === KEPT_IMAGES ? [] : ['--keep', String(choices.keep)])];
    checkCanConfirm(choices.yes, 'images', words, context);
    return new CommandLock(outputOf(app, stack), stack).during('images', () =>
      prune(app, stack, docker, choices, context),
    );
  }
  const found = await imagesOfStack(app, stack, docker);
  if (output.isJson) output.document({ stack: stack.node.id, engine: docker.address.text, images: found.map(report) });
  else if (found.length === 0) output.say(`${stack.node.id} has no images on the engine.`);
  else await print(found, docker, output);
  return ExitCode.DONE;
}

async function prune(
  app: App,
  stack: TradingStack,
  docker: DockerApi,
  { yes, keep }: ImagesChoices,
  { output, confirm }: CommandContext,
): Promise<ExitCode> {
  const { id } = stack.node;
  const { deploys } = new History(outputOf(app, stack), stack);
  const versions = [...new Set([...deploys].reverse().map(({ fingerprint }) => fingerprint))].slice(0, keep);
  const kept = new Set(deploys.filter(({ fingerprint }) => versions.includes(fingerprint)).map((deploy) => deploy.id));
  const unneeded = (await imagesOfStack(app, stack, docker)).filter((image) => isUnneeded(image, kept));
  if (unneeded.length === 0) {
    if (output.isJson) output.document({ stack: id, outcome: 'unchanged', removed: [], freedBytes: 0 });
    output.say(
      `Nothing to remove: every image of ${id} is needed by a container or by one of the last ${keep} deploys.`,
    );
    return ExitCode.DONE;
  }
  await print(unneeded, docker, output);
  const lost = deploys.filter(({ content }) =>
    content.images.some((image) => !canBePulled(image) && unneeded.some(({ id: removed }) => removed === image.id)),
  );
  const cost =
    lost.length === 0
      ? ''
      : `After that, ${lost.map((deploy) => deploy.id).join(', ')} can no longer be rolled back to.`;
  const noun = unneeded.length === 1 ? 'this image' : `these ${unneeded.length} images`;
  const question = `Remove ${noun} from the engine at ${docker.address.text}?`;
  if (!yes) await confirm([question, cost].join(' ').trimEnd(), 'nothing is removed.');
  else if (cost !== '') output.warn(cost);
  const before = await docker.layersSize();
  const refused = await remove(unneeded, docker, output);
  const freedBytes = Math.max(0, before - (await docker.layersSize()));
  const removed = unneeded.filter((image) => !refused.has(image));
  if (refused.size > 0) {
    const reasons = [...refused].map(([{ name }, reason]) => `${name} could not be removed: ${reason}.`);
    const rest = `${removed.length} removed, ${shownSize(freedBytes)} freed. Run the command again.`;
    throw new CommandError('image-not-removed', [...reasons, rest].join('\n'));
  }
  if (output.isJson) output.document({ stack: id, outcome: 'removed', removed: removed.map(report), freedBytes });
  output.heading(`${removed.length} removed, ${shownSize(freedBytes)} freed.`);
  return ExitCode.DONE;
}

/** A published image that no deploy of the stack has run is that of something else. */
function isUnneeded({ isBuilt, containers, deploys, otherStacks }: StackImage, kept: ReadonlySet<string>): boolean {
  const isOwn = isBuilt || deploys.length > 0;
  return isOwn && containers === 0 && otherStacks.length === 0 && !deploys.some((deploy) => kept.has(deploy));
}

/** @returns why the engine did not remove some */
async function remove(
  unneeded: readonly StackImage[],
  docker: DockerApi,
  output: Output,
): Promise<ReadonlyMap<StackImage, string>> {
  const writes = new DockerWrites(docker);
  const refused = new Map<StackImage, string>();
  for (const image of unneeded) {
    try {
      await output.during(`removing ${image.name}`, writes.removeImage(image.reference));
    } catch (error) {
      if (!(error instanceof DockerApiError)) throw error;
      refused.set(image, error.reason);
    }
  }
  return refused;
}

async function print(found: readonly StackImage[], docker: DockerApi, output: Output): Promise<void> {
  const now = await docker.now();
  printTable(
    output,
    ['IMAGE', 'ID', 'SIZE', 'AGE', 'NEEDED BY'],
    found.map((image) => [
      image.reference === image.id ? `${image.name} (earlier)` : image.name,
      image.id.replace(/^sha256:/, '').slice(0, 12),
      shownSize(image.size),
      shortAge(now - image.createdAt),
      users(image),
    ]),
  );
}

function users({ containers, deploys, otherStacks }: StackImage): string {
  const more = deploys.length - NAMED;
  return [
    ...(containers > 0 ? [`${containers} ${containers === 1 ? 'container' : 'containers'}`] : []),
    ...(deploys.length > 0
      ? [`deploys ${deploys.slice(0, NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`]
      : []),
    ...otherStacks.map((stack) => `stack ${stack}`),
  ].join('; ');
}

function report({ name, id, isBuilt, createdAt, size, containers, deploys, otherStacks }: StackImage): object {
  const created = new Date(createdAt).toISOString();
  return { name, id, isBuilt, createdAt: created, sizeBytes: size, containers, deploys, otherStacks };
}

import type { App } from 'cdktf';
import type { TradingStack } from '../../index';
import { parseImageName } from '../../internal';
import type { DockerApi } from '../engine/docker-api';
import type { ImageSummary } from '../engine/responses';
import type { DeployRecord, RecordedImage } from '../history/deploy-record';
import { History } from '../history/history';
import { outputOf, stacksOf } from '../synthesis/stacks';

/** An image of a stack on the engine. */
export interface StackImage {
  /** What it is removed by: its name, or its id if another image has the name by now. */
  readonly reference: string;
  /** The name that it has, or had in a deploy. */
  readonly name: string;
  readonly id: string;
  readonly isBuilt: boolean;
  readonly createdAt: number;
  /** In bytes, with what it shares with other images. */
  readonly size: number;
  /** How many containers have it, of whatever stack or program. */
  readonly containers: number;
  /** Ids of the deploys that have run it, the newest first. */
  readonly deploys: readonly string[];
  /** Ids of the other stacks of the app that have it. */
  readonly otherStacks: readonly string[];
}

/** The images of a stack that are on the engine: those that it builds, by their names, and those that its deploys have run. */
export async function imagesOfStack(app: App, stack: TradingStack, docker: DockerApi): Promise<StackImage[]> {
  const [present, containers] = await Promise.all([docker.images(), docker.containers()]);
  const own = knownOf(app, stack);
  const others = stacksOf(app).filter((one) => one !== stack);
  const known = others.map((one) => ({ id: one.node.id, ...knownOf(app, one) }));
  return present.flatMap((summary) =>
    namesIn(summary, own).map(({ reference, name, isBuilt }): StackImage => ({
      reference,
      name,
      id: summary.Id,
      isBuilt,
      createdAt: summary.Created * 1000,
      size: summary.Size,
      containers: containers.filter(({ ImageID }) => ImageID === summary.Id).length,
      deploys: own.deploys.filter((deploy) => hasImage(deploy, summary.Id)).map(({ id }) => id),
      otherStacks: known
        .filter(({ names, deploys }) => names.has(name) || deploys.some((deploy) => hasImage(deploy, summary.Id)))
        .map(({ id }) => id),
    })),
  );
}

/** What is known of the images of a stack, from its code and its history. */
interface Known {
  /** The newest first. */
  readonly deploys: readonly DeployRecord[];
  readonly recorded: readonly RecordedImage[];
  /** Names of the images of the code. */
  readonly names: ReadonlySet<string>;
  /** Names without tags of what it builds. */
  readonly repositories: ReadonlySet<string>;
}

function knownOf(app: App, stack: TradingStack): Known {
  const deploys = [...new History(outputOf(app, stack), stack).deploys].reverse();
  const recorded = deploys.flatMap(({ content }) => content.images);
  const specs = stack.platform.images.all.map(({ spec }) => spec);
  const built = [
    ...specs.filter(({ build }) => build !== null).map(({ name }) => name),
    ...recorded.filter(({ isBuilt }) => isBuilt).map(({ name }) => name),
  ];
  return {
    deploys,
    recorded,
    names: new Set(specs.map(({ name }) => name)),
    repositories: new Set(built.map(repositoryOf)),
  };
}

function hasImage({ content }: DeployRecord, id: string): boolean {
  return content.images.some((image) => image.id === id);
}

/** The names of an image that are the stack's. */
function namesIn(
  { Id, RepoTags, RepoDigests }: ImageSummary,
  { recorded, names, repositories }: Known,
): Pick<StackImage, 'reference' | 'name' | 'isBuilt'>[] {
  const ofImage = recorded.filter(({ id }) => id === Id);
  // One that was pulled by its digest has no tag.
  const present = [...tagsOf(RepoTags), ...(RepoDigests ?? []).filter((name) => names.has(name))];
  const own = present
    .map((reference) => ({ reference, name: reference, isBuilt: repositories.has(repositoryOf(reference)) }))
    .filter(({ name, isBuilt }) => isBuilt || names.has(name) || ofImage.some((image) => image.name === name));
  if (own.length > 0) return own;
  // Built or pulled again since: another image has the name.
  const [first] = ofImage;
  const isNamed = tagsOf(RepoTags).length > 0;
  return first === undefined || isNamed ? [] : [{ reference: Id, name: first.name, isBuilt: first.isBuilt }];
}

/** Some engines list an image without a name under this one. */
function tagsOf(tags: ImageSummary['RepoTags']): string[] {
  return (tags ?? []).filter((tag) => tag !== '<none>:<none>');
}

function repositoryOf(name: string): string {
  return parseImageName(name)?.repository ?? name;
}

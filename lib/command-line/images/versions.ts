import { authOf, isLogin, type Login, type Logins } from '../connection/logins';
import { type DockerApi, DockerApiError } from '../engine/docker-api';
import type { Problem } from '../output/output';
import type { Change } from '../plan/changes';
import { buildOf, imageTransferOf } from '../plan/resources';

/** How long a registry may take to answer the engine. */
const REGISTRY_MILLISECONDS = 30_000;

/** Where versions of images are looked up. */
export interface Registries {
  readonly docker: DockerApi;
  readonly logins: Logins;
  /** Id of the stack. */
  readonly stack: string;
}

/** The version that a change pushes; `undefined` if it pushes none, or an image whose tag is the hash of its content. */
export function pushedVersion({ type, action, after, hasContentTag }: Change): string | undefined {
  const transfer = action === 'delete' || after === null ? undefined : imageTransferOf(type, after);
  return transfer?.isPush === true && !hasContentTag ? transfer.image : undefined;
}

/**
 * A problem for every version that its registry has with other content than the image that would be pushed. What pulls a
 * version by its name, on this or another machine, relies on it.
 * @param changes also those of the builds, if these are not done yet
 */
export async function overwrittenVersions(
  changes: readonly Change[],
  { docker, logins, stack }: Registries,
): Promise<Problem[]> {
  const problems: Problem[] = [];
  for (const image of changes.map(pushedVersion)) {
    if (image === undefined) continue;
    const login = logins.for(image);
    const published = await digestInRegistry(image, login !== undefined && isLogin(login) ? login : undefined, docker);
    if (published === undefined) continue;
    const willDiffer = changes.some((change) => buildsOther(change, image));
    const known = willDiffer ? [] : await digestsOf(image, docker);
    if (known.includes(published)) continue;
    problems.push({ code: 'version-taken', message: describeTaken(image, stack) });
  }
  return problems;
}

/**
 * What is wrong with a version that its registry has with other content, and the ways out.
 * @param stack its id
 */
export function describeTaken(image: string, stack: string): string {
  return (
    `${image} is in its registry already, with other content. Set a new version in the name of the build, or run ` +
    `what is there: Image.fromRegistry('${image}'). To replace it: npm run deploy -- ${stack} --overwrite`
  );
}

/** The digests that an image of the engine has in registries; empty without the image. */
async function digestsOf(image: string, docker: DockerApi): Promise<string[]> {
  return ((await docker.image(image))?.RepoDigests ?? []).map((reference) => reference.replace(/^.*@/, ''));
}

/** Whether another content is to be built under the name that an image has now. */
function buildsOther({ before, after }: Change, image: string): boolean {
  const [old, now] = [before, after].map((attributes) => (attributes === null ? undefined : buildOf(attributes)));
  return old?.name === image && now?.name === image && old.content !== now.content;
}

/**
 * The digest of an image in its registry, which is asked by the engine; `undefined` if it is not there.
 * @throws DockerApiError if the registry does not say
 */
async function digestInRegistry(
  image: string,
  login: Login | undefined,
  docker: DockerApi,
): Promise<string | undefined> {
  try {
    const answer = await docker.send('GET', `/distribution/${image}/json`, {
      headers: authOf(login),
      patience: REGISTRY_MILLISECONDS,
    });
    return (JSON.parse(answer.toString('utf8')) as { Descriptor: { digest: string } }).Descriptor.digest;
  } catch (error) {
    // Registries refuse access to a repository that does not exist. Where it does, the push is refused, too.
    if (error instanceof DockerApiError && [401, 403, 404].includes(error.status ?? 0)) return undefined;
    throw error;
  }
}

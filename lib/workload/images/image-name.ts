// The grammar of image names: https://pkg.go.dev/github.com/distribution/reference
const IMAGE_NAME =
  /^(?<repository>[a-z0-9]+((\.|__?|-+)[a-z0-9]+)*([.:][a-zA-Z0-9.-]+(?=\/))?(\/[a-z0-9]+((\.|__?|-+)[a-z0-9]+)*)*)(:(?<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(@(?<digest>sha256:[a-f0-9]{64}))?$/;

/** That of a repository, a tag and a digest with their separators. */
const MAXIMUM_LENGTH = 255 + ':'.length + 128 + '@sha256:'.length + 64;

/** The parts of the name of an image. */
export interface ImageName {
  /** With the host of its registry, if there is one. */
  readonly repository: string;
  readonly tag: string | undefined;
  readonly digest: string | undefined;
}

/** The parts of a name; `undefined` if it is not valid. */
export function parseImageName(name: string): ImageName | undefined {
  // The pattern takes quadratic time.
  if (name.length > MAXIMUM_LENGTH) return undefined;
  const { repository, tag, digest } = IMAGE_NAME.exec(name)?.groups ?? {};
  return repository === undefined ? undefined : { repository, tag, digest };
}

/** Host of the registry of an image, as in `docker login`: a name without one is of Docker Hub. */
export function registryOf(name: string): string {
  const [first = '', ...rest] = name.split('/');
  return rest.length > 0 && isHost(first) ? first : 'docker.io';
}

/** Docker's rule for whether the first part of a name is the host of a registry. */
function isHost(part: string): boolean {
  return /[.:]/.test(part) || part === 'localhost';
}

/** The parts of a name, without the host of its registry; empty for a name that is not valid. */
export function nameInRegistry(name: string): { readonly path: string; readonly tag: string | undefined } {
  const { repository = '', tag }: Partial<ImageName> = parseImageName(name) ?? {};
  const [first = '', ...rest] = repository.split('/');
  const hasHost = rest.length > 0 && isHost(first);
  return { path: hasHost ? rest.join('/') : repository, tag };
}

/**
 * Whether a path in a registry is that of a published image, or of a copy in a mirror, which may put its own folders before
 * it. A name without a slash only counts directly in a registry or below `library/`, because `desk/redis` may be any image.
 * @param repository name on Docker Hub, without `library/`
 */
export function isCopyOf(repository: string, path: string): boolean {
  const ending = repository.includes('/') ? `/${repository}` : `/library/${repository}`;
  return path === repository || `/${path}`.endsWith(ending);
}

/** What a table has for published images. */
interface ImageEntry {
  /** Repositories, without the host of a registry; those of Docker's official images without `library/`. */
  readonly repositories: readonly string[];
  /** @default - all tags, and images without one */
  readonly tags?: RegExp;
}

/** The first entry of a table that is for an image, or for the image that it is a copy of. */
export function entryFor<Entry extends ImageEntry>(entries: readonly Entry[], image: string): Entry | undefined {
  const { path, tag = '' } = nameInRegistry(image);
  return entries.find(
    ({ repositories, tags }) =>
      repositories.some((one) => isCopyOf(one, path)) && (tags === undefined || tags.test(tag)),
  );
}

/** Words that publishers move from one version to the next. */
const MOVING =
  /^(latest|stable|develop|development|dev|devel|nightly|main|master|trunk|edge|lts|current|canary|snapshot)$/i;

/** Releases of Debian and Ubuntu. */
const RELEASE = /^(bullseye|bookworm|trixie|forky|focal|jammy|noble)$/;

/** Whether a tag names no version: one without a number, or one that starts with a word such as `latest`. */
export function isMoving(tag = 'latest'): boolean {
  const [first = ''] = tag.split(/[-_.]/);
  return MOVING.test(first) || !(/[0-9]/.test(tag) || RELEASE.test(first));
}

/** The nearest name that Docker accepts, as a folder may have any name. */
export function sanitizeImageName(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/[._-]{2,}/g, (signs) => (/^(__|-+)$/.test(signs) ? signs : '-'))
    .replace(/^[._-]+|[._-]+$/g, '');
}

import { type ImageName, parseImageName } from '../image-name';
import { DATABASES } from './databases';
import type { KnownImage } from './known-image';
import { MESSAGING } from './messaging';
import { MONITORING } from './monitoring';
import { TRADING } from './trading';
import { WEB } from './web';

/** Every image that is known. */
export const KNOWN_IMAGES: readonly KnownImage[] = [...DATABASES, ...MESSAGING, ...TRADING, ...WEB, ...MONITORING];

/**
 * What is known about an image.
 * @param reference its name with a tag or a digest, which may be that in a mirror:
 *   `registry.example.com/library/redis:7.4-alpine`
 */
export function knownImage(reference: string): KnownImage | undefined {
  const { repository, tag } = partsOf(reference);
  return KNOWN_IMAGES.find(
    ({ repositories, tags }) =>
      repositories.some((one) => isCalled(repository, one)) && (tags === undefined || tags.test(tag)),
  );
}

/** What is known about the image of a workload. An image that is built may differ from its base in every respect. */
export function knownImageOf({ pulledName }: { readonly pulledName: string | undefined }): KnownImage | undefined {
  return pulledName === undefined ? undefined : knownImage(pulledName);
}

/** Whether it is an image of a language or distribution, whose program is the user's own. */
export function isRuntime(reference: string): boolean {
  return runtimeEntrypoint(reference) !== undefined || reference.includes('distroless/');
}

/** The entry point of an image of a language or distribution; `undefined` if it is none. */
export function runtimeEntrypoint(reference: string): readonly string[] | undefined {
  if (reference === 'scratch') return [];
  const { repository } = partsOf(reference);
  return RUNTIMES.find(({ repositories }) => repositories.some((one) => isCalled(repository, one)))?.entrypoint;
}

/** Images of languages and distributions, which programs are built on, with their `ENTRYPOINT` as of 2026-11-30. */
const RUNTIMES: readonly { readonly repositories: readonly string[]; readonly entrypoint: readonly string[] }[] = [
  { repositories: ['alpine', 'debian', 'ubuntu', 'busybox', 'buildpack-deps'], entrypoint: [] },
  { repositories: ['amazoncorretto', 'golang', 'openjdk', 'python', 'ruby', 'rust'], entrypoint: [] },
  { repositories: ['eclipse-temurin'], entrypoint: ['/__cacert_entrypoint.sh'] },
  { repositories: ['node'], entrypoint: ['docker-entrypoint.sh'] },
  { repositories: ['php'], entrypoint: ['docker-php-entrypoint'] },
];

function partsOf(reference: string): { readonly repository: string; readonly tag: string } {
  const { repository = '', tag = '' }: Partial<ImageName> = parseImageName(reference) ?? {};
  const [first = '', ...rest] = repository.split('/');
  // As Docker tells the host of a registry from the first part of a name.
  const isHost = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost');
  return { repository: isHost ? rest.join('/') : repository, tag };
}

/** A mirror may keep its copies below a path. A name of one part is that of an official image, and of many others. */
function isCalled(repository: string, known: string): boolean {
  const ending = known.includes('/') ? `/${known}` : `/library/${known}`;
  return repository === known || `/${repository}`.endsWith(ending);
}

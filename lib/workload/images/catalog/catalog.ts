import type { Image } from '../image';
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
export function knownImageOf({ pulledName }: Image): KnownImage | undefined {
  return pulledName === undefined ? undefined : knownImage(pulledName);
}

/** Images of languages and distributions, whose program is the user's own. */
export function isRuntime(reference: string): boolean {
  const { repository } = partsOf(reference);
  return RUNTIMES.some((one) => isCalled(repository, one)) || reference.includes('distroless/');
}

const RUNTIMES = [
  'python',
  'node',
  'golang',
  'rust',
  'ruby',
  'eclipse-temurin',
  'alpine',
  'debian',
  'ubuntu',
  'busybox',
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

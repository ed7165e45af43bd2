import type { DockerfileSettings } from '../dockerfile';
import { entryFor } from '../image-name';
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
  return entryFor(KNOWN_IMAGES, reference);
}

/** What is known about the image of a workload. An image that is built may differ from its base in every respect. */
export function knownImageOf({ pulledName }: { readonly pulledName: string | undefined }): KnownImage | undefined {
  return pulledName === undefined ? undefined : knownImage(pulledName);
}

/** Whether it is the published image of a server that others keep their data in. */
export function isDatabase(image: { readonly pulledName: string | undefined }): boolean {
  const known = knownImageOf(image);
  return known !== undefined && [...DATABASES, ...MESSAGING].includes(known);
}

/** The entry point of a published image, or of one of a language or distribution; `undefined` if it is not known. */
export function entrypointOf(reference: string): readonly string[] | undefined {
  return knownImage(reference)?.entrypoint ?? runtimeEntrypoint(reference);
}

/** Whether it is an image of a language or distribution, whose program is the user's own. */
export function isRuntime(reference: string): boolean {
  return runtimeEntrypoint(reference) !== undefined || reference.includes('distroless/');
}

/** What is known of a published image. Those of languages and distributions have no health check. */
export function settingsOfPublished(name: string): DockerfileSettings {
  return {
    entrypoint: entrypointOf(name),
    command: knownImage(name)?.command,
    ...(isRuntime(name) && { hasHealthCheck: false }),
  };
}

/** The entry point of an image of a language or distribution; `undefined` for any other image. */
function runtimeEntrypoint(reference: string): readonly string[] | undefined {
  return reference === 'scratch' ? [] : entryFor(RUNTIMES, reference)?.entrypoint;
}

/**
 * Images of languages and distributions, which programs are built on, with their `ENTRYPOINT` as of 2026-11-30. The
 * Dockerfile of each is named in https://github.com/docker-library/official-images/tree/master/library.
 */
const RUNTIMES: readonly { readonly repositories: readonly string[]; readonly entrypoint: readonly string[] }[] = [
  { repositories: ['alpine', 'debian', 'ubuntu', 'busybox', 'buildpack-deps'], entrypoint: [] },
  { repositories: ['amazoncorretto', 'golang', 'openjdk', 'python', 'ruby', 'rust'], entrypoint: [] },
  // https://github.com/adoptium/containers/blob/main/docker_templates/partials/entrypoint.j2
  { repositories: ['eclipse-temurin'], entrypoint: ['/__cacert_entrypoint.sh'] },
  // https://github.com/nodejs/docker-node/blob/main/Dockerfile-slim.template
  { repositories: ['node'], entrypoint: ['docker-entrypoint.sh'] },
  // https://github.com/docker-library/php/blob/master/Dockerfile-linux.template
  { repositories: ['php'], entrypoint: ['docker-php-entrypoint'] },
];

import type { Image } from '@cdktf/provider-docker/lib/image';
import { RegistryImage } from '@cdktf/provider-docker/lib/registry-image';
import type { Construct } from 'constructs';
import { TradingStackError } from '../errors';
import type { RegistryAccess } from '../platform/container-engine';
import { type ImageSpec, withoutTag } from '../platform/images/image-spec';
import { addressOf, attributeOf } from '../platform/terraform';
import { withoutCreationStacks } from './creation-stacks';
import { isDockerHub, registryHost } from './registries';

/**
 * Pushes an image that was built, and returns the expression of its name with the digest that it has there: that does not
 * change when the tag is moved.
 */
export function pushImage(scope: Construct, id: string, name: string, image: Image): string {
  const config = {
    name: attributeOf(image, 'name'),
    // An image that is built again may have the same tag.
    triggers: { image: attributeOf(image, 'image_id') },
    // A rollback may start tasks of an older version from it.
    keepRemotely: true,
  };
  const pushed = withoutCreationStacks(() => new RegistryImage(scope, `${id}-pushed`, config));
  return `${withoutTag(name)}@\${${addressOf(pushed)}.sha256_digest}`;
}

/**
 * The provider only pushes to registries that it was configured for.
 * @param engine name of the engine in the code: `Engine.docker`
 * @throws TradingStackError `missing-option` if an image is pushed to a registry that the engine does not list
 */
export function checkPushed(
  { name, pushTo }: ImageSpec,
  registries: readonly RegistryAccess[],
  engine: string,
  where: string,
): void {
  if (pushTo === null || registries.some(({ address }) => isSameRegistry(address, pushTo))) return;
  throw new TradingStackError(
    'missing-option',
    where,
    `${name} is pushed to ${pushTo}, which the engine does not list`,
    `Add it to the registries: ${engine}({ registries: ['${pushTo}'] })`,
  );
}

function isSameRegistry(one: string, other: string): boolean {
  return registryHost(one) === registryHost(other) || (isDockerHub(one) && isDockerHub(other));
}

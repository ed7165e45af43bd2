import { Image } from '@cdktf/provider-docker/lib/image';
import { RegistryImage } from '@cdktf/provider-docker/lib/registry-image';
import type { Construct } from 'constructs';
import { TradingStackError } from '../../errors';
import type { ClusterSpec } from '../../platform/container-engine';
import { addressOf, attributeOf } from '../../platform/reference';
import { renderImage } from '../image';
import type { ImageReference, ImageSpec } from '../../platform/spec';

/**
 * Builds an image on the manager and pushes it to where the other nodes get it. Services name it by the digest that it
 * has there, so that a tag which somebody moves changes nothing.
 * @throws TradingStackError if there is no registry
 */
export function pushImage(
  scope: Construct,
  id: string,
  spec: ImageSpec,
  cluster: ClusterSpec,
  where: string,
): ImageReference {
  if (cluster.registry === null) {
    throw new TradingStackError(
      'invalid-value',
      where,
      `its image ${spec.name} is built on one node, and the others of the cluster have nowhere to get it from`,
      'Name a registry in cluster.registry of Engine.swarm, or use an image that is in one (Image.fromRegistry)',
    );
  }
  const name = `${cluster.registry.replace(/^http:\/\//, '')}/${spec.name}`;
  const image = new Image(scope, id, renderImage({ ...spec, name }));
  const pushed = new RegistryImage(scope, `${id}-pushed`, {
    name: attributeOf(image, 'name'),
    // Tasks of an older version may be started from it still, after a rollback for one.
    keepRemotely: true,
  });
  const repository = name.replace(/:[^:/]*$/, '');
  return { name, expression: `${repository}@\${${addressOf(pushed)}.sha256_digest}` };
}

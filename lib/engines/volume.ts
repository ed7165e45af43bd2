import { Volume } from '@cdktf/provider-docker/lib/volume';
import { TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import { invalidValue } from '../errors';
import { attributeOf } from '../platform/reference';

/** Creates a `docker_volume` and returns the expression of its name. */
export function createVolume(scope: Construct, id: string, name: string): string {
  if (name.includes('.')) {
    throw invalidValue(
      TerraformStack.of(scope).node.path,
      'the disposable volume',
      name,
      'a name without dots: it becomes an address',
    );
  }
  const volume = new Volume(scope, id, { name });
  // The address comes from the name alone: moving code around must not replace a volume.
  volume.overrideLogicalId(`volume_${name}`);
  // By name, not by id: the name is known while planning, so a replacement of the volume fails as "in use" instead of
  // taking the data with it.
  return attributeOf(volume, 'name');
}

import { Image, type ImageConfig } from '@cdktf/provider-docker/lib/image';
import { DataDockerNetwork } from '@cdktf/provider-docker/lib/data-docker-network';
import { Network, type NetworkConfig } from '@cdktf/provider-docker/lib/network';
import { Volume } from '@cdktf/provider-docker/lib/volume';
import { TerraformStack, TerraformVariable } from 'cdktf';
import type { Construct } from 'constructs';
import { major } from 'semver';
import { invalidName } from '../errors';
import type { ImageSpec, NetworkSpec } from '../platform/spec';
import { withoutCreationStacks } from './creation-stacks';
import { attributeOf, literal, literalMap, sortedEntries } from '../platform/terraform';

// The resources that both engines create in the same way.

/** Creates the `docker_image` of an image that is pulled or built. */
export function createImage(scope: Construct, id: string, spec: ImageSpec, providerVersion: string): Image {
  const config = renderImage(spec);
  if (spec.build === null) return withoutCreationStacks(() => new Image(scope, id, config));
  // What is built depends on the name and the trigger alone, which contain everything about the build. So a stack that
  // moves to another version of the provider, or was built without a cache once, is not built again.
  const lifecycle = { ignoreChanges: ['build'] };
  const image = withoutCreationStacks(() => new Image(scope, id, { ...config, lifecycle }));
  image.addOverride('build.no_cache', `\${var.${noCacheVariable(scope)}}`);
  // From 4.0 on the provider builds with the builder that `docker buildx use` selects on the machine that deploys. That
  // one ignores the host of the provider, and may keep the image to itself.
  if (major(providerVersion) >= 4) image.addOverride('build.use_legacy_builder', true);
  return image;
}

/** Variable that the command line sets for a plan that builds without a cache. */
export const NO_CACHE_VARIABLE = 'cdktf_trading_stack_no_cache';

function noCacheVariable(scope: Construct): string {
  if (scope.node.tryFindChild(NO_CACHE_VARIABLE) === undefined) {
    new TerraformVariable(scope, NO_CACHE_VARIABLE, {
      type: 'bool',
      default: false,
      description: 'Whether images that are built or replaced are built without the cache of the builder',
    }).overrideLogicalId(NO_CACHE_VARIABLE);
  }
  return NO_CACHE_VARIABLE;
}

function renderImage(spec: ImageSpec): ImageConfig {
  const { name, build, platform } = spec;
  // Kept on destroy: other stacks and other tags may use the same layers, and the next deploy is quick.
  if (build === null) return { name, keepLocally: true, ...(platform !== null && { platform }) };
  return {
    name,
    keepLocally: true,
    // The provider does not read the folder: without this, a changed source would not be rebuilt.
    triggers: { content: build.contentHash },
    buildAttribute: {
      context: literal(build.context),
      dockerfile: literal(build.dockerfile),
      ...(build.target !== null && { target: literal(build.target) }),
      ...(Object.keys(build.arguments).length > 0 && { buildArgs: literalMap(build.arguments) }),
      ...(build.platform !== null && { platform: literal(build.platform) }),
    },
  };
}

const VXLAN_IDS = 'com.docker.network.driver.overlay.vxlanid_list';

/** The `docker_network` of a stack, on the driver of the engine. */
export function renderNetwork(
  spec: NetworkSpec,
  driver: { readonly driver: 'bridge' | 'overlay'; readonly attachable?: boolean },
): NetworkConfig {
  return {
    name: spec.name,
    ...driver,
    ...(spec.internal && { internal: true }),
    ...(Object.keys(spec.driverOptions).length > 0 && {
      options: literalMap(spec.driverOptions),
      // The engine adds the id of the network there, and every plan would replace it.
      ...(driver.driver === 'overlay' && { lifecycle: { ignoreChanges: [`options["${VXLAN_IDS}"]`] } }),
    }),
    // A subnet without its gateway is read back with one, and every plan would replace the network.
    ...(spec.addresses && { ipamConfig: [{ subnet: spec.addresses.subnet, gateway: spec.addresses.gateway }] }),
    labels: renderLabels(spec.labels),
  };
}

/**
 * Creates a `docker_network` and returns the expression of its id.
 * @param logicalId name of the resource in Terraform; without one, it follows from the construct path
 */
export function createNetwork(scope: Construct, id: string, config: NetworkConfig, logicalId?: string): string {
  const network = withoutCreationStacks(() => new Network(scope, id, config));
  // Before anything refers to the network: cdktf keeps the first name that it has computed.
  if (logicalId !== undefined) network.overrideLogicalId(logicalId);
  return attributeOf(network, 'id');
}

/** The expression of the id of a network that exists on the engine; the plan fails if it does not. */
export function findNetwork(scope: Construct, id: string, name: string): string {
  const network = withoutCreationStacks(() => new DataDockerNetwork(scope, id, { name }));
  return `\${data.docker_network.${network.friendlyUniqueId}.id}`;
}

/**
 * Creates a `docker_volume` and returns the expression of its name.
 * @throws TradingStackError `invalid-name` for a name with a dot
 */
export function createVolume(
  scope: Construct,
  id: string,
  name: string,
  labels: Readonly<Record<string, string>>,
): string {
  if (name.includes('.')) {
    throw invalidName(
      TerraformStack.of(scope).node.path,
      'the ephemeral volume',
      name,
      'a name without dots, as it becomes a Terraform address',
    );
  }
  // A volume that was created without labels is not replaced, which would remove its data.
  const config = { name, labels: renderLabels(labels), lifecycle: { ignoreChanges: ['labels'] } };
  const volume = withoutCreationStacks(() => new Volume(scope, id, config));
  // The address comes from the name alone: moving code around must not replace a volume.
  volume.overrideLogicalId(`volume_${name}`);
  // By name, not by id: the name is known while planning, so a replacement of the volume fails as "in use" instead of
  // taking the data with it.
  return attributeOf(volume, 'name');
}

function renderLabels(labels: Readonly<Record<string, string>>): { label: string; value: string }[] {
  return sortedEntries(labels).map(([label, value]) => ({ label: literal(label), value: literal(value) }));
}

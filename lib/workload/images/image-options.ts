import { TradingStackError } from '../../errors';
import { each, type OptionShapes } from '../../options/options';
import { registryOf } from './image-name';

/** Options of `Image.fromRegistry`. */
export interface RegistryImageOptions {
  /**
   * Public image that it is built on: `redis:7.4-alpine`. A server such as `RedisCache` needs it for an image that was
   * built elsewhere, because the name does not say where the data is.
   * @default - the image itself
   */
  readonly baseImage?: string;
  /**
   * Platform to pull: `linux/amd64` for an image that does not exist for that of the engine, which then needs an emulator.
   * @default - the engine's own
   */
  readonly platform?: string;
}

/** How the options of `Image.fromRegistry` are checked. */
export const REGISTRY_OPTIONS: OptionShapes<RegistryImageOptions> = { baseImage: 'string', platform: 'string' };

/** How to build an image; see `Image.fromBuild`. */
export interface ImageBuildOptions {
  /**
   * Public image that the base image of the Dockerfile is built on; see {@link RegistryImageOptions.baseImage}.
   * @default - the base image of the stage
   */
  readonly baseImage?: string;
  /**
   * Name of the image: `desk/feature-api`, `registry.desk.example:5000/desk/feature-api:v1.2.0`. Without a tag, the tag is
   * the hash of what it is built from.
   * @default - the stack's name and the folder's name, in lower case: `mt5-feature-api`
   */
  readonly name?: string;
  /**
   * Whether a deploy pushes the image to the registry in its `name`, which has to be one of the `registries` of the engine.
   * It stays there on destroy. A version that the registry has with other content is only replaced with
   * `deploy --overwrite`.
   * @default false
   */
  readonly push?: boolean;
  /**
   * Path of the Dockerfile, relative to the folder.
   * @default 'Dockerfile'
   */
  readonly dockerfile?: string;
  /**
   * Stage to build.
   * @default - the last one
   */
  readonly target?: string;
  /**
   * Build arguments. They stay in the image's history, so never pass a secret.
   * @default - none
   */
  readonly buildArgs?: Readonly<Record<string, string>>;
  /**
   * Platform to build for, for example `linux/arm64`.
   * @default - the engine's own
   */
  readonly platform?: string;
}

/** How the options of `Image.fromBuild` are checked. */
export const BUILD_OPTIONS: OptionShapes<ImageBuildOptions> = {
  baseImage: 'string',
  name: 'string',
  push: 'boolean',
  dockerfile: 'string',
  target: 'string',
  buildArgs: each('string'),
  platform: 'string',
};

/**
 * The registry that an image is pushed to after it was built; `null` for none.
 * @throws TradingStackError `missing-option` for an image without a name
 */
export function pushedTo({ name, push = false }: ImageBuildOptions, where: string): string | null {
  if (!push) return null;
  if (name !== undefined) return registryOf(name);
  throw new TradingStackError(
    'missing-option',
    where,
    'the image is pushed, but has no name in a registry',
    "Set its name: { name: 'registry.example.com/desk/feature-api:v1.2.0', push: true }",
  );
}

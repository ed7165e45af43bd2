import { each, type OptionShapes } from '../../options/options';

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
   * Name of the image without a tag; the tag is the hash of what it is built from.
   * @default - the stack's name and the folder's name, in lower case: `mt5-feature-api`
   */
  readonly name?: string;
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
  dockerfile: 'string',
  target: 'string',
  buildArgs: each('string'),
  platform: 'string',
};

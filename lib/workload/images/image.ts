import { existsSync, readFileSync } from 'node:fs';
import { basename, relative, resolve } from 'node:path';
import { invalidName, invalidPath, missingPath, TradingStackError } from '../../errors';
import { checkOptions } from '../../options/options';
import { contentHash } from '../../platform/content-hash';
import type { Platform } from '../../platform/platform';
import type { BuildSpec, ImageReference } from '../../platform/spec';
import { hashBuildContext } from './build-context';
import { baseOf, checkTarget, type DockerfileSettings, imagesIn, settingsIn } from './dockerfile';
import { isMoving, parseImageName, sanitizeImageName } from './image-name';
import { isKnownToLack } from './missing-programs';
import {
  BUILD_OPTIONS,
  type ImageBuildOptions,
  pushedTo,
  REGISTRY_OPTIONS,
  type RegistryImageOptions,
} from './image-options';
import { settingsOfPublished } from './catalog/catalog';
import { secretNamesIn } from '../secrets/plain-secrets';

/**
 * Where the image of a workload comes from.
 *
 * @example
 * Image.fromRegistry('postgres:17-alpine')
 * @example
 * Image.fromBuild('services/feature-api', { dockerfile: 'Dockerfile.api' })
 */
export abstract class Image {
  /**
   * An image that the engine pulls, unless it has it already.
   * @param name with the tag of a version or a digest: `postgres:17-alpine`, `ghcr.io/desk/bot@sha256:…`. A tag without a
   *   version, such as `stable`, needs the digest, too. The workload that uses the image checks it.
   * @throws TradingStackError for an unknown option, and for a base image whose name is invalid
   */
  static fromRegistry(name: string, options: RegistryImageOptions = {}): Image {
    checkOptions(options, REGISTRY_OPTIONS, 'Image.fromRegistry');
    checkBaseImage(options.baseImage, 'Image.fromRegistry');
    return new RegistryImage(name, options);
  }

  /**
   * An image that Terraform builds on the engine, and rebuilds when a file changes that `.dockerignore` does not
   * exclude. To build the project's own folder, exclude `.secrets`, the output and the state.
   * @param directory path of the folder, relative to the project's folder, in which the app runs
   * @throws TradingStackError for an unknown option, if the path is empty, and for a base image whose name is invalid
   */
  static fromBuild(directory: string, options: ImageBuildOptions = {}): Image {
    if (directory === '') {
      throw invalidPath('Image.fromBuild', 'the folder', directory, "a path: 'services/feature-api'");
    }
    checkOptions(options, BUILD_OPTIONS, 'Image.fromBuild');
    checkBaseImage(options.baseImage, 'Image.fromBuild');
    return new BuiltImage(directory, options);
  }

  /** Names of the images whose programs this one contains: its own name, or the base images of its last stage. */
  abstract baseImages(platform: Platform, where: string): string[];

  /**
   * What its Dockerfile sets, and what is known of the image of a language or distribution.
   * @internal
   */
  abstract settings(platform: Platform, where: string): DockerfileSettings;

  /** Whether the Dockerfile of the image mentions the program, and so probably installs it. */
  abstract mentions(program: string, platform: Platform, where: string): boolean;

  /**
   * Whether it is known not to have the program.
   * @internal
   */
  lacks(program: string, platform: Platform, where: string): boolean {
    const isLacking = this.baseImages(platform, where).some((base) => isKnownToLack(base, program));
    return isLacking && !this.mentions(program, platform, where);
  }

  /** Names of build arguments whose values look like secrets. */
  plainSecrets(): string[] {
    return [];
  }

  /**
   * Name of an image that is pulled; `undefined` for one that is built, which is the user's own.
   * @internal
   */
  get pulledName(): string | undefined {
    return undefined;
  }

  /**
   * Puts the image on the platform's engine.
   * @throws TradingStackError if its name is invalid or not pinned; if its folder, Dockerfile or stage does not exist; if
   *   the build context contains secrets, output or state of the project
   */
  abstract bind(platform: Platform, where: string): ImageReference;
}

function checkBaseImage(name: string | undefined, where: string): void {
  if (name === undefined || parseImageName(name) !== undefined) return;
  throw invalidName(where, 'baseImage', name, 'the name of an image with its tag, such as redis:7.4-alpine');
}

class RegistryImage extends Image {
  constructor(
    private readonly name: string,
    private readonly options: RegistryImageOptions,
  ) {
    super();
  }

  override get pulledName(): string {
    return this.name;
  }

  baseImages(_platform: Platform, where: string): string[] {
    return [this.options.baseImage ?? this.checkedName(where)];
  }

  settings(): DockerfileSettings {
    return settingsOfPublished(this.name);
  }

  mentions(): boolean {
    return false;
  }

  bind(platform: Platform, where: string): ImageReference {
    return platform.images.place(
      { name: this.checkedName(where), build: null, platform: this.options.platform ?? null, pushTo: null },
      where,
    );
  }

  /** Checked here, because the constructor does not know which service the image is for. */
  private checkedName(where: string): string {
    const { name } = this;
    const groups = parseImageName(name);
    if (!groups) {
      throw new TradingStackError(
        'invalid-name',
        where,
        `'${name}' is not a valid image name`,
        "Use a name and a tag: Image.fromRegistry('redis:7.4-alpine')",
      );
    }
    if (groups.digest === undefined && isMoving(groups.tag)) {
      throw new TradingStackError(
        'image-not-pinned',
        where,
        `the image '${name}' is not pinned to a version`,
        `Set a version as the tag, or the digest that \`docker buildx imagetools inspect ${name}\` prints`,
      );
    }
    return name;
  }
}

class BuiltImage extends Image {
  /** Read once, as several workloads of a stack often run one image. */
  private readonly dockerfiles = new Map<string, string>();
  private readonly contextHashes = new Map<string, string>();
  private readonly bases = new Map<string, string[]>();
  private readonly settingsOf = new Map<string, DockerfileSettings>();

  constructor(
    private readonly directory: string,
    private readonly options: ImageBuildOptions,
  ) {
    super();
  }

  baseImages(platform: Platform, where: string): string[] {
    const { baseImage } = this.options;
    if (baseImage !== undefined) return [baseImage];
    const dockerfile = this.locateDockerfile(platform, where);
    return memoize(this.bases, dockerfile, () => baseOf(this.readDockerfile(dockerfile), this.options.target));
  }

  settings(platform: Platform, where: string): DockerfileSettings {
    const { target, buildArgs: buildArguments = {} } = this.options;
    const dockerfile = this.locateDockerfile(platform, where);
    return memoize(this.settingsOf, dockerfile, () => {
      const own = settingsIn(this.readDockerfile(dockerfile), target, buildArguments);
      const base = settingsOfPublished(this.baseImages(platform, where)[0] ?? '');
      return {
        entrypoint: own.entrypoint ?? base.entrypoint,
        // An entry point replaces the command of the base image.
        command: own.command ?? (own.entrypoint === undefined ? base.command : undefined),
        user: own.user,
        hasHealthCheck: own.hasHealthCheck ?? base.hasHealthCheck,
      };
    });
  }

  override plainSecrets(): string[] {
    return secretNamesIn(this.options.buildArgs ?? {}).map((name) => `the build argument ${name}`);
  }

  mentions(program: string, platform: Platform, where: string): boolean {
    const words = this.readDockerfile(this.locateDockerfile(platform, where)).split(/[^A-Za-z0-9_.+-]+/);
    // The names of packages often start with that of the program: nodejs, python3-minimal, netcat-openbsd.
    const start = PACKAGES[program] ?? program;
    return words.some((word) => word === program || word.startsWith(start));
  }

  bind(platform: Platform, where: string): ImageReference {
    const context = this.locateContext(platform, where);
    const build = this.buildSpec(platform, context, where);
    const name = this.nameOf(platform, context, build.contentHash, where);
    return platform.images.place({ name, build, platform: null, pushTo: pushedTo(this.options, where) }, where);
  }

  private nameOf(platform: Platform, context: string, hash: string, where: string): string {
    const { name = sanitizeImageName(`${platform.prefix}-${basename(context)}`) } = this.options;
    const groups = parseImageName(name);
    if (groups === undefined || groups.digest !== undefined) {
      throw new TradingStackError(
        'invalid-name',
        where,
        `'${name}' is not a valid name for an image to build`,
        "Use lower-case letters and digits, with . _ - / between them: 'desk/feature-api', 'desk/feature-api:v1.2.0'",
      );
    }
    if (groups.tag === undefined) return `${name}:${hash}`;
    if (!isMoving(groups.tag)) return name;
    throw new TradingStackError(
      'image-not-pinned',
      where,
      `the tag '${groups.tag}' of the image to build is not a version`,
      'Set a version as the tag, or leave the tag out: it is then the hash of what the image is built from',
    );
  }

  private buildSpec(platform: Platform, context: string, where: string): BuildSpec {
    const { target, buildArgs: buildArguments = {}, platform: targetPlatform } = this.options;
    const dockerfile = this.locateDockerfile(platform, where);
    const inside = relative(context, dockerfile);
    const isOutside = inside.startsWith('..');
    checkTarget(this.readDockerfile(dockerfile), target, where);
    const settings = { target: target ?? null, arguments: buildArguments, platform: targetPlatform ?? null };
    return {
      ...settings,
      context: platform.projectDirectory.fromWorkingDirectory(this.directory),
      dockerfile: isOutside ? platform.projectDirectory.fromWorkingDirectory(dockerfile) : inside,
      contentHash: contentHash({
        ...settings,
        files: this.hashContext(platform, context, dockerfile, where),
        dockerfile: this.readDockerfile(dockerfile),
      }),
      usedImages: imagesIn(this.readDockerfile(dockerfile), target, buildArguments),
    };
  }

  private hashContext(platform: Platform, directory: string, dockerfile: string, where: string): string {
    // Which files are private differs between stacks.
    return memoize(this.contextHashes, `${platform.path}:${directory}`, () =>
      hashBuildContext({ directory, given: this.directory, dockerfile }, platform, where),
    );
  }

  private readDockerfile(path: string): string {
    return memoize(this.dockerfiles, path, () => readFileSync(path, 'utf8'));
  }

  private locateContext(platform: Platform, where: string): string {
    return platform.projectDirectory.locateExisting(this.directory, 'build folder', where);
  }

  private locateDockerfile(platform: Platform, where: string): string {
    const given = this.options.dockerfile ?? 'Dockerfile';
    const dockerfile = resolve(this.locateContext(platform, where), given);
    if (existsSync(dockerfile)) return dockerfile;
    const fix = 'set `dockerfile` to its path relative to the build folder';
    throw missingPath(where, 'Dockerfile', given, dockerfile, fix);
  }
}

/** Prefixes of package names, for programs whose packages have other names. */
const PACKAGES: Readonly<Record<string, string | undefined>> = {
  nc: 'netcat',
  psql: 'postgresql',
  pg_isready: 'postgresql',
  'redis-cli': 'redis',
};

function memoize<T>(values: Map<string, T>, key: string, make: () => T): T {
  const existing = values.get(key);
  if (existing !== undefined) return existing;
  const value = make();
  values.set(key, value);
  return value;
}

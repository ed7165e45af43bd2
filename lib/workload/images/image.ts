import { existsSync, readFileSync } from 'node:fs';
import { basename, relative, resolve } from 'node:path';
import { invalidValue, missingPath, TradingStackError } from '../../errors';
import { contentHash } from '../../platform/content-hash';
import { checkFilledText, checkText, checkTexts } from '../../platform/plain-values';
import type { Platform } from '../../platform/platform';
import type { BuildSpec, ImageReference } from '../../platform/spec';
import { hashBuildContext, isLeftOut, listBuildContext } from './build-context';
import { baseOf, checkTarget } from './dockerfile';
import { refusePrivateFilesInBuild } from '../secrets/leak-guards';

/** How to build an image; see {@link Image.fromBuild}. */
export interface ImageBuildOptions {
  /**
   * Name of the image without a tag; the tag is the hash of what it is built from.
   * @default - the stack's name and the folder's name, in small letters: `mt5-feature-api`
   */
  readonly name?: string;
  /**
   * Path of the Dockerfile, from the folder.
   * @default 'Dockerfile'
   */
  readonly dockerfile?: string;
  /**
   * Stage to build.
   * @default - the last one
   */
  readonly target?: string;
  /**
   * Build arguments. They are kept in the image's history, so never a secret.
   * @default - none
   */
  readonly buildArgs?: Readonly<Record<string, string>>;
  /**
   * Platform to build for, for example `linux/arm64`.
   * @default - the engine's own
   */
  readonly platform?: string;
}

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
   * @param name with a tag or a digest: `postgres:17-alpine`, `ghcr.io/desk/bot@sha256:…`
   */
  static fromRegistry(name: string): Image {
    checkText(name, 'the name', 'Image.fromRegistry');
    return new RegistryImage(name);
  }

  /**
   * An image that Terraform builds on the engine, again whenever something in the folder changes that
   * `.dockerignore` lets through. Of the project's own folder it has to leave out `.secrets`, the output and the state.
   * @param directory path of the folder, from the project's folder, in which the app runs
   */
  static fromBuild(directory: string, options: ImageBuildOptions = {}): Image {
    checkFilledText(directory, 'the folder', 'Image.fromBuild');
    checkTexts(options.buildArgs ?? {}, 'arguments', 'Image.fromBuild');
    return new BuiltImage(directory, options);
  }

  /** Names of the images whose programs this one has: its own name, or what its last stage starts from. */
  abstract baseImages(platform: Platform, where: string): string[];

  /** Whether the image's own recipe names the program, and so probably installs it. */
  abstract mentions(program: string, platform: Platform, where: string): boolean;

  /**
   * Puts the image on the platform's engine.
   * @throws TradingStackError if its name is none, or is no version of it; if its folder, its Dockerfile or the stage is
   *   not there; if the build would see secrets, output or state of the project
   */
  abstract bind(platform: Platform, where: string): ImageReference;
}

/** @throws TradingStackError for what only plain JavaScript can give: `'redis:7.4-alpine'`, or nothing */
export function checkImage(image: Image, where: string): Image {
  if (typeof (image as Partial<Image> | null | undefined)?.baseImages === 'function') return image;
  const given: unknown = image;
  const allowed =
    typeof given === 'string'
      ? `Image.fromRegistry('${given}')`
      : "an Image, for example Image.fromRegistry('redis:7.4-alpine')";
  throw invalidValue(where, 'image', given, allowed);
}

// The grammar of image names: https://pkg.go.dev/github.com/distribution/reference
const IMAGE_NAME =
  /^(?<repository>[a-z0-9]+((\.|__?|-+)[a-z0-9]+)*([.:][a-zA-Z0-9.-]+(?=\/))?(\/[a-z0-9]+((\.|__?|-+)[a-z0-9]+)*)*)(:(?<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(@(?<digest>sha256:[a-f0-9]{64}))?$/;

class RegistryImage extends Image {
  constructor(private readonly name: string) {
    super();
  }

  baseImages(_platform: Platform, where: string): string[] {
    return [this.checkedName(where)];
  }

  mentions(): boolean {
    return false;
  }

  bind(platform: Platform, where: string): ImageReference {
    return platform.image({ name: this.checkedName(where), build: null }, where);
  }

  /** Not in the constructor, which does not know which service the image is for. */
  private checkedName(where: string): string {
    const { name } = this;
    const groups = IMAGE_NAME.exec(name)?.groups;
    if (!groups) throw invalidValue(where, 'the image', name, "a name such as 'redis:7.4-alpine'");
    if (groups.digest === undefined && (groups.tag === undefined || groups.tag === 'latest')) {
      throw new TradingStackError(
        'invalid-value',
        where,
        `the image '${name}' is whatever its publisher moved it to last`,
        'Give a version as the tag, or a digest',
      );
    }
    return name;
  }
}

class BuiltImage extends Image {
  /** Read once: several workloads of a stack often run one image. */
  private readonly dockerfiles = new Map<string, string>();
  private readonly contextHashes = new Map<string, string>();
  private readonly bases = new Map<string, string[]>();

  constructor(
    private readonly directory: string,
    private readonly options: ImageBuildOptions,
  ) {
    super();
  }

  baseImages(platform: Platform, where: string): string[] {
    const dockerfile = this.locateDockerfile(platform, where);
    return remembered(this.bases, dockerfile, () => baseOf(this.readDockerfile(dockerfile), this.options.target));
  }

  mentions(program: string, platform: Platform, where: string): boolean {
    const words = this.readDockerfile(this.locateDockerfile(platform, where)).split(/[^A-Za-z0-9_.+-]+/);
    // Packages are often called after their program and something more: nodejs, python3-minimal, netcat-openbsd.
    const start = PACKAGES[program] ?? program;
    return words.some((word) => word === program || word.startsWith(start));
  }

  bind(platform: Platform, where: string): ImageReference {
    const context = this.locateContext(platform, where);
    const build = this.buildSpec(platform, context, where);
    return platform.image({ name: `${this.checkedName(platform, context, where)}:${build.contentHash}`, build }, where);
  }

  private checkedName(platform: Platform, context: string, where: string): string {
    const { name } = this.options;
    if (name === undefined) return possibleName(`${platform.prefix}-${basename(context)}`);
    const groups = IMAGE_NAME.exec(name)?.groups;
    if (groups !== undefined && groups.tag === undefined && groups.digest === undefined) return name;
    const allowed = "small letters and digits, with . _ - / between them, and no tag: 'desk/feature-api'";
    throw invalidValue(where, 'the name of the built image', name, allowed);
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
        files: this.hashContext(platform, context, where),
        dockerfile: this.readDockerfile(dockerfile),
      }),
    };
  }

  private hashContext(platform: Platform, context: string, where: string): string {
    // What is private is another file in another stack.
    return remembered(this.contextHashes, `${platform.path}:${context}`, () => {
      const files = listBuildContext(context);
      const build = { directory: context, given: this.directory };
      refusePrivateFilesInBuild(build, files, (path) => isLeftOut(context, path), platform, where);
      return hashBuildContext(context, files);
    });
  }

  private readDockerfile(path: string): string {
    return remembered(this.dockerfiles, path, () => readFileSync(path, 'utf8'));
  }

  private locateContext(platform: Platform, where: string): string {
    return platform.projectDirectory.locateExisting(this.directory, 'build folder', where);
  }

  private locateDockerfile(platform: Platform, where: string): string {
    const given = this.options.dockerfile ?? 'Dockerfile';
    const dockerfile = resolve(this.locateContext(platform, where), given);
    if (existsSync(dockerfile)) return dockerfile;
    const fix = 'give its path from the build folder as `dockerfile`';
    throw missingPath(where, 'Dockerfile', given, dockerfile, fix);
  }
}

/** How the names of packages start, where it is not with the name of the program. */
const PACKAGES: Readonly<Record<string, string | undefined>> = {
  nc: 'netcat',
  psql: 'postgresql',
  pg_isready: 'postgresql',
  'redis-cli': 'redis',
};

/** The nearest name that Docker takes: a folder may be called anything. */
function possibleName(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/[._-]{2,}/g, (signs) => (/^(__|-+)$/.test(signs) ? signs : '-'))
    .replace(/^[._-]+|[._-]+$/g, '');
}

function remembered<T>(values: Map<string, T>, key: string, make: () => T): T {
  const existing = values.get(key);
  if (existing !== undefined) return existing;
  const made = make();
  values.set(key, made);
  return made;
}

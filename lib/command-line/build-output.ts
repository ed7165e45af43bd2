import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { stripVTControlCharacters } from 'node:util';
import type { Change } from './changes';
import type { DockerApi } from './docker-api';
import type { EngineAddress } from './engine-address';
import type { LastWords } from './last-words';
import type { Output } from './output';

const LINES = 30;

/** The image of a plan that is built, as far as building it again takes. */
interface Build {
  readonly name: string;
  readonly context: string;
  readonly dockerfile: string;
  readonly target?: string | null;
  readonly platform?: string | null;
  readonly build_args?: Readonly<Record<string, string>> | null;
}

/** Where a build is repeated. */
export interface BuildPlace {
  /** Terraform's working directory, where the paths of a build start. */
  readonly directory: string;
  readonly address: EngineAddress;
  /** `undefined` for an engine that only Terraform, and Docker's own command line, can reach. */
  readonly docker: DockerApi | undefined;
  /** Takes the values of secrets out of what a build prints. */
  readonly redact: (text: string) => string;
}

/**
 * What the builds have to say that failed. The provider keeps the end of a failed build to itself, but for the exit code
 * (its `build_log_file` works with another builder only), so they run once more, on what the engine has cached.
 */
export async function failedBuilds(
  changes: readonly Change[],
  place: BuildPlace,
  output: Output,
): Promise<LastWords[]> {
  const words: LastWords[] = [];
  for (const build of changes.flatMap(buildOf)) {
    // The tag is the hash of the source: a build that went well has left it.
    if (place.docker !== undefined && (await place.docker.imageLabels(build.name)) !== undefined) continue;
    words.push(await repeat(build, place, output));
  }
  return words;
}

function buildOf({ action, after, type }: Change): Build[] {
  if (type !== 'docker_image' || action === 'delete') return [];
  const { name, build = [] } = after as { name: string; build?: readonly Omit<Build, 'name'>[] };
  return build.map((one) => ({ ...one, name }));
}

async function repeat(build: Build, place: BuildPlace, output: Output): Promise<LastWords> {
  const command = commandOf(build, place.directory);
  output.say(output.colors.dim(`$ docker ${command.join(' ')}`));
  const again = (isBuildKit: boolean): Promise<Ending> =>
    output.during('docker build', run(command, place, isBuildKit));
  let ending = await again(true);
  // Docker's command line from version 23 on has BuildKit in a plugin, which not every installation has.
  if (ending.log.some((line) => line.includes('buildx component is missing'))) ending = await again(false);
  return { name: build.name, state: describe(ending), log: ending.log.slice(-LINES).map(place.redact) };
}

interface Ending {
  /** `undefined` if there is no such program. */
  readonly exitCode: number | undefined;
  readonly log: readonly string[];
}

function describe({ exitCode }: Ending): string {
  if (exitCode === undefined) return "its output takes Docker's command line, which is not installed here";
  return exitCode === 0 ? 'the build failed, and went well when it was run again' : 'the build failed';
}

function commandOf({ context, dockerfile, target, platform, build_args }: Build, directory: string): string[] {
  // The provider looks for a Dockerfile in the working directory first, and then in the context.
  const file = existsSync(join(directory, dockerfile)) ? dockerfile : join(context, dockerfile);
  return [
    ...['build', '--force-rm', '--file', file],
    ...(target ? ['--target', target] : []),
    ...(platform ? ['--platform', platform] : []),
    ...Object.entries(build_args ?? {}).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]),
    context,
  ];
}

function run(command: readonly string[], { directory, address }: BuildPlace, isBuildKit: boolean): Promise<Ending> {
  const { DOCKER_CONTEXT: _context, DOCKER_BUILDKIT: _buildKit, ...environment } = process.env;
  const env = {
    ...environment,
    DOCKER_HOST: address.text,
    ...(isBuildKit && { DOCKER_BUILDKIT: '1' }),
    // The engine's own, which the provider uses too.
    BUILDX_BUILDER: 'default',
    BUILDKIT_PROGRESS: 'plain',
    ...(address.request?.ca !== undefined && { DOCKER_TLS_VERIFY: '1' }),
  };
  const child = spawn('docker', command, { cwd: directory, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const log: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      const plain = stripVTControlCharacters(line).trimEnd();
      if (plain !== '') log.push(plain);
    });
  }
  return new Promise((resolve, reject) => {
    child.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') resolve({ exitCode: undefined, log });
      else reject(error);
    });
    child.on('close', (code) => {
      resolve({ exitCode: code ?? 1, log });
    });
  });
}

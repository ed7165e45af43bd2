import { existsSync } from 'node:fs';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import type { Change } from './changes';
import type { EngineAddress } from '../engine/address';
import type { LastWords } from '../engine/log-tail';
import type { Output } from '../output/output';
import { runProgram } from '../terraform/process';

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
  /** Takes the values of secrets out of what a build prints. */
  readonly redact: (text: string) => string;
}

/**
 * What the builds have to say. The provider keeps the end of a failed build to itself, but for the exit code (its
 * `build_log_file` works with another builder only), so they run once more, on what the engine has cached.
 * @param failed the changes that failed, builds or not
 */
export async function repeatBuilds(failed: readonly Change[], place: BuildPlace, output: Output): Promise<LastWords[]> {
  const words: LastWords[] = [];
  for (const build of failed.flatMap(buildOf)) {
    const { isInterrupted, ...lastWords } = await repeat(build, place, output);
    words.push(lastWords);
    if (isInterrupted) break;
  }
  return words;
}

function buildOf({ action, after, type }: Change): Build[] {
  if (type !== 'docker_image' || action === 'delete') return [];
  const { name, build = [] } = after as { name: string; build?: readonly Omit<Build, 'name'>[] };
  return build.map((one) => ({ ...one, name }));
}

async function repeat(
  build: Build,
  place: BuildPlace,
  output: Output,
): Promise<LastWords & { readonly isInterrupted: boolean }> {
  const command = commandOf(build, place.directory);
  // Before the quoting, which spells a secret in another way.
  const shown = command.map((word) => quoted(place.redact(word)));
  output.say(output.colors.dim(`$ docker ${shown.join(' ')}`));
  const again = (isBuildKit: boolean): Promise<BuildEnd> =>
    output.during('docker build', runDocker(command, place, isBuildKit));
  let end = await again(true);
  // Docker's command line from version 23 on has BuildKit in a plugin, which not every installation has.
  if (end.log.some((line) => line.includes('buildx component is missing'))) {
    end = await again(false);
    if (end.log.some(isAboutBuildKit))
      return { name: build.name, state: WITHOUT_BUILDX, log: [], isInterrupted: end.isInterrupted };
  }
  const log = end.log.slice(-LINES).map(place.redact);
  return { name: build.name, state: describeBuild(end), log, isInterrupted: end.isInterrupted };
}

const WITHOUT_BUILDX =
  "the build failed; Docker's command line has no buildx here, which this Dockerfile takes, so its output cannot be shown";

/** Of what only BuildKit understands, as `RUN --mount` and `COPY --link`, and no reason for the failure. */
function isAboutBuildKit(line: string): boolean {
  return /requires BuildKit|Unknown flag/.test(line);
}

interface BuildEnd {
  /** `undefined` if there is no such program. */
  readonly exitCode: number | undefined;
  readonly isInterrupted: boolean;
  readonly log: readonly string[];
}

function describeBuild({ exitCode }: BuildEnd): string {
  if (exitCode === undefined) return "its output takes Docker's command line, which is not installed here";
  return exitCode === 0 ? 'the build failed, and went well when it was run again' : 'the build failed';
}

function commandOf({ context, dockerfile, target, platform, build_args }: Build, directory: string): string[] {
  // The provider looks for a Dockerfile in the working directory first, and then in the context.
  const isFound = isAbsolute(dockerfile) || existsSync(join(directory, dockerfile));
  const fromHere = (path: string): string => (isAbsolute(path) ? path : relative('', resolve(directory, path)) || '.');
  return [
    ...['build', '--force-rm', '--file', fromHere(isFound ? dockerfile : join(context, dockerfile))],
    ...(target ? ['--target', target] : []),
    ...(platform ? ['--platform', platform] : []),
    ...Object.entries(build_args ?? {}).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]),
    fromHere(context),
  ];
}

/** As a shell takes it for one word. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

async function runDocker(command: readonly string[], { address }: BuildPlace, isBuildKit: boolean): Promise<BuildEnd> {
  const { DOCKER_CONTEXT: _context, DOCKER_BUILDKIT: _buildKit, ...inherited } = process.env;
  const environment = {
    ...inherited,
    DOCKER_HOST: address.text,
    ...(isBuildKit && { DOCKER_BUILDKIT: '1' }),
    // The engine's own, which the provider uses too.
    BUILDX_BUILDER: 'default',
    BUILDKIT_PROGRESS: 'plain',
    ...(address.request?.ca !== undefined && { DOCKER_TLS_VERIFY: '1' }),
  };
  const log: string[] = [];
  const keep = (line: string): void => {
    const plain = stripVTControlCharacters(line).trimEnd();
    if (plain !== '') log.push(plain);
  };
  try {
    const end = await runProgram('docker', command, { environment, onOutput: keep, onError: keep });
    return { ...end, log };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return { exitCode: undefined, isInterrupted: false, log };
  }
}

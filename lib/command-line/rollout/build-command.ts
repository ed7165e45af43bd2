import { existsSync } from 'node:fs';
import { isAbsolute, join, relative, resolve } from 'node:path';
import type { EngineAddress } from '../connection/address';
import type { Change } from '../plan/changes';
import { quoted } from '../output/quoted';
import { type Build, buildOf } from '../plan/resources';

/** The folder and engine of a build. */
export interface BuildPlace {
  /** Terraform's working directory, which the paths of a build are relative to. */
  readonly directory: string;
  readonly address: EngineAddress;
  /** Removes the values of secrets. */
  readonly redact: (text: string) => string;
}

/**
 * The commands that run failed builds again and show their output. The provider reports no more than the exit code of a
 * failed build (its `build_log_file` works with another builder only).
 * @param failed the changes that failed, builds or not
 */
export function buildCommands(failed: readonly Change[], place: BuildPlace): string[] {
  return failed.flatMap(({ kind, action, after }) => {
    const build = kind !== 'image' || action === 'delete' || after === null ? undefined : buildOf(after);
    return build === undefined ? [] : [commandOf(build, place)];
  });
}

function commandOf(build: Build, { directory, address, redact }: BuildPlace): string {
  const { context, dockerfile, target, platform, buildArgs } = build;
  // The provider looks for a Dockerfile in the working directory first, and then in the context.
  const isFound = isAbsolute(dockerfile) || existsSync(join(directory, dockerfile));
  const fromHere = (path: string): string => (isAbsolute(path) ? path : relative('', resolve(directory, path)) || '.');
  const words = [
    ...['build', '--force-rm', '--file', fromHere(isFound ? dockerfile : join(context, dockerfile))],
    ...(target === '' ? [] : ['--target', target]),
    ...(platform === '' ? [] : ['--platform', platform]),
    ...buildArgs.flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]),
    fromHere(context),
  ];
  // Redacted before quoting, because quoting may change how a secret is written.
  return [address.command, ...words.map((word) => quoted(redact(word)))].join(' ');
}

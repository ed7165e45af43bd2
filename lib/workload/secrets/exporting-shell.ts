import { TradingStackError } from '../../errors';
import type { WorkloadSpec } from '../../platform/spec';
import type { Secret } from './secret';

/** A secret and the variable that a shell sets to its content. */
export interface ExportedSecret {
  readonly name: string;
  readonly secret: Secret;
}

/** What a shell starts after it has exported the secrets. */
interface Start {
  /** `undefined` if it is that of the image, and not known. */
  readonly entrypoint: readonly string[] | undefined;
  readonly command: readonly string[] | undefined;
  /** Whether the command is the option `command`, and not that of the Dockerfile. */
  readonly ofUser: boolean;
  /** Names of the images that the entry point may come from. */
  readonly images: () => readonly string[];
}

/** A shell that exports the contents of the secrets and then replaces itself with the program. */
export function exportingStart(
  path: string,
  exported: readonly ExportedSecret[],
  { entrypoint, command, ofUser, images }: Start,
): Pick<WorkloadSpec, 'entrypoint' | 'command'> {
  const shell = `a shell exports the secret for ${exported.map(({ name }) => name).join(', ')}`;
  if (command === undefined || (entrypoint?.length === 0 && command.length === 0)) {
    throw new TradingStackError(
      'command-missing',
      path,
      `${shell}, but does not know what to start`,
      entrypoint === undefined
        ? "Set `entrypoint` to the program with its arguments: entrypoint: ['python3', '-m', 'bot']"
        : "Set `command`, which replaces the image's own: command: ['python3', '-m', 'bot']",
    );
  }
  if (entrypoint === undefined) throw entrypointUnknown(path, shell, images().join(', '), command, ofUser);
  return {
    entrypoint: ['/bin/sh', '-c', `${exportLines(exported)} exec "$@"`, 'sh'],
    command: [...entrypoint, ...command],
  };
}

/** Starting the command alone would leave out the entry point of the image, or take an argument for a program. */
function entrypointUnknown(
  path: string,
  shell: string,
  image: string,
  command: readonly string[],
  ofUser: boolean,
): TradingStackError {
  const words = command.map((word) => `'${word.replace(/['\\]/g, '\\$&').replace(/\n/g, '\\n')}'`).join(', ');
  const inspected = `the output of \`docker image inspect -f '{{json .Config.Entrypoint}}' ${image}\`, for example`;
  return new TradingStackError(
    'entrypoint-unknown',
    path,
    `${shell}, so it has to know the entry point of ${image}, to which ` +
      `${ofUser ? '`command`' : 'the CMD of the Dockerfile'} is passed`,
    ofUser
      ? `Set \`entrypoint\` to ${inspected} entrypoint: ['/entrypoint.sh']; if that is null, replace \`command\` with ` +
          `entrypoint: [${words}]`
      : `Set command: [${words}], and \`entrypoint\` to ${inspected} entrypoint: ['/entrypoint.sh']; if that is null, ` +
          `set only entrypoint: [${words}]`,
  );
}

/** What a shell runs before the program, also before that of a health check; empty without secrets. */
export function exportLines(exported: readonly ExportedSecret[]): string {
  return exported.map(({ name, secret }) => exportLine(name, secret.path)).join(' ');
}

/** A line of a shell that exports the content of a file. */
function exportLine(name: string, file: string): string {
  return `${name}="$(cat ${file})" || exit 1; ${name}="${withoutLineBreaks(name)}"; export ${name};`;
}

/**
 * The expansion of a shell variable without the line breaks at its end. `$(…)` removes the line feeds, but not the
 * carriage returns of a file that was written on Windows.
 */
function withoutLineBreaks(variable: string): string {
  return `\${${variable}%"\${${variable}##*[!$(printf '\\n\\r')]}"}`;
}

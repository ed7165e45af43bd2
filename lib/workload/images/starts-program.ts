import type { WorkloadOptions } from '../workload-props';
import type { KnownImage } from './catalog/known-image';

/** Whether the program of the image runs, and not another one such as `pg_dump` or a script of the user. */
export function startsProgram(
  { entrypoint, command, subcommands, data = [] }: KnownImage,
  options: Pick<WorkloadOptions, 'command' | 'entrypoint'>,
): boolean {
  if (options.entrypoint !== undefined) return false;
  const [first, ...rest] = options.command ?? [];
  if (first === undefined) return true;
  // Scripts of this name start whatever they are given.
  const startsAnything = entrypoint.length === 0 || /entrypoint/.test(entrypoint.at(-1) ?? '');
  if (!startsAnything || first.startsWith('-') || subcommands?.includes(first) === true) return true;
  const [program] = command.length > 0 ? command : entrypoint;
  const names = [...(program === undefined ? [] : [program]), ...data.map(({ path }) => path)];
  return names.some((name) => [first, ...rest].some((argument) => argument.includes(name)));
}

import type { WarningCode } from '../../errors';
import type { WorkloadSpec } from '../../platform/spec';
import { isWithin } from '../storage/mounts';
import { Size } from '../units/size';
import type { WorkloadOptions } from '../workload-props';
import type { KnownData, KnownImage } from './catalog/known-image';
import { startsProgram } from './starts-program';

type Running = Pick<
  WorkloadSpec,
  'environment' | 'entrypoint' | 'command' | 'volumes' | 'bindMounts' | 'tmpfs' | 'resources'
>;

interface ImageWarning {
  readonly code: WarningCode;
  readonly about: string;
}

/**
 * What a published image needs and does not get.
 * @param id of the workload, for the name of a volume
 */
export function imageWarnings(
  image: KnownImage,
  options: Pick<WorkloadOptions, 'command' | 'entrypoint'>,
  spec: Running,
  id: string,
): ImageWarning[] {
  if (!startsProgram(image, options)) return [];
  return [...lostData(image, spec, id), ...smallMemory(image, spec)];
}

function lostData({ data = [] }: KnownImage, spec: Running, id: string): ImageWarning[] {
  return data
    .filter((one) => !isKept(one, spec))
    .map(({ path, declared, variable }, index) => {
      const target = declared ?? path;
      const name = index === 0 ? id : `${id}-${index + 1}`;
      const volume = `volumes: [Volume.retained('${name}').mountAt('${target}')]`;
      const moved = variable === undefined ? '' : ` and environment: { ${variable}: '${path}' }`;
      return { code: 'data-not-kept', about: `${target}: ${volume}${moved}` };
    });
}

function isKept(data: KnownData, spec: Running): boolean {
  const { path, declared, variable } = data;
  const mounts = [
    ...[...spec.volumes, ...spec.bindMounts].filter(({ readOnly }) => !readOnly).map((mount) => mount.path),
    ...spec.tmpfs.map((mount) => mount.path),
  ];
  if (movedTo(data, spec).some((folder) => mounts.some((mount) => isWithin(folder, mount)))) return true;
  if (variable !== undefined && spec.environment[variable] === undefined) return false;
  return mounts.some((mount) => isWithin(path, mount) && (declared === undefined || isWithin(mount, declared)));
}

/** Paths that the user has chosen for the data, also as the URL of a database in SQLite. */
function movedTo({ variable, movedBy = [] }: KnownData, { environment, entrypoint, command }: Running): string[] {
  const words = [...(entrypoint ?? []), ...(command ?? [])].flatMap(wordsIn);
  const names = variable === undefined ? movedBy : [variable, ...movedBy];
  return names
    .flatMap((name) => [...wordsIn(environment[name] ?? ''), ...valuesOf(name, words)])
    .map((value) => value.replace(/^sqlite:\/\/\//, ''));
}

/** The words of a script or of a list of paths, without quotes. */
function wordsIn(value: string): string[] {
  return value.split(/[\s,'"]+/);
}

/** What follows an option, after a space or `=`, or a subcommand. */
function valuesOf(name: string, words: readonly string[]): string[] {
  const isOption = name.startsWith('-');
  return words.flatMap((word, index) => {
    if (word === name) return words.slice(index + 1, isOption ? index + 2 : undefined);
    return isOption && word.startsWith(`${name}=`) ? [word.slice(name.length + 1)] : [];
  });
}

function smallMemory({ name, memory }: KnownImage, { environment, resources }: Running): ImageWarning[] {
  const { memoryBytes } = resources;
  if (memory === undefined || memoryBytes === null) return [];
  const { mebibytes, reason, variable } = memory;
  if (variable !== undefined && environment[variable] !== undefined) return [];
  const least = Size.mebibytes(mebibytes);
  const limit = Size.bytes(memoryBytes);
  if (!limit.isLessThan(least)) return [];
  const code = mebibytes % 1024 === 0 ? `Size.gibibytes(${mebibytes / 1024})` : `Size.mebibytes(${mebibytes})`;
  const about = `${String(limit)}, but ${name} needs ${String(least)} (${reason}): resources: { memory: ${code} }`;
  return [{ code: 'memory-low', about }];
}

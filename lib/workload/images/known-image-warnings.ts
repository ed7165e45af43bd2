import type { WarningCode } from '../../errors';
import type { WorkloadSpec } from '../../platform/spec';
import { Size } from '../units/size';
import type { WorkloadOptions } from '../workload-props';
import type { KnownData, KnownImage } from './catalog/known-image';

type Running = Pick<
  WorkloadSpec,
  'environment' | 'entrypoint' | 'command' | 'volumes' | 'bindMounts' | 'tmpfs' | 'resources'
>;

interface KnownImageWarning {
  readonly code: WarningCode;
  readonly about: string;
}

/**
 * What a published image needs and does not get.
 * @param id of the workload, for the name of a volume
 */
export function knownImageWarnings(
  image: KnownImage,
  options: Pick<WorkloadOptions, 'command' | 'entrypoint'>,
  spec: Running,
  id: string,
): KnownImageWarning[] {
  if (!startsServer(image, options)) return [];
  return [...lostData(image, spec, id), ...smallMemory(image, spec)];
}

/** Whether the program of the image runs, and not another one such as `pg_dump`. */
function startsServer(
  { entrypoint, command, data = [] }: KnownImage,
  options: Pick<WorkloadOptions, 'command' | 'entrypoint'>,
): boolean {
  if (options.entrypoint !== undefined) return false;
  const given = options.command ?? [];
  if (given.length === 0) return true;
  // Scripts of this name start whatever they are given.
  const startsAnything = entrypoint.length === 0 || /entrypoint/.test(entrypoint.at(-1) ?? '');
  if (!startsAnything || given[0]?.startsWith('-') === true) return true;
  const [program] = command.length > 0 ? command : entrypoint;
  const names = [...(program === undefined ? [] : [program]), ...data.map(({ path }) => path)];
  return names.some((name) => given.some((argument) => argument.includes(name)));
}

function lostData({ data = [] }: KnownImage, spec: Running, id: string): KnownImageWarning[] {
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

function isKept({ path, declared, variable }: KnownData, spec: Running): boolean {
  const { environment, entrypoint, command } = spec;
  const mounts = [
    ...[...spec.volumes, ...spec.bindMounts].filter(({ readOnly }) => !readOnly).map((mount) => mount.path),
    ...spec.tmpfs.map((mount) => mount.path),
  ];
  const words = [...Object.values(environment), ...(entrypoint ?? []), ...(command ?? [])];
  // The user may have moved the data: PGDATA, --dir, a URL of SQLite.
  if (mounts.some((mount) => words.some((word) => word.includes(mount)))) return true;
  if (variable !== undefined && environment[variable] === undefined) return false;
  return mounts.some((mount) => isWithin(path, mount) && (declared === undefined || isWithin(mount, declared)));
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder === '/' ? folder : `${folder}/`);
}

function smallMemory({ name, memory }: KnownImage, { environment, resources }: Running): KnownImageWarning[] {
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

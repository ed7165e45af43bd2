import { invalidPath, invalidValue, TradingStackError } from '../../errors';
import { hasForm } from '../../options/form';
import type { UlimitSpec } from '../../platform/spec';
import type { WorkloadOptions } from '../workload-props';

const UNLIMITED = -1;

/** @throws TradingStackError if a device, a limit of the kernel or the choice of GPUs is invalid */
export function checkHostResources({ devices = [], ulimits = [], gpus }: WorkloadOptions, where: string): void {
  for (const [index, { hostPath, containerPath, permissions }] of devices.entries()) {
    const property = `devices[${index}]`;
    for (const [name, path] of Object.entries({ hostPath, containerPath })) {
      if (!hasForm(path, /^\//)) throw invalidPath(where, `${property}.${name}`, path, 'an absolute path');
    }
    if (hasForm(permissions, /^(?!.*(.).*\1)[rwm]+$/)) continue;
    const allowed = "letters of 'rwm' (read, write, mknod), each once";
    throw invalidValue(where, `${property}.permissions`, permissions, allowed);
  }
  for (const [index, ulimit] of ulimits.entries()) checkUlimit(ulimit, `ulimits[${index}]`, where);
  checkGpus(gpus, where);
}

function checkGpus(gpus: WorkloadOptions['gpus'], where: string): void {
  const isId = (id: unknown): boolean => typeof id === 'string' && /^[A-Za-z0-9:._-]+$/.test(id);
  const isFine =
    gpus === undefined ||
    gpus === 'all' ||
    (typeof gpus === 'number' && Number.isInteger(gpus) && gpus > 0) ||
    (Array.isArray(gpus) && gpus.length > 0 && gpus.every(isId));
  if (!['string', 'number'].includes(typeof gpus) && !Array.isArray(gpus) && gpus !== undefined) {
    throw new TradingStackError(
      'wrong-type',
      where,
      "gpus must be 'all', a number or a list of ids",
      "Use `gpus: 'all'`",
    );
  }
  if (!isFine) throw invalidValue(where, 'gpus', gpus, "'all', a number of GPUs from 1 on, or their ids: ['0', '1']");
}

/** As `docker run --gpus` takes it: a line of CSV, so several ids are quoted. */
export function gpuRequest(gpus: WorkloadOptions['gpus']): string | null {
  if (gpus === undefined) return null;
  if (typeof gpus === 'string' || typeof gpus === 'number') return String(gpus);
  return gpus.length === 1 ? `device=${gpus[0] ?? ''}` : `"device=${gpus.join(',')}"`;
}

function checkUlimit({ soft, hard }: UlimitSpec, property: string, where: string): void {
  for (const [end, limit] of Object.entries({ soft, hard })) {
    if (Number.isInteger(limit) && limit >= UNLIMITED) continue;
    throw invalidValue(where, `${property}.${end}`, limit, `a whole number, 0 or more, or ${UNLIMITED} for no limit`);
  }
  if (asNumber(soft) > asNumber(hard)) {
    throw new TradingStackError(
      'option-conflict',
      where,
      `${property}.soft is ${soft}, above the hard limit of ${hard}`,
      `Lower ${property}.soft to ${hard}, or raise ${property}.hard`,
    );
  }
}

function asNumber(limit: number): number {
  return limit === UNLIMITED ? Infinity : limit;
}

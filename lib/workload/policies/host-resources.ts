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
  // The API of the engine can be asked for single GPUs; the Terraform provider cannot.
  if (gpus !== undefined && (gpus as string) !== 'all') throw invalidValue(where, 'gpus', gpus, "'all'");
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

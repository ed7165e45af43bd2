import { invalidValue } from '../errors';
import {
  type Check,
  checkBoolean,
  checkFilledText,
  checkNames,
  checkText,
  checkTexts,
  hasForm,
  listOf,
} from '../platform/plain-values';
import { checkBindMount } from './storage/bind-mount';
import { refuseComposeNames } from './compose-names';
import { checkConfigFile } from './storage/config-file';
import { checkVolumeMount } from './storage/volume';
import { checkDuration } from './units/duration';
import { checkExposure } from './policies/published-port';
import { checkHealthCheck } from './health/health-check';
import { checkDevice, checkGpus, checkUlimit } from './policies/host-resources';
import { checkLogging } from './policies/logging';
import { checkExtraHost, checkHostname, checkNameServer } from './policies/name-resolution';
import { checkGroup, checkUser } from './policies/process-identity';
import { checkStartTimeout } from './health/timing';
import { checkStopSignal } from './policies/stop-signal';
import { checkTmpfs } from './storage/tmpfs';
import type { WorkloadOptions } from './workload-props';

/** How each option is looked at. A new one does not compile before it is here. */
const CHECKS: Readonly<Record<keyof WorkloadOptions, Check>> = {
  // Each of them is looked at where it is asked for its connection.
  uses: listOf(() => undefined),
  name: checkText,
  aliases: listOf(checkText, 'wordy'),
  environment: checkNames,
  secrets: checkNames,
  command: listOf(checkText, 'wordy'),
  entrypoint: listOf(checkText, 'wordy'),
  files: listOf(checkConfigFile),
  bindMounts: listOf(checkBindMount),
  volumes: listOf(checkVolumeMount),
  tmpfs: listOf(checkTmpfs),
  ports: listOf(checkExposure),
  healthCheck: checkHealthCheck,
  resources: () => undefined,
  startTimeout: checkStartTimeout,
  logging: checkLogging,
  restartPolicy: () => undefined,
  stopGracePeriod: checkDuration,
  stopSignal: checkStopSignal,
  runAs: checkUser,
  groups: listOf(checkGroup, 'wordy'),
  workingDirectory: checkAbsolutePath,
  hostname: checkHostname,
  labels: checkTexts,
  readOnlyRootFilesystem: checkBoolean,
  capabilities: listOf(checkText, 'wordy'),
  noNewPrivileges: checkBoolean,
  privileged: checkBoolean,
  securityOptions: listOf(checkFilledText, 'wordy'),
  init: checkBoolean,
  extraHosts: listOf(checkExtraHost),
  dns: listOf(checkNameServer, 'wordy'),
  devices: listOf(checkDevice),
  gpus: checkGpus,
  placement: () => undefined,
  updatePolicy: () => undefined,
  ulimits: listOf(checkUlimit),
  sysctls: checkTexts,
};
const OPTIONS = Object.entries(CHECKS) as readonly [keyof WorkloadOptions, Check][];

/**
 * Plain JavaScript and scripts that run without a look at their types may give anything.
 * @throws TradingStackError for a value that an option cannot have, with how it is written
 */
export function checkOptions(options: WorkloadOptions, where: string): void {
  refuseComposeNames(options, where);
  for (const [option, check] of OPTIONS) {
    const given: unknown = options[option];
    if (given !== undefined && given !== null) check(given, option, where);
  }
}

function checkAbsolutePath(given: unknown, property: string, where: string): void {
  if (!hasForm(given, /^\//)) throw invalidValue(where, property, given, "an absolute path: '/app'");
}

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
import { checkBindMount } from './bind-mount';
import { refuseComposeNames } from './compose-names';
import { checkConfigFile } from './config-file';
import { checkVolumeMount } from './data-volume';
import { checkDuration } from './duration';
import { checkExposure } from './exposure';
import { checkHealthCheck } from './health-check';
import { checkDevice, checkGpus, checkUlimit } from './host-resources';
import { checkLogging } from './logging';
import { checkExtraHost, checkHostname, checkNameServer } from './name-resolution';
import { checkPlacement } from './placement';
import { checkGroup, checkUser } from './process-identity';
import { checkResources } from './resources';
import { checkRestartPolicy } from './restart-policy';
import { checkStartTimeout } from './start-timeout';
import { checkStopSignal } from './stop-signal';
import { checkTemporaryFileSystem } from './temporary-file-system';
import { checkUpdatePolicy } from './update-policy';
import type { WorkloadOptions } from './workload-options';

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
  mounts: listOf(checkBindMount),
  volumes: listOf(checkVolumeMount),
  temporaryFileSystems: listOf(checkTemporaryFileSystem),
  publish: listOf(checkExposure),
  healthCheck: checkHealthCheck,
  startTimeout: checkStartTimeout,
  resources: checkResources,
  logging: checkLogging,
  restart: checkRestartPolicy,
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
  placement: listOf(checkPlacement),
  updates: checkUpdatePolicy,
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

import { invalidPath, invalidValue } from '../../errors';
import { hasForm } from '../../options/form';
import type { SecuritySpec, WorkloadSpec } from '../../platform/spec';
import type { ServiceDefinition } from '../service-definition';
import type { WorkloadOptions } from '../workload-props';
import { checkCapabilities, resolveCapabilities } from './capabilities';
import { runsAsRoot } from './isolation';

/**
 * Defaults for a program that was written to run in a container and needs no privileges. Its folders belong to the user of
 * its image, if that has one.
 */
export const UNPRIVILEGED = { runAs: '1000:1000', prefersImageUser: true, readOnlyRootFilesystem: true } as const;

/** A name or a number, as in `/etc/passwd` and `/etc/group`. */
const NAME = '[A-Za-z0-9_][A-Za-z0-9_.-]*';
const USER = new RegExp(`^${NAME}(:${NAME})?$`);
const GROUP = new RegExp(`^${NAME}$`);

/** @throws TradingStackError if the process cannot run as this user, with these groups, capabilities or in this directory */
export function checkProcess(options: WorkloadOptions, where: string): void {
  const { runAs, groups = [], capabilities = [], workingDirectory } = options;
  if (runAs !== undefined && !hasForm(runAs, USER)) {
    throw invalidValue(where, 'runAs', runAs, "a user, with or without a group: '1000:1000', 'node'");
  }
  for (const [index, group] of groups.entries()) {
    if (hasForm(group, GROUP)) continue;
    throw invalidValue(where, `groups[${index}]`, group, "the name or number of a group: 'video', '5000'");
  }
  checkCapabilities(capabilities, where);
  if (workingDirectory !== undefined && !hasForm(workingDirectory, /^\//)) {
    throw invalidPath(where, 'workingDirectory', workingDirectory, "an absolute path: '/app'");
  }
}

/** What `hardened` decides. */
type Restrictions = Pick<WorkloadSpec, 'user' | 'readOnlyRootFilesystem' | 'hardening'> &
  Pick<SecuritySpec, 'addCapabilities' | 'dropCapabilities'>;

/**
 * The user, the root file system and the capabilities of a process. Each explicit option takes precedence over
 * `hardened`.
 * @param canBeReadOnly whether the engine accepts a read-only root file system for this workload
 * @param imageUser the user of the image; `null` if it is not known
 */
export function resolveRestrictions(
  options: WorkloadOptions,
  defaults: NonNullable<ServiceDefinition['defaults']>,
  canBeReadOnly: boolean,
  imageUser: string | null,
): Restrictions {
  const { runAs, readOnlyRootFilesystem, capabilities, privileged = false } = options;
  const isHardened = options.hardened ?? defaults.hardened ?? true;
  const isReadOnly = isHardened && canBeReadOnly && (defaults.readOnlyRootFilesystem ?? false);
  const dropsAll = (isHardened || capabilities !== undefined) && !privileged;
  const keepsImageUser = (defaults.prefersImageUser ?? false) && imageUser !== null && !runsAsRoot(imageUser);
  const decided = (['runAs', 'readOnlyRootFilesystem', 'capabilities'] as const).filter(
    (option) => options[option] === undefined && !(option === 'runAs' && keepsImageUser),
  );
  return {
    user: runAs ?? (isHardened && !keepsImageUser ? defaults.runAs : undefined) ?? null,
    readOnlyRootFilesystem: readOnlyRootFilesystem ?? isReadOnly,
    addCapabilities: resolveCapabilities(capabilities ?? []),
    dropCapabilities: dropsAll ? ['ALL'] : [],
    hardening: isHardened ? decided : [],
  };
}

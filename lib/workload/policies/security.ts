import { invalidPath, invalidValue } from '../../errors';
import { hasForm } from '../../options/form';
import type { WorkloadOptions } from '../workload-props';

/** Defaults for a program that was written to run in a container and needs no privileges. */
export const UNPRIVILEGED = { runAs: '1000:1000', readOnlyRootFilesystem: true } as const;

/** A name or a number, as in `/etc/passwd` and `/etc/group`. */
const NAME = '[A-Za-z0-9_][A-Za-z0-9_.-]*';
const USER = new RegExp(`^${NAME}(:${NAME})?$`);
const GROUP = new RegExp(`^${NAME}$`);

/** @throws TradingStackError if the process cannot run as this user, with these groups or in this directory */
export function checkProcess(options: WorkloadOptions, where: string): void {
  const { runAs, groups = [], workingDirectory } = options;
  if (runAs !== undefined && !hasForm(runAs, USER)) {
    throw invalidValue(where, 'runAs', runAs, "a user, with or without a group: '1000:1000', 'node'");
  }
  for (const [index, group] of groups.entries()) {
    if (hasForm(group, GROUP)) continue;
    throw invalidValue(where, `groups[${index}]`, group, "the name or number of a group: 'video', '5000'");
  }
  if (workingDirectory !== undefined && !hasForm(workingDirectory, /^\//)) {
    throw invalidPath(where, 'workingDirectory', workingDirectory, "an absolute path: '/app'");
  }
}

/** Capabilities as Docker reports them, without `CAP_`, each once and sorted, so that plans do not differ. */
export function resolveCapabilities(names: readonly string[]): string[] {
  return [...new Set(names.map((name) => name.toUpperCase().replace(/^CAP_/, '')))].sort();
}

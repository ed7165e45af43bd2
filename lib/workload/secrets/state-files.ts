import { existsSync, statSync, writeFileSync } from 'node:fs';
import { LocalBackend } from 'cdktf';
import type { IConstruct } from 'constructs';
import { Platform } from '../../platform/platform';
import { backupOf, stateFileName } from '../../platform/project';

/**
 * Creates an empty state and an empty backup that only their owner can read, unless the state was deleted. They contain
 * the environment of containers, and Terraform alone would create them readable by every user; it keeps the mode of files
 * that exist, and takes an empty file for no state.
 */
export function createStateFiles(root: IConstruct): void {
  const platforms = root.node.findAll().filter((construct) => construct instanceof Platform);
  for (const platform of platforms.filter(hasOwnState)) {
    const state = platform.projectDirectory.locate(stateFileName(platform.stackId));
    const backup = backupOf(state);
    // A state that was deleted must not be taken for one that is damaged.
    const isDeleted = !existsSync(state) && (statSync(backup, { throwIfNoEntry: false })?.size ?? 0) > 0;
    if (!isDeleted) [state, backup].forEach(createPrivateFile);
  }
}

/** Another process may create it at the same time. */
function createPrivateFile(file: string): void {
  try {
    writeFileSync(file, '', { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/** Whether the state is in the project's folder, and not in a backend of the app. */
function hasOwnState(platform: Platform): boolean {
  const { backend } = platform;
  return backend === undefined || (backend instanceof LocalBackend && backend.node.scope === platform);
}

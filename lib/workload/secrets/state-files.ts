import { statSync, writeFileSync } from 'node:fs';
import { LocalBackend, TerraformBackend } from 'cdktf';
import type { IConstruct } from 'constructs';
import { Platform } from '../../platform/platform';
import { stateFileName } from '../../platform/project';

/**
 * Creates an empty state and an empty backup that only their owner can read, where none exist. They contain the
 * environment of containers, and Terraform alone would create them readable by every user; it keeps the mode of files
 * that exist, and takes an empty file for no state.
 */
export function createStateFiles(root: IConstruct): void {
  const platforms = root.node.findAll().filter((construct) => construct instanceof Platform);
  for (const platform of platforms.filter(hasOwnState)) {
    const state = platform.projectDirectory.locate(stateFileName(platform.stackId));
    for (const file of [state, `${state}.backup`]) {
      if (statSync(file, { throwIfNoEntry: false }) === undefined) writeFileSync(file, '', { mode: 0o600, flag: 'wx' });
    }
  }
}

/** Whether the state is in the project's folder, and not in a backend of the app. */
function hasOwnState(platform: Platform): boolean {
  const isOther = (construct: IConstruct): boolean => TerraformBackend.isBackend(construct);
  const besides = platform.node.scope?.node.children ?? [];
  return (
    !besides.some(isOther) && !platform.node.children.some((one) => isOther(one) && !(one instanceof LocalBackend))
  );
}

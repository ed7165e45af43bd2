import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { TradingStack } from '../../index';
import { backupOf } from '../../internal';
import { CommandError } from '../output/output';
import { quoted } from '../output/quoted';

/** A local state, as far as it is used here. */
export interface State {
  /** `undefined` if OpenTofu has encrypted them; Terraform reads `null` as an empty list. */
  readonly resources?:
    | readonly {
        readonly mode: string;
        readonly type: string;
        readonly instances: readonly { readonly attributes: Readonly<Record<string, unknown>> }[];
      }[]
    | null;
}

/**
 * Parses the content of a local state.
 * @param path where it is from
 * @throws CommandError `state-invalid` if it was cut off while it was written, was deleted, or is damaged otherwise
 */
export function parseState(content: string, path: string): State {
  // The library creates both files empty before the first apply, and so does Terraform for its lock.
  if (content === '') {
    checkNotDeleted(path);
    return { resources: [] };
  }
  let state: State | null;
  try {
    state = JSON.parse(content) as State | null;
  } catch (error) {
    throw invalidState(path, (error as Error).message);
  }
  if (typeof state === 'object' && state !== null && !Array.isArray(state)) return state;
  throw invalidState(path, 'it is not an object');
}

/**
 * Checks a state without content.
 * @param path where it is, or would be
 * @throws CommandError `state-invalid` if its backup shows that there was one
 */
export function checkNotDeleted(path: string): void {
  if (!isComplete(backupOf(path))) return;
  const [state, backup] = [path, backupOf(path)].map((file) => quoted(relative('', file)));
  throw new CommandError(
    'state-invalid',
    `The Terraform state in ${state} is missing or empty, but it has a backup. Restore the state from before the last ` +
      `change: cp ${backup} ${state}. To start without a state, remove both files: rm -f ${state} ${backup}. The next deploy ` +
      'then says what to do with what is on the engine.',
  );
}

function invalidState(path: string, reason: string): CommandError {
  const [state, backup] = [path, backupOf(path)].map((file) => quoted(relative('', file)));
  const fix = isComplete(backupOf(path))
    ? `Restore the state from before the last change, which Terraform keeps: cp ${backup} ${state}`
    : `Restore it from a copy of your own. Without one, remove it: rm ${state}. The next deploy then says what to do with ` +
      'what is on the engine.';
  return new CommandError('state-invalid', `The Terraform state in ${state} is damaged (${reason}). ${fix}`);
}

function isComplete(file: string): boolean {
  try {
    JSON.parse(readFileSync(file, 'utf8'));
    return true;
  } catch {
    return false;
  }
}

/**
 * Makes the state and its backup readable only by their owner: they contain the environment of containers, and on a
 * Swarm the secrets. New files are created like that; Terraform keeps the mode of existing ones.
 * @param folder the stack's output folder
 */
export function protectState(folder: string, stack: TradingStack): void {
  const state = join(folder, stack.stateFile);
  for (const file of [state, backupOf(state)]) {
    if (existsSync(file)) chmodSync(file, 0o600);
  }
}

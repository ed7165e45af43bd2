import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cleaningUp } from '../processes/clean-up';
import { hasEnded, type ProcessRecord, thisProcess } from '../processes/process-record';

const OWNER = 'owner.json';

/**
 * Runs a function with a folder that only its owner can read, and removes it however this process ends. What a process
 * that was killed has left is removed by the next one.
 */
export async function inPrivateFolder<Result>(use: (folder: string) => Promise<Result>): Promise<Result> {
  const parent = folderOfUser(tmpdir());
  if (parent !== undefined) removeLeftOvers(parent);
  const folder = mkdtempSync(parent === undefined ? join(tmpdir(), 'trading-stack-') : join(parent, 'command-'));
  const remove = (): void => {
    rmSync(folder, { recursive: true, force: true });
  };
  return cleaningUp(remove, () => {
    writeFileSync(join(folder, OWNER), JSON.stringify(thisProcess()));
    return use(folder);
  });
}

/**
 * The folder of this user for all private ones, because listing a temporary folder with many files takes a second.
 * @returns `undefined` if another user may write to it, who has created it first
 */
export function folderOfUser(temporary: string): string | undefined {
  const uid = process.getuid?.();
  // Where users have no number, each has a temporary folder.
  const folder = join(temporary, uid === undefined ? 'trading-stack' : `trading-stack-${uid}`);
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const state = lstatSync(folder);
  const isOwn = uid === undefined || (state.uid === uid && (state.mode & 0o022) === 0);
  return state.isDirectory() && isOwn ? folder : undefined;
}

function removeLeftOvers(parent: string): void {
  for (const name of readdirSync(parent)) {
    const folder = join(parent, name);
    try {
      const owner = JSON.parse(readFileSync(join(folder, OWNER), 'utf8')) as ProcessRecord;
      if (hasEnded(owner)) rmSync(folder, { recursive: true, force: true });
    } catch {
      // It is only just created or removed.
    }
  }
}

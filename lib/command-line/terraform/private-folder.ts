import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cleaningUp } from '../processes/clean-up';
import { hasEnded, type ProcessRecord, thisProcess } from '../processes/process-record';

const PREFIX = 'trading-stack-private-';
const OWNER = 'owner.json';

/**
 * Runs a function with a folder that only its owner can read, and removes it however this process ends. What a process
 * that was killed has left is removed by the next one.
 */
export async function inPrivateFolder<Result>(use: (folder: string) => Promise<Result>): Promise<Result> {
  removeLeftOvers();
  const folder = mkdtempSync(join(tmpdir(), PREFIX));
  const remove = (): void => {
    rmSync(folder, { recursive: true, force: true });
  };
  return cleaningUp(remove, () => {
    writeFileSync(join(folder, OWNER), JSON.stringify(thisProcess()));
    return use(folder);
  });
}

function removeLeftOvers(): void {
  for (const name of readdirSync(tmpdir()).filter((one) => one.startsWith(PREFIX))) {
    const folder = join(tmpdir(), name);
    try {
      const owner = JSON.parse(readFileSync(join(folder, OWNER), 'utf8')) as ProcessRecord;
      if (hasEnded(owner)) rmSync(folder, { recursive: true, force: true });
    } catch {
      // It belongs to another user, or is only just created or removed.
    }
  }
}

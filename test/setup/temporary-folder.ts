import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Runs a function with a folder that is removed afterwards. */
export function inTemporaryFolder<Result>(use: (folder: string) => Result): Result {
  const folder = mkdtempSync(join(tmpdir(), 'desk-'));
  try {
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

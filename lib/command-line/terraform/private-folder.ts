import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs a function with a folder that only its owner can read, and removes it however this process ends. What a process
 * that was killed has left is removed by the next one.
 */
export async function inPrivateFolder<Result>(use: (folder: string) => Promise<Result>): Promise<Result> {
  removeLeftOvers();
  const folder = mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`));
  const remove = (): void => {
    rmSync(folder, { recursive: true, force: true });
  };
  const removeAndEnd = (signal: NodeJS.Signals): void => {
    remove();
    process.off(signal, removeAndEnd);
    // Any other listener, which waits for a program or has a folder as well, ends the process itself.
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
  };
  process.on('exit', remove);
  for (const signal of SIGNALS) process.on(signal, removeAndEnd);
  try {
    return await use(folder);
  } finally {
    for (const signal of SIGNALS) process.off(signal, removeAndEnd);
    process.off('exit', remove);
    remove();
  }
}

/** The host is in the name, as containers that share the temporary folder have processes with the same numbers. */
const PREFIX = `trading-stack-${createHash('sha256').update(hostname()).digest('hex').slice(0, 8)}-`;

function removeLeftOvers(): void {
  for (const name of readdirSync(tmpdir()).filter((one) => one.startsWith(PREFIX))) {
    const pid = Number(name.slice(PREFIX.length).split('-')[0]);
    if (isRunning(pid)) continue;
    try {
      rmSync(join(tmpdir(), name), { recursive: true, force: true });
    } catch {
      // It belongs to another user.
    }
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // A process of another user exists, too.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

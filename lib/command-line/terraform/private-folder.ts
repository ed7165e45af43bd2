import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Runs a function with a folder that only its owner can read, and removes it however this process ends. */
export async function inPrivateFolder<Result>(use: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'trading-stack-'));
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

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Runs something with a folder that nobody else can read, and that goes with this process however that ends. */
export async function inPrivateFolder<Result>(use: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'trading-stack-'));
  const remove = (): void => {
    rmSync(folder, { recursive: true, force: true });
  };
  const removeAndEnd = (signal: NodeJS.Signals): void => {
    remove();
    process.off(signal, removeAndEnd);
    // Who else listens, because a program has to be waited for or for a folder of its own, ends the process.
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

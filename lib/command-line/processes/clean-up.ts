import { STOP_SIGNALS } from './signals';

const cleanUps = new Set<() => void>();

/** Does some work, and then cleans up, however this process ends, unless it is killed with SIGKILL. */
export async function cleaningUp<Result>(cleanUp: () => void, work: () => Promise<Result>): Promise<Result> {
  if (cleanUps.size === 0) {
    process.on('exit', cleanUpAll);
    for (const signal of STOP_SIGNALS) process.on(signal, cleanUpAndEnd);
  }
  cleanUps.add(cleanUp);
  try {
    return await work();
  } finally {
    cleanUp();
    cleanUps.delete(cleanUp);
    if (cleanUps.size === 0) {
      for (const signal of STOP_SIGNALS) process.off(signal, cleanUpAndEnd);
      process.off('exit', cleanUpAll);
    }
  }
}

function cleanUpAll(): void {
  for (const cleanUp of [...cleanUps].reverse()) cleanUp();
}

function cleanUpAndEnd(signal: NodeJS.Signals): void {
  // Another listener waits for a program that it has asked to stop. The work then ends by itself.
  if (process.listenerCount(signal) > 1) return;
  cleanUpAll();
  process.off(signal, cleanUpAndEnd);
  process.kill(process.pid, signal);
}

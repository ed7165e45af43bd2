/** The signals that ask this process to stop. */
export const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Does some work to its end, even if this process is asked to stop meanwhile.
 * @param onSignal called each time that it is asked
 */
export async function uninterrupted<Result>(onSignal: () => void, work: () => Promise<Result>): Promise<Result> {
  for (const signal of STOP_SIGNALS) process.on(signal, onSignal);
  try {
    return await work();
  } finally {
    for (const signal of STOP_SIGNALS) process.off(signal, onSignal);
  }
}

/**
 * The request was not started and never will be, so it can be repeated. After any other error of a request, the outcome
 * is unknown.
 */
export class NothingDoneError extends Error {}

/** Runs work without side effects: if it fails, nothing was done. */
export async function changingNothing<Result>(work: () => Result | Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw nothingDone(error);
  }
}

/** Converts an error after which nothing was done. */
export function nothingDone(error: unknown): NothingDoneError {
  if (error instanceof NothingDoneError) return error;
  return new NothingDoneError(error instanceof Error ? error.message : String(error), { cause: error });
}

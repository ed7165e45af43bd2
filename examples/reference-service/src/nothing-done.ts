/**
 * What was asked for was not done, not in part either, and will not be: it may be asked for again. After any other
 * error of a request it is unknown what was done.
 */
export class NothingDoneError extends Error {}

/** Work that changes nothing: however it fails, nothing was done. */
export async function changingNothing<Result>(work: () => Result | Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw nothingDone(error);
  }
}

/** The error as one after which nothing was done. */
export function nothingDone(error: unknown): NothingDoneError {
  if (error instanceof NothingDoneError) return error;
  return new NothingDoneError(error instanceof Error ? error.message : String(error), { cause: error });
}

import type { TradingStackError } from './trading-stack-error';

let collected: TradingStackError[] | undefined;

/**
 * Raises an error after which the rest of the app can still be checked: an unknown option, a port that is published twice.
 * Callers go on when it returns. If the value was needed, they fail with an error of JavaScript, which the command line
 * leaves out next to the raised one.
 * @throws TradingStackError the error itself, unless {@link collectErrors} is running
 */
export function raise(error: TradingStackError): void {
  if (collected === undefined) throw error;
  collected.push(error);
}

/** Runs a function and adds the errors of {@link raise} to a list instead of throwing the first of them. */
export function collectErrors<Result>(work: () => Result, errors: TradingStackError[]): Result {
  const outer = collected;
  collected = errors;
  try {
    return work();
  } finally {
    collected = outer;
  }
}

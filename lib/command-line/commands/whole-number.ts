import { InvalidArgumentError } from 'commander';

/** Reads a number of at least this much from the command line. */
export function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    if (/^\d+$/.test(text) && Number(text) >= least) return Number(text);
    throw new InvalidArgumentError(`Use a whole number, ${least} or more.`);
  };
}

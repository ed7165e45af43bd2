import type { ErrorCode } from './codes';

/** Every error that this library raises: what is wrong, where, and how to fix it. */
export class TradingStackError extends Error {
  /**
   * @param code stable name of the error; every code is explained in `docs/errors.md`
   * @param where path of the construct, or name of the value object, that the error is about
   * @param what what is wrong, with the value that was given
   * @param fix how to fix it
   */
  constructor(
    readonly code: ErrorCode,
    readonly where: string,
    readonly what: string,
    readonly fix: string,
  ) {
    super(`${sentencesOf({ where, what, fix })} [${code}]`);
    this.name = 'TradingStackError';
  }
}

/** The message of an error without its code. */
export function sentencesOf({ where, what, fix }: Pick<TradingStackError, 'where' | 'what' | 'fix'>): string {
  return `${where}: ${what}. ${fix}${fix.endsWith('?') ? '' : '.'}`;
}

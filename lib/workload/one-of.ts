import { invalidValue } from '../errors';

/** @throws TradingStackError for a value that only plain JavaScript can give: a word that is none of them */
export function checkOneOf<T extends string>(given: T, allowed: readonly T[], property: string, where: string): T {
  if (allowed.includes(given)) return given;
  const words = allowed.map((word) => `'${word}'`);
  throw invalidValue(where, property, given, `${words.slice(0, -1).join(', ')} or ${words.at(-1) ?? ''}`);
}

/** @throws TradingStackError for a value that only plain JavaScript can give: `'false'`, which is true to it */
export function checkBoolean(given: boolean | undefined, property: string, where: string): void {
  if (given !== undefined && typeof given !== 'boolean') throw invalidValue(where, property, given, 'true or false');
}

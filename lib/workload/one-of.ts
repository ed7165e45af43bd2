import { invalidValue } from '../errors';

/** @throws TradingStackError for a value that only plain JavaScript can give: a word that is none of them */
export function checkOneOf<T extends string>(given: T, allowed: readonly T[], property: string, where: string): T {
  if (allowed.includes(given)) return given;
  const words = allowed.map((word) => `'${word}'`);
  throw invalidValue(where, property, given, `${words.slice(0, -1).join(', ')} or ${words.at(-1) ?? ''}`);
}

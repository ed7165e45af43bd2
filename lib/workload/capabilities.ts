import { invalidValue } from '../errors';

/**
 * In Docker's spelling, without the prefix.
 * @throws TradingStackError for what cannot be the name of one
 */
export function capabilities(names: readonly string[], where: string): string[] {
  const spelled = names.map((name) => name.toUpperCase().replace(/^CAP_/, ''));
  const wrong = spelled.find((name) => !/^[A-Z_]+$/.test(name));
  if (wrong !== undefined) throw invalidValue(where, 'the capability', wrong, "a name such as 'NET_ADMIN'");
  return [...new Set(spelled)].sort();
}

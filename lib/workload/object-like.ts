import { TradingStackError, wrongSpelling } from '../errors';
import type { Check } from '../platform/plain-values';

/**
 * An object with properties; what is in them is looked at elsewhere.
 * @param spelling how it is written: `queues: [{ name: 'orders' }]`
 * @param names of all the properties that it can have; without them, any
 */
export function objectLike(spelling: string, names?: Readonly<Record<string, true>>): Check {
  return (given, property, where) => {
    if (typeof given !== 'object' || given === null || Array.isArray(given)) {
      throw wrongSpelling(where, property, given, spelling);
    }
    const unknown = names && Object.keys(given).find((name) => !Object.hasOwn(names, name));
    if (unknown === undefined) return;
    throw new TradingStackError('invalid-value', where, `${property} has no '${unknown}'`, `Write ${spelling}`);
  };
}

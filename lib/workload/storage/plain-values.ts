import { TradingStackError } from '../../errors';

/** A format of configuration files that is written from a value. */
export type Format = 'YAML' | 'JSON';

/** A number that reads back as the same one in other languages. */
export function numberText(value: number): string {
  if (Object.is(value, -0)) return '-0.0';
  // Above 2^53 JavaScript prints rounded digits, which other languages would read as they are.
  if (Number.isInteger(value) && Math.abs(value) < 1e21) return BigInt(value).toString();
  // PyYAML reads `1e-7` as a string: it requires a point before the exponent.
  return String(value).replace(/^(-?\d)e/, '$1.0e');
}

/** Whether Terraform would compose some of the characters: it keeps strings in Unicode's normal form C. */
export function isNormalized(text: string): boolean {
  return text === text.normalize('NFC');
}

/**
 * The error for a value that a format cannot express.
 * @param key its property, or index in a list; empty for the whole document
 * @param replacement what to pass instead
 */
export function unwritable(
  value: unknown,
  key: string,
  { path, where, format }: { readonly path: string; readonly where: string; readonly format: Format },
  replacement: string,
): TradingStackError {
  const what = key === '' ? 'the value' : `'${key}'`;
  return new TradingStackError(
    'config-file-invalid',
    where,
    `${what} in ${path} is ${kindOf(value)}, which ${format} cannot express`,
    `Pass ${replacement}`,
  );
}

/** What to pass instead of a value that no format can express; nothing for other values. */
export function replacementFor(value: unknown, isInList: boolean): string | undefined {
  if (value === undefined && isInList) return 'null, or leave it out';
  if (value instanceof RegExp) return 'the string that the program reads, such as expression.source';
  if (typeof value === 'function') return 'what it returns';
  return typeof value === 'symbol' ? 'a string' : undefined;
}

function kindOf(value: unknown): string {
  if (value instanceof Date) return 'a Date';
  if (value instanceof RegExp) return 'a regular expression';
  if (value instanceof Map || value instanceof Set) return `a ${value.constructor.name}`;
  if (typeof value === 'number') return String(value);
  if (typeof value === 'object') return 'an object that contains itself';
  return value === undefined ? 'undefined' : `a ${typeof value}`;
}

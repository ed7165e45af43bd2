import { Document, type ScalarTag, visit } from 'yaml';
import { TradingStackError } from '../../errors';

/**
 * A value as YAML that readers of both versions read back as the same value. Of 1.1, which PyYAML reads, are the words
 * `on` and `no`, times and dates without quotes; of 1.2 are numbers such as `1e3`.
 * @returns nothing for `undefined`
 * @throws TradingStackError for what YAML has no word for in both versions
 */
export function yamlText(value: unknown, path: string, where: string): string | undefined {
  if (value === undefined) return undefined;
  const document = new Document(value, refuseUnwritable(path, where), {
    compat: 'yaml-1.1',
    customTags: (tags) => [NUMBER, DEFAULT_VALUE, ...tags],
  });
  visit(document, {
    Scalar: (key, scalar) => {
      // Lines of a whole document would start at its margin, where PyYAML ends a string.
      const isWhole = key === null;
      const { value: text } = scalar;
      if (typeof text === 'string' && (NEEDS_ESCAPES.test(text) || (isWhole && text.includes('\n')))) {
        scalar.type = 'QUOTE_DOUBLE';
      }
    },
  });
  // A folded line differs from reader to reader where it has tabs or spaces at its ends.
  return document
    .toString({ lineWidth: 0 })
    .replace(UNPRINTABLE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Characters that PyYAML refuses, drops or takes for a line break, and that `yaml` writes as they are. */
const UNPRINTABLE = /[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g;
/** These, and tabs, at which PyYAML ends a string without quotes. */
const NEEDS_ESCAPES = /[\t\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/;

/** PyYAML reads `1e-7` as a string: it wants a point before the exponent. */
const NUMBER: ScalarTag = {
  tag: 'tag:yaml.org,2002:float',
  default: true,
  identify: (value) => Number.isFinite(value),
  test: /^[-+]?[0-9]+(\.[0-9]*)?([eE][-+]?[0-9]+)?$/,
  resolve: Number,
  stringify: ({ value }) => numberText(Number(value)),
};

/** A lone `=` has a type of its own in YAML 1.1, which PyYAML fails on: https://yaml.org/type/value.html */
const DEFAULT_VALUE: ScalarTag = {
  tag: 'tag:yaml.org,2002:value',
  default: true,
  test: /^=$/,
  resolve: (text) => text,
};

function numberText(value: number): string {
  if (Object.is(value, -0)) return '-0.0';
  // JavaScript rounds the last digits of an integer above 2^53, and other languages read them as they are.
  if (Number.isInteger(value) && Math.abs(value) < 1e21) return BigInt(value).toString();
  return String(value).replace(/^(-?\d)e/, '$1.0e');
}

function refuseUnwritable(path: string, where: string): (key: unknown, value: unknown) => unknown {
  return function (this: unknown, key, value) {
    const instead = Array.isArray(this) && value === undefined ? 'null, or leave it out' : insteadOf(value);
    if (instead === undefined) return value;
    const what = key === '' ? 'the value' : `'${String(key)}'`;
    throw new TradingStackError(
      'invalid-value',
      where,
      `${what} in ${path} cannot be ${kindOf(value)}`,
      `Give ${instead}`,
    );
  };
}

function insteadOf(value: unknown): string | undefined {
  if (value instanceof Date) return 'the string that the program reads: date.toISOString()';
  if (value instanceof RegExp) return 'the string that the program reads: expression.source';
  if (typeof value === 'function') return 'what it returns';
  return typeof value === 'symbol' ? 'a string' : undefined;
}

function kindOf(value: unknown): string {
  if (value instanceof Date) return 'a Date';
  if (value instanceof RegExp) return 'a regular expression';
  return value === undefined ? 'undefined' : `a ${typeof value}`;
}

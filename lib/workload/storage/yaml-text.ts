import { Document, type ScalarTag, visit } from 'yaml';
import { TradingStackError } from '../../errors';

/**
 * A value as YAML that parsers of both versions read back as the same value. Unquoted `on`, `no`, times and dates are
 * not strings in YAML 1.1, which PyYAML implements; `1e3` is a number in YAML 1.2 only.
 * @returns nothing for `undefined`
 * @throws TradingStackError for a value that YAML cannot express in both versions
 */
export function yamlText(value: unknown, path: string, where: string): string | undefined {
  if (value === undefined) return undefined;
  const document = new Document(value, refuseUnwritable(path, where), {
    compat: 'yaml-1.1',
    customTags: (tags) => [NUMBER, DEFAULT_VALUE, ...tags],
  });
  visit(document, {
    Scalar: (key, scalar) => {
      // PyYAML ends a string at a line without indentation, which a document of one string would have.
      const isWhole = key === null;
      const { value: text } = scalar;
      if (typeof text === 'string' && (NEEDS_ESCAPES.test(text) || (isWhole && text.includes('\n')))) {
        scalar.type = 'QUOTE_DOUBLE';
      }
    },
  });
  // Parsers differ on tabs and spaces at the ends of folded lines.
  return document
    .toString({ lineWidth: 0 })
    .replace(UNPRINTABLE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Characters that `yaml` writes as they are, and that PyYAML refuses, drops or reads as a line break. */
const UNPRINTABLE = /[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g;
/** The same and tabs, at which PyYAML ends a string without quotes. */
const NEEDS_ESCAPES = /[\t\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/;

/** PyYAML reads `1e-7` as a string: it requires a point before the exponent. */
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
  // Above 2^53 JavaScript prints rounded digits, which other languages would read as they are.
  if (Number.isInteger(value) && Math.abs(value) < 1e21) return BigInt(value).toString();
  return String(value).replace(/^(-?\d)e/, '$1.0e');
}

function refuseUnwritable(path: string, where: string): (key: unknown, value: unknown) => unknown {
  return function (this: unknown, key, value) {
    const replacement = Array.isArray(this) && value === undefined ? 'null, or leave it out' : replacementFor(value);
    if (replacement === undefined) return value;
    const what = key === '' ? 'the value' : `'${String(key)}'`;
    throw new TradingStackError(
      'config-file-invalid',
      where,
      `${what} in ${path} is ${kindOf(value)}, which YAML cannot express`,
      `Pass ${replacement}`,
    );
  };
}

function replacementFor(value: unknown): string | undefined {
  if (value instanceof Date) return 'the string that the program reads, such as date.toISOString()';
  if (value instanceof RegExp) return 'the string that the program reads, such as expression.source';
  if (typeof value === 'function') return 'what it returns';
  return typeof value === 'symbol' ? 'a string' : undefined;
}

function kindOf(value: unknown): string {
  if (value instanceof Date) return 'a Date';
  if (value instanceof RegExp) return 'a regular expression';
  return value === undefined ? 'undefined' : `a ${typeof value}`;
}

import { Document, type ScalarTag, visit } from 'yaml';
import { isNormalized, numberText, replacementFor, unwritable } from './plain-values';

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
  const text = written(document, UNPRINTABLE);
  return isNormalized(text) ? text : written(document, NOT_ASCII);
}

/** @param escapes the characters that are written as escape sequences */
function written(document: Document, escapes: RegExp): string {
  visit(document, {
    Scalar: (key, scalar) => {
      // PyYAML ends a string at a line without indentation, which a document of one string would have.
      const isWhole = key === null;
      const { value: text } = scalar;
      // It also ends a string without quotes at a tab.
      if (typeof text === 'string' && (escapes.test(text) || text.includes('\t') || (isWhole && text.includes('\n')))) {
        scalar.type = 'QUOTE_DOUBLE';
      }
    },
  });
  // Parsers differ on tabs and spaces at the ends of folded lines.
  return document.toString({ lineWidth: 0 }).replace(new RegExp(escapes, 'gu'), escaped);
}

/** Characters that `yaml` writes as they are, and that PyYAML refuses, drops or reads as a line break. */
const UNPRINTABLE = /[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]|\p{Surrogate}/u;
const NOT_ASCII = /[^\n -~]/u;

function escaped(character: string): string {
  const digits = (character.codePointAt(0) ?? 0).toString(16);
  return digits.length > 4 ? `\\U${digits.padStart(8, '0')}` : `\\u${digits.padStart(4, '0')}`;
}

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

function refuseUnwritable(path: string, where: string): (key: unknown, value: unknown) => unknown {
  return function (this: unknown, key, value) {
    const replacement =
      value instanceof Date
        ? 'the string that the program reads, such as date.toISOString()'
        : replacementFor(value, Array.isArray(this));
    if (replacement !== undefined) throw unwritable(value, String(key), { path, where, format: 'YAML' }, replacement);
    return value;
  };
}

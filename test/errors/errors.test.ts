import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { ERROR_CODES, TradingStackError } from '../../lib';
import { codesWithoutExample, errorOf, errorsDocument } from './document';
import { EXAMPLES } from './examples';
import type { CodeExample, ErrorExample } from './examples/example';

const CODE_EXAMPLES = Object.entries<ErrorExample>(EXAMPLES).filter(
  (entry): entry is [string, CodeExample] => typeof entry[1] === 'function',
);

test('Every error code has an example', () => {
  expect(codesWithoutExample()).toEqual([]);
});

test('Error codes are in alphabetical order and each meaning is a sentence', () => {
  const codes = Object.keys(ERROR_CODES);

  expect(codes).toEqual([...codes].sort());
  expect(Object.values(ERROR_CODES).filter((meaning) => !/^[A-Z].*\.$/.test(meaning))).toEqual([]);
});

test.each(CODE_EXAMPLES)('The example of %s raises that error', (code, example) => {
  const error = errorOf(example);

  expect(error).toBeInstanceOf(TradingStackError);
  expect((error as TradingStackError).code).toBe(code);
});

test('docs/errors.md is current; `npm run docs:generate` updates it', () => {
  expect(readFileSync(resolve(__dirname, '../../docs/errors.md'), 'utf8')).toBe(errorsDocument());
});

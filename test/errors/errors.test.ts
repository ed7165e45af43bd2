import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ERROR_CODES, TradingStackError, type WarningCode } from '../../lib';
import { WARNING_CODES } from '../../lib/errors';
import { codesWithoutExample, errorOf, errorsDocument, warningOf } from './document';
import { EXAMPLES } from './examples';
import type { CodeExample, ErrorExample } from './examples/example';
import { WARNING_EXAMPLES } from './examples/warnings';

const CODE_EXAMPLES = Object.entries<ErrorExample>(EXAMPLES).filter(
  (entry): entry is [string, CodeExample] => typeof entry[1] === 'function',
);

test('Every error code has an example', () => {
  expect(codesWithoutExample()).toEqual([]);
});

test('Every error code is raised somewhere in the library', () => {
  const library = resolve(__dirname, '../../lib');
  const files = readdirSync(library, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  const sources = files.filter((file) => file !== join('errors', 'codes.ts'));
  const text = sources.map((file) => readFileSync(join(library, file), 'utf8')).join('\n');

  expect(Object.keys(ERROR_CODES).filter((code) => !text.includes(`'${code}'`))).toEqual([]);
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

test('Warning codes are in alphabetical order, and none is the code of an error', () => {
  const codes = Object.keys(WARNING_CODES);

  expect(codes).toEqual([...codes].sort());
  expect(codes.filter((code) => code in ERROR_CODES)).toEqual([]);
});

test.each(
  Object.entries<ErrorExample>(WARNING_EXAMPLES).filter(
    (entry): entry is [WarningCode, CodeExample] => typeof entry[1] === 'function',
  ),
)('The example of %s causes that warning', (code, example) => {
  expect(warningOf(code, example)).toMatch(/^Warning: /);
});

test('docs/errors.md is current; `npm run docs:generate` updates it', () => {
  expect(readFileSync(resolve(__dirname, '../../docs/errors.md'), 'utf8')).toBe(errorsDocument());
});

import { Token } from 'cdktf';
import { invalidValue, TradingStackError } from '../errors';

/**
 * Looks at a value that plain JavaScript, or a script that runs without a look at its types, may have given.
 * @throws TradingStackError with how it is written
 */
export type Check = (given: unknown, property: string, where: string) => void;

/** Whether it is a text of this form, or a cdktf token, which gets its text when Terraform runs. */
export function hasForm(given: unknown, form: RegExp): given is string {
  return typeof given === 'string' && (form.test(given) || Token.isUnresolved(given));
}

/** @throws TradingStackError unless it is a text, which may be an empty one */
export function checkText(given: unknown, property: string, where: string): asserts given is string {
  if (typeof given === 'string') return;
  throw invalidValue(where, property, given, typeof given === 'number' ? `a text: '${given}'` : 'a text');
}

/** @throws TradingStackError unless it is a text with something in it */
export function checkFilledText(given: unknown, property: string, where: string): asserts given is string {
  checkText(given, property, where);
  if (given === '') throw invalidValue(where, property, given, 'a text that is not empty');
}

/** @throws TradingStackError unless it is one of the two: of any other value JavaScript would make one of them */
export function checkBoolean(given: unknown, property: string, where: string): asserts given is boolean {
  if (typeof given !== 'boolean') throw invalidValue(where, property, given, 'true or false, without quotes');
}

/** @throws TradingStackError unless it is names with a text each, which may be an empty one */
export function checkTexts(given: unknown, property: string, where: string): void {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw invalidValue(where, property, given, "names with a text each: { name: 'text' }");
  }
  for (const [name, text] of Object.entries(given as Readonly<Record<string, unknown>>)) {
    // The path is put together for those alone that a message is about.
    if (typeof text !== 'string') checkText(text, `${property}.${name}`, where);
  }
}

/** A list of which each is looked at; `wordy` for one of texts, which somebody may have written as one line. */
export function listOf(check: Check, wordy: 'wordy' | 'of objects' = 'of objects'): Check {
  return (given, property, where) => {
    if (Array.isArray(given)) {
      given.forEach((one: unknown, index) => {
        check(one, `${property}[${index}]`, where);
      });
      return;
    }
    if (wordy === 'wordy' && typeof given === 'string') {
      throw invalidValue(where, property, given, `a list: ${wordsOf(given)}`);
    }
    // What is wrong with the one that stands in the list's place is said first: how it is written shows the list too.
    if (wordy === 'of objects') check(given, property, where);
    throw invalidValue(where, property, given, 'a list, in [ ]');
  };
}

/** @throws TradingStackError unless it is names with values; the values, which may be secrets, are in no message */
export function checkNames(given: unknown, property: string, where: string): void {
  if (typeof given === 'object' && given !== null && !Array.isArray(given)) return;
  const type = Array.isArray(given) ? 'a list' : `of the type ${typeof given}`;
  throw new TradingStackError('invalid-value', where, `${property} is ${type}`, `Write ${property}: { NAME: value }`);
}

function wordsOf(line: string): string {
  const words = line.split(/\s+/).filter((word) => word !== '');
  return `[${words.map((word) => `'${word}'`).join(', ')}]`;
}

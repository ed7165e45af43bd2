import { Token } from 'cdktf';
import { invalidValue, TradingStackError } from '../errors';
import type { WorkloadSpec } from '../platform/spec';
import { isNormalized } from './storage/plain-values';

/**
 * Refuses strings that would not arrive as they are: Terraform composes Unicode characters and replaces half surrogate
 * pairs, and neither an argument nor a variable can contain a NUL character.
 * @throws TradingStackError
 */
export function checkTransport(spec: WorkloadSpec): void {
  const { path: where, files, ...others } = spec;
  for (const [property, text] of stringsIn(others, '')) {
    const problem = problemOf(text) ?? (text.includes('\0') ? NUL : undefined);
    if (problem !== undefined) throw invalidValue(where, property, text, problem.allowed);
  }
  for (const { path, content } of files) {
    const problem = problemOf(content);
    if (problem === undefined) continue;
    const what = `${path} contains ${problem.what}, so it would arrive changed`;
    throw new TradingStackError('config-file-invalid', where, what, problem.fix);
  }
}

interface Problem {
  readonly what: string;
  readonly allowed: string;
  readonly fix: string;
}

const NUL: Problem = {
  what: 'NUL characters',
  allowed: 'a string without NUL characters',
  fix: 'Remove the NUL characters',
};

const HALF_PAIR: Problem = {
  what: 'half of a surrogate pair, which is not a character',
  allowed: 'a string of whole characters: this one was cut inside one, such as an emoji',
  fix: 'Cut the text between characters: Array.from(text).slice(0, 80).join("")',
};

const DECOMPOSED: Problem = {
  what: 'decomposed Unicode characters, which Terraform composes',
  allowed: "a string in Unicode's normal form C, in which Terraform keeps strings: text.normalize('NFC')",
  fix: "Use text.normalize('NFC'), or mount the file with BindMount.readOnly",
};

function problemOf(text: string): Problem | undefined {
  if (Token.isUnresolved(text)) return undefined;
  if (/\p{Surrogate}/u.test(text)) return HALF_PAIR;
  return isNormalized(text) ? undefined : DECOMPOSED;
}

/** All strings in plain data, keys included, each with the path of its property. */
function stringsIn(value: unknown, property: string): [property: string, text: string][] {
  if (typeof value === 'string') return [[property, value]];
  if (typeof value !== 'object' || value === null) return [];
  const inside = (key: string): string => (property === '' ? key : `${property}.${key}`);
  return Object.entries(value).flatMap(([key, item]) => [
    [property, key] as [string, string],
    ...stringsIn(item, inside(key)),
  ]);
}

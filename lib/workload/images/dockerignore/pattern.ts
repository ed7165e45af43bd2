import { posix } from 'node:path';
import { BadRule } from './bad-rule';
import { checkLikeGo } from './go-match';
import { fromGo } from './go-regexp';

/** One rule of a `.dockerignore`, as github.com/moby/patternmatcher 0.6 matches it. */
export class Pattern {
  /**
   * @param rule a line as {@link trimmedRule} returns it
   * @throws BadRule
   */
  static of(rule: string): Pattern {
    const clean = cleanPath(trim(rule));
    const isException = clean.startsWith('!');
    if (clean === '!') throw new BadRule('it has no pattern after the !', 'Remove the line, or add the pattern: !src');
    const text = isException ? clean.slice(1) : clean;
    checkLikeGo(text);
    return new Pattern(text, isException, compile(text));
  }

  private constructor(
    /** The rule without the `!` of an exception. */
    readonly text: string,
    readonly isException: boolean,
    /** Whether it matches a path itself, whatever it says about the folders that contain it. */
    readonly matches: (path: string) => boolean,
  ) {}
}

/**
 * A line of a `.dockerignore` without what does not count, or nothing for an empty line and a comment.
 * Source: https://github.com/moby/patternmatcher/blob/v0.6.0/ignorefile/ignorefile.go
 */
export function trimmedRule(line: string): string | undefined {
  if (line.startsWith('#')) return undefined;
  const rule = trim(line);
  if (rule === '') return undefined;
  const isException = rule.startsWith('!');
  const pattern = isException ? trim(rule.slice(1)) : rule;
  const clean = pattern === '' ? '' : cleanPath(pattern);
  return (isException ? '!' : '') + (clean.length > 1 ? clean.replace(/^\//, '') : clean);
}

/** White space as Go counts it, which differs from JavaScript in U+0085 and U+FEFF. */
const SPACE = '[\\t-\\r \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]+';
const SPACE_AROUND = new RegExp(`^${SPACE}|${SPACE}$`, 'g');

function trim(text: string): string {
  return text.replace(SPACE_AROUND, '');
}

/** Go's `filepath.Clean`, which differs from Node's in the slash at the end. */
function cleanPath(path: string): string {
  const clean = posix.normalize(path);
  return clean.length > 1 ? clean.replace(/\/$/, '') : clean;
}

/**
 * Only patterns with wildcards, brackets or escapes become regular expressions. Docker leaves `|`, `^` and braces in these
 * as they are.
 * Source: `compile` in https://github.com/moby/patternmatcher/blob/v0.6.0/patternmatcher.go
 */
function compile(pattern: string): Pattern['matches'] {
  const characters = Array.from(pattern.replace(/^\ufeff/, ''));
  let kind: 'exact' | 'prefix' | 'suffix' | 'expression' = 'exact';
  let expression = '^';
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at] ?? '';
    if (character === '*' && characters[at + 1] === '*') {
      const isFirst = at === 0;
      at += characters[at + 2] === '/' ? 2 : 1;
      const isLast = at + 1 === characters.length;
      expression += isLast ? '.*' : '(.*/)?';
      kind = isLast && kind === 'exact' ? 'prefix' : 'expression';
      if (isFirst) kind = 'suffix';
    } else if (character === '*') {
      expression += '[^/]*';
      kind = 'expression';
    } else if (character === '?') {
      expression += '[^/]';
      kind = 'expression';
    } else if (character === '\\' && at + 1 < characters.length) {
      at++;
      expression += `\\${characters[at] ?? ''}`;
      kind = 'expression';
    } else {
      if (character === '[' || character === ']') kind = 'expression';
      // A backslash at the end stays alone, and so escapes the `$` that follows.
      expression += '.+()$'.includes(character) ? `\\${character}` : character;
    }
  }
  if (kind === 'exact') return (path) => path === pattern;
  if (kind === 'prefix') return (path) => path.startsWith(pattern.slice(0, -2));
  if (kind === 'suffix') {
    const suffix = pattern.slice(2);
    return (path) => path.endsWith(suffix) || (suffix.startsWith('/') && path === suffix.slice(1));
  }
  const compiled = fromGo(`${expression}$`);
  return (path) => compiled.test(path);
}

import { badClass, badEscape } from './bad-rule';

/**
 * Refuses the patterns for which Go's `filepath.Match(pattern, ".")` returns an error, by which Docker checks a rule. It
 * stops at the first part that does not match, so a later part may still be malformed.
 * Source: https://github.com/golang/go/blob/go1.25.0/src/path/filepath/match.go
 * @throws BadRule
 */
export function checkLikeGo(pattern: string): void {
  let rest = Array.from(pattern);
  let name = '.';
  while (rest.length > 0) {
    const [star, chunk, after] = nextChunk(rest);
    rest = after;
    if (star && chunk.length === 0) return;
    const left = matchChunk(chunk, name);
    const isDone = left === '' || rest.length > 0;
    if (left !== undefined && isDone) {
      name = left;
    } else if (star && name === '.' && matchChunk(chunk, '') !== undefined) {
      name = '';
    } else {
      return;
    }
  }
}

/** Whether asterisks precede the next part of a pattern, that part up to the next asterisk, and the rest. */
function nextChunk(pattern: readonly string[]): [star: boolean, chunk: string[], rest: string[]] {
  const start = pattern.findIndex((character) => character !== '*');
  if (start < 0) return [true, [], []];
  let inClass = false;
  let end = start;
  for (; end < pattern.length; end++) {
    const character = pattern[end];
    if (character === '\\') end++;
    else if (character === '[') inClass = true;
    else if (character === ']') inClass = false;
    else if (character === '*' && !inClass) break;
  }
  return [start > 0, pattern.slice(start, end), pattern.slice(end)];
}

/**
 * Matches the start of a name with a part without asterisks.
 * @returns the rest of the name, or nothing if it does not match
 * @throws BadRule if the part is malformed, even behind the end of the match
 */
function matchChunk(chunk: readonly string[], name: string): string | undefined {
  let rest = name;
  let failed = false;
  for (let at = 0; at < chunk.length; at++) {
    failed = failed || rest === '';
    const next = rest.charAt(0);
    let matches = true;
    if (chunk[at] === '[') {
      const end = readClass(chunk, at + 1, next);
      matches = end.matches;
      at = end.at;
    } else if (chunk[at] === '\\') {
      at++;
      if (at === chunk.length) throw badEscape('\\');
      matches = chunk[at] === next;
    } else if (chunk[at] !== '?') {
      matches = chunk[at] === next;
    }
    failed = failed || !matches;
    if (!failed) rest = rest.slice(1);
  }
  return failed ? undefined : rest;
}

/** @returns the index of the `]`, and whether the class contains the character */
function readClass(chunk: readonly string[], start: number, character: string): { at: number; matches: boolean } {
  const isNegated = chunk[start] === '^';
  let at = isNegated ? start + 1 : start;
  let isInside = false;
  for (let ranges = 0; !(chunk[at] === ']' && ranges > 0); ranges++) {
    const low = readClassCharacter(chunk, at);
    at = low.after;
    let high = low.character;
    if (chunk[at] === '-') {
      const end = readClassCharacter(chunk, at + 1);
      high = end.character;
      at = end.after;
    }
    isInside = isInside || (low.character <= character && character <= high);
  }
  return { at, matches: isInside !== isNegated };
}

function readClassCharacter(chunk: readonly string[], start: number): { character: string; after: number } {
  const first = chunk[start];
  if (first === undefined) throw badClass("']' is missing");
  if (first === '-' || first === ']') throw badClass(`'${first}' is where a character has to be`);
  const at = first === '\\' ? start + 1 : start;
  const character = chunk[at];
  if (character === undefined || at + 1 === chunk.length) throw badClass("']' is missing");
  return { character, after: at + 1 };
}

/** A rule of a `.dockerignore` that Docker refuses, or on which its matcher fails. */
export class BadRule extends Error {
  /** @param fix imperative without a full stop */
  constructor(
    message: string,
    readonly fix: string,
  ) {
    super(message);
  }
}

/** A `[` without its `]`, or with something in between that is not a class. */
export function badClass(problem: string): BadRule {
  return new BadRule(`${problem} in a character class`, 'Write \\[ for the character itself, or correct the class');
}

/** A backslash that escapes nothing. */
export function badEscape(escape: string): BadRule {
  const fix = 'Write / between folders; a backslash escapes a character that would otherwise be special';
  return new BadRule(`'${escape}' is not an escape sequence`, fix);
}

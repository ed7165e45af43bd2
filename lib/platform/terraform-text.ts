import { Token } from 'cdktf';

/**
 * Text that Terraform has to take letter by letter. Its template marks are doubled, so that `${HOME}` in a user's value
 * arrives as `${HOME}`. A value that holds a cdktf token is an expression on purpose and stays as it is.
 */
export function literal(text: string): string {
  return Token.isUnresolved(text) ? text : text.replace(/\$\{/g, '$$${').replace(/%\{/g, '%%{');
}

/** Every text of a list, taken letter by letter. */
export function literals(texts: readonly string[]): string[] {
  return texts.map(literal);
}

/** Every value of a map, taken letter by letter, in the order of the keys. */
export function literalValues(values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(sortedEntries(values).map(([key, value]) => [key, literal(value)]));
}

/** Entries in the order of their keys, so that output does not depend on the order in which things were written. */
export function sortedEntries<T>(values: Readonly<Record<string, T>>): [string, T][] {
  return Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1));
}

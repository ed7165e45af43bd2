/** One change that makes a met row untrue, or what a replaced row says about the example. */
export interface Mutation {
  /** Id of the requirement, which has to be met or replaced. */
  readonly row: string;
  readonly file: string;
  readonly search: string;
  readonly replacement: string;
  /** The search starts after the first occurrence of this. Otherwise `search` has to occur once. */
  readonly after?: string;
}

/** A function for the mutations of one file. */
export function mutationsOf(file: string) {
  return (row: string, search: string, replacement: string, after?: string): Mutation => ({
    row,
    file,
    search,
    replacement,
    ...(after !== undefined && { after }),
  });
}

/** The content with the change, or `undefined` if it no longer applies. */
export function mutate(content: string, { search, replacement, after }: Mutation): string | undefined {
  const from = after === undefined ? 0 : content.indexOf(after);
  if (from === -1) return undefined;
  const start = from + (after?.length ?? 0);
  const position = content.indexOf(search, start);
  if (position === -1) return undefined;
  if (after === undefined && content.includes(search, position + 1)) return undefined;
  return content.slice(0, position) + replacement + content.slice(position + search.length);
}

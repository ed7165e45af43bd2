/** Values of one source, in order, in pieces. */
export type Pieces<Value> = AsyncIterator<readonly Value[]>;

interface Head<Value> {
  readonly source: number;
  readonly pieces: Pieces<Value>;
  values: readonly Value[];
  at: number;
}

/**
 * Merges sources that are in order into one that is, and reads no more of each than it needs.
 * @param keyOf what the values are ordered by
 * @returns pieces of values with the index of their source
 */
export async function* merge<Value>(
  sources: readonly Pieces<Value>[],
  keyOf: (value: Value) => string,
): AsyncGenerator<readonly (readonly [number, Value])[]> {
  const begun = sources.map((pieces, source): Head<Value> => ({ source, pieces, values: [], at: 0 }));
  let heads = (await Promise.all(begun.map(filled))).flatMap((head) => head ?? []);
  while (heads.length > 0) {
    const merged: (readonly [number, Value])[] = [];
    let empty: Head<Value> | undefined;
    while (empty === undefined) {
      const next = earliest(heads, keyOf);
      merged.push([next.source, next.values[next.at] as Value]);
      next.at += 1;
      if (next.at === next.values.length) empty = next;
    }
    yield merged;
    if ((await filled(empty)) === undefined) heads = heads.filter((head) => head !== empty);
  }
}

function earliest<Value>(heads: readonly Head<Value>[], keyOf: (value: Value) => string): Head<Value> {
  const keyAt = ({ values, at }: Head<Value>): string => keyOf(values[at] as Value);
  return heads.reduce((first, head) => (keyAt(head) < keyAt(first) ? head : first));
}

/** @returns the head with its next values; `undefined` at the end of the source */
async function filled<Value>(head: Head<Value>): Promise<Head<Value> | undefined> {
  for (;;) {
    const next = await head.pieces.next();
    if (next.done === true) return undefined;
    if (next.value.length === 0) continue;
    head.values = next.value;
    head.at = 0;
    return head;
  }
}

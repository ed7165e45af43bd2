import { type Attributes, type Setting, UNKNOWN } from './attributes';

/** One setting that differs; `null` on the side that does not have it. */
export interface Difference {
  readonly group: Setting['group'];
  readonly name: string;
  readonly before: string | null;
  readonly after: string | null;
}

export function compare(before: readonly Setting[], after: readonly Setting[]): Difference[] {
  const old = new Map(before.map((one) => [keyOf(one), one]));
  const now = new Map(after.map((one) => [keyOf(one), one]));
  const differing = [...old.keys(), ...[...now.keys()].filter((key) => !old.has(key))].filter(
    (key) => old.get(key)?.value !== now.get(key)?.value,
  );
  const differences = differing.map((key) => {
    const { group, name } = (now.get(key) ?? old.get(key)) as Setting;
    return { group, name, before: old.get(key)?.value ?? null, after: now.get(key)?.value ?? null };
  });
  return pairItems(differences);
}

/** A list has no keys: all of its items count. */
function keyOf({ group, name, value }: Setting): string {
  return group === 'item' ? `${group} ${name} ${value}` : `${group} ${name}`;
}

/** One removed item and one added item are shown as one changed item. */
function pairItems(differences: readonly Difference[]): Difference[] {
  return differences.flatMap((one) => {
    if (one.group !== 'item') return [one];
    const same = differences.filter(({ group, name }) => group === 'item' && name === one.name);
    const [gone, come] = [same.find(({ after }) => after === null), same.find(({ before }) => before === null)];
    if (same.length !== 2 || gone === undefined || come === undefined) return [one];
    return one === gone ? [{ ...one, after: come.after }] : [];
  });
}

/** Both sides without values that are not known yet, except those of an image and a network. */
export function knownPart(
  before: Attributes,
  after: Attributes,
  unknown: Attributes,
): { before: Attributes; after: Attributes } {
  const old: Record<string, unknown> = { ...before };
  const now: Record<string, unknown> = { ...after };
  for (const [key, mark] of Object.entries(unknown)) {
    if (mark === true) {
      if (key === 'image' || key === 'name') now[key] = UNKNOWN;
      else [old, now].forEach((side) => Reflect.deleteProperty(side, key));
    } else if (Array.isArray(mark) && Array.isArray(now[key]) && Array.isArray(old[key])) {
      const pairs = mark.map((one: unknown, index) => {
        const [then, later] = [(old[key] as unknown[])[index], (now[key] as unknown[])[index]];
        return isBlock(one) && isBlock(then) && isBlock(later)
          ? knownPart(then, later, one)
          : { before: then, after: later };
      });
      now[key] = pairs.map((pair) => pair.after);
      old[key] = [...pairs.map((pair) => pair.before), ...(old[key] as unknown[]).slice(pairs.length)].filter(
        (one) => one !== undefined,
      );
    }
  }
  return { before: old, after: now };
}

function isBlock(value: unknown): value is Attributes {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const LONGEST = 60;

/** `0.2 → 0.3`, shortened. */
export function arrow(before: string | null, after: string | null): string {
  if (before === null || after === null || before.length + after.length <= 2 * LONGEST)
    return `${before === null ? 'unset' : clip(before)} → ${after === null ? 'unset' : clip(after)}`;
  // Of two long values, only the part that differs is shown.
  let start = 0;
  while (start < before.length && before[start] === after[start]) start += 1;
  const from = Math.max(0, start - 15);
  const part = (value: string): string => `${from > 0 ? '…' : ''}${clip(value.slice(from))}`;
  return `${part(before)} → ${part(after)}`;
}

/** A value shortened to one line of limited length. */
export function clip(value: string): string {
  const line = /\p{Cc}/u.test(value) ? JSON.stringify(value) : value;
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
}

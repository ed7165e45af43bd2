import { isNormalized, numberText, replacementFor, unwritable } from './plain-values';

/**
 * A value as JSON with one property per line. `JSON.stringify` would write `null` for `NaN`, `{}` for a `Map`, and rounded
 * digits for integers above 2^53, which other languages read as they are.
 * @returns nothing for `undefined`
 * @throws TradingStackError for a value that JSON cannot express
 */
export function jsonText(value: unknown, path: string, where: string): string | undefined {
  if (value === undefined) return undefined;
  const text = `${new JsonWriter(path, where).write(value, '', [])}\n`;
  return isNormalized(text) ? text : text.replace(/[^\n -~]/g, escaped);
}

class JsonWriter {
  readonly format = 'JSON';

  constructor(
    readonly path: string,
    readonly where: string,
  ) {}

  write(given: unknown, key: string, parents: readonly object[], isInList = false): string {
    const value = hasOwnJson(given) ? given.toJSON(key) : given;
    const replacement = parents.includes(value as object) ? 'a copy without the cycle' : instead(value, isInList);
    if (replacement !== undefined) throw unwritable(value, key, this, replacement);
    if (typeof value === 'number') return numberText(value);
    if (typeof value === 'bigint') return value.toString();
    if (typeof value !== 'object' || value === null) return JSON.stringify(value);
    const inside = [...parents, value];
    const items = Array.isArray(value)
      ? Array.from(value, (item, index) => this.write(item, String(index), inside, true))
      : Object.entries(value)
          // Objects of the Grafana SDK have methods.
          .filter(([, item]) => item !== undefined && typeof item !== 'function')
          .map(([name, item]) => `${JSON.stringify(name)}: ${this.write(item, name, inside)}`);
    const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
    if (items.length === 0) return open + close;
    const indent = '  '.repeat(parents.length);
    return `${open}\n${items.map((item) => `${indent}  ${item}`).join(',\n')}\n${indent}${close}`;
  }
}

function instead(value: unknown, isInList: boolean): string | undefined {
  if (typeof value === 'number' && !Number.isFinite(value)) return 'null, or the string that the program reads';
  if (value instanceof Map) return 'Object.fromEntries(map)';
  if (value instanceof Set) return 'a list: [...set]';
  return replacementFor(value, isInList);
}

function hasOwnJson(value: unknown): value is { toJSON(key: string): unknown } {
  return typeof (value as { toJSON?: unknown } | null | undefined)?.toJSON === 'function';
}

function escaped(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

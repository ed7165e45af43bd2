import { createHash } from 'node:crypto';

/** Sixteen hexadecimal digits that change when the value does. The order of an object's keys does not matter. */
export function contentHash(value: unknown): string {
  return createHash('sha256')
    .update(withoutTokenNumbers(canonicalJson(value)))
    .digest('hex')
    .slice(0, 16);
}

/** cdktf numbers its tokens in the order of their creation, which an unrelated line of code changes. */
function withoutTokenNumbers(text: string): string {
  return text.replace(/TfToken\[TOKEN\.\d+\]/g, 'TfToken');
}

function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`);
  return `{${members.join()}}`;
}

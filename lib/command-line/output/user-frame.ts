import { relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const LIBRARY = resolve(__dirname, '../..') + sep;

/** The line of the user's own code that an error comes from: `desk.ts:42:17`. */
export function placeOf(error: Error): string | undefined {
  for (const frame of (error.stack ?? '').split('\n')) {
    const [, file = '', line = '', column = ''] = /^\s+at (?:.*\()?([^()]+):(\d+):(\d+)\)?$/.exec(frame) ?? [];
    const path = file.startsWith('file:') ? fileURLToPath(file) : file;
    const isForeign = path.startsWith(LIBRARY) || path.includes(`${sep}node_modules${sep}`);
    if (path.startsWith(sep) && !isForeign) return `${relative(process.cwd(), path)}:${line}:${column}`;
  }
  return undefined;
}

import { posix } from 'node:path';

/** The one spelling of a place in a container that Docker makes of `/tmp/`, `//tmp` and `/tmp/.` as well. */
export function mountPoint(path: string): string {
  return posix.isAbsolute(path) ? posix.resolve(path) : path;
}

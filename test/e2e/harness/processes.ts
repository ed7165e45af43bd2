/** The processes of this machine. */
import { readdir } from 'node:fs/promises';

/** The ids of all processes. */
export async function processIds(): Promise<number[]> {
  return (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
}

/** What engines leave of their control groups. */
import { readdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Removes a control group and the groups in it, which have to be without processes: below each controller in version 1, or in the single tree of version 2. */
export async function removeControlGroups(name: string): Promise<void> {
  const root = '/sys/fs/cgroup';
  const controllers = await readdir(root, { withFileTypes: true }).catch(() => []);
  const parents = [root, ...controllers.filter((entry) => entry.isDirectory()).map((entry) => join(root, entry.name))];
  for (const parent of parents) await removeBelow(join(parent, name));
}

async function removeBelow(folder: string): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries.filter((one) => one.isDirectory())) await removeBelow(join(folder, entry.name));
  await rmdir(folder).catch(() => undefined);
}

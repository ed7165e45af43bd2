import { spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { folderOfUser, inPrivateFolder } from '../../../lib/command-line/terraform/private-folder';
import { inTemporaryFolder } from '../../setup/temporary-folder';

const MODULE = require.resolve('../../../lib/command-line/terraform/private-folder');
const COMPILER = require.resolve('../../setup/swc-register.js');

/** A program that creates a private folder while it uses another one, and waits in both. */
const PROGRAM = `
const { inPrivateFolder } = require(${JSON.stringify(MODULE)});
inPrivateFolder((outer) => inPrivateFolder((inner) => {
  console.log(outer);
  console.log(inner);
  return new Promise((resolve) => setTimeout(resolve, 60_000));
}));
process.stdin.on('data', () => process.exit(3)).resume();
`;

async function start(): Promise<{
  readonly folders: readonly string[];
  readonly end: Promise<unknown[]>;
  readonly kill: (signal: NodeJS.Signals) => void;
  readonly leave: () => void;
}> {
  const child = spawn(process.execPath, ['-r', COMPILER, '-e', PROGRAM], { stdio: ['pipe', 'pipe', 'inherit'] });
  const end = once(child, 'close');
  const folders: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    folders.push(line);
    if (folders.length === 2) break;
  }
  return { folders, end, kill: (signal) => child.kill(signal), leave: () => child.stdin.write('leave') };
}

test('A private folder exists as long as it is used, and no other user can read it', async () => {
  const folder = await inPrivateFolder((path) => {
    expect(existsSync(path)).toBe(true);
    return Promise.resolve(path);
  });
  expect(existsSync(folder)).toBe(false);
});

test('A private folder is removed when the function that uses it fails', async () => {
  let folder = '';
  const work = inPrivateFolder((path) => {
    folder = path;
    return Promise.reject(new Error('no plan'));
  });
  await expect(work).rejects.toThrow('no plan');
  expect(existsSync(folder)).toBe(false);
});

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  'A private folder is removed when %s ends the program',
  async (signal) => {
    const { folders, end, kill } = await start();
    expect(folders.map((folder) => existsSync(folder))).toEqual([true, true]);
    kill(signal);
    expect(await end).toEqual([null, signal]);
    expect(folders.map((folder) => existsSync(folder))).toEqual([false, false]);
  },
);

test('A private folder is removed when the program exits', async () => {
  const { folders, end, leave } = await start();
  leave();
  expect(await end).toEqual([3, null]);
  expect(folders.map((folder) => existsSync(folder))).toEqual([false, false]);
});

test('What a killed process has left is removed by the next one, and folders of running processes are kept', async () => {
  const { folders, end, kill } = await start();
  kill('SIGKILL');
  await end;
  const running = await start();
  expect(folders.filter((folder) => existsSync(folder))).toEqual([]);
  await inPrivateFolder(() => {
    expect(running.folders.filter((folder) => existsSync(folder))).toEqual(running.folders);
    return Promise.resolve();
  });
  running.kill('SIGTERM');
  await running.end;
});

test('The folder of a container that shares the temporary folder and the name of the host is kept', async () => {
  const { folders, end, kill } = await start();
  kill('SIGKILL');
  await end;
  const [folder = ''] = folders;
  const owner = JSON.parse(readFileSync(join(folder, 'owner.json'), 'utf8')) as object;
  writeFileSync(join(folder, 'owner.json'), JSON.stringify({ ...owner, namespace: 'pid:[1]' }));
  await inPrivateFolder(() => Promise.resolve());
  expect(folders.map((one) => existsSync(one))).toEqual([true, false]);
  rmSync(folder, { recursive: true });
});

test('A folder whose owner is not yet known is kept', async () => {
  const parent = await inPrivateFolder((path) => Promise.resolve(dirname(path)));
  const folder = mkdtempSync(join(parent, '-'));
  await inPrivateFolder(() => Promise.resolve());
  expect(existsSync(folder)).toBe(true);
  rmSync(folder, { recursive: true });
});

test('Private folders are in one that only this user can list, and that stays', () => {
  inTemporaryFolder((temporary) => {
    const folder = folderOfUser(temporary) ?? '';
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(folderOfUser(temporary)).toBe(folder);
  });
});

const FOREIGN: readonly (readonly [string, (path: string) => void])[] = [
  [
    'that every user can write to',
    (path) => {
      chmodSync(path, 0o777);
    },
  ],
  [
    'that is a link',
    (path) => {
      rmdirSync(path);
      symlinkSync('.', path);
    },
  ],
  [
    'that is a file',
    (path) => {
      rmdirSync(path);
      writeFileSync(path, '');
    },
  ],
];

test.each(FOREIGN)('A folder %s is not used, because another user may have created it', (_what, change) => {
  inTemporaryFolder((temporary) => {
    change(folderOfUser(temporary) ?? '');
    expect(folderOfUser(temporary)).toBeUndefined();
  });
});

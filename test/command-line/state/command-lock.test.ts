import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { hostname } from 'node:os';
import { thisProcess } from '../../../lib/command-line/processes/process-record';
import { DeskFixture } from '../desk/fixture';
import { runInProcess } from '../desk/in-process';

const desk = new DeskFixture();
const LOCK = 'terraform.desk.tfstate.lock';
const RUNNING_DEPLOY = {
  command: 'deploy',
  user: 'anna',
  // The start of another process is not known here.
  ...thisProcess(),
  pid: process.ppid,
  started: undefined,
  since: '2026-01-02T03:04:05Z',
};

afterEach(() => {
  jest.restoreAllMocks();
});

/** What another command, which has this lock, would have written. */
function lockedBy(holder: Partial<Record<keyof typeof RUNNING_DEPLOY, unknown>>): void {
  desk.project.write(LOCK, JSON.stringify({ ...RUNNING_DEPLOY, ...holder }));
}

/** The id of a process that has ended. */
function deadProcess(): number {
  return spawnSync(process.execPath, ['--version']).pid;
}

describe('While a deploy of the stack runs', () => {
  test.each([
    ['deploy', ['deploy', 'desk', '--yes']],
    ['destroy', ['destroy', 'desk', '--yes']],
    ['diff', ['diff', 'desk']],
    ['synth', ['synth', 'desk']],
  ])('%s is refused before anything is done, and names who deploys', async (_, command) => {
    lockedBy({});
    const { exitCode, stderr } = await desk.run(command);
    expect(exitCode).toBe(1);
    expect(stderr).toBe(
      `Another command (\`deploy\`) of desk, started by anna@${hostname()} (process ${process.ppid}) at 2026-01-02T03:04:05Z, holds the lock. ` +
        `Run the command again when it has finished. If it is no longer running, remove its lock: rm ${LOCK}\n` +
        'Nothing was changed. [state-locked]\n',
    );
    expect(desk.project.terraformCommands).toEqual([]);
    expect(desk.project.read('cdktf.out/stacks/desk/cdk.tf.json')).toBeUndefined();
    expect(desk.project.read(LOCK)).toContain('anna');
  });

  test('a command of another stack does not write its configuration, from which it plans', async () => {
    const file = 'cdktf.out/stacks/desk/cdk.tf.json';
    await desk.run(['synth'], {}, 'second stack');
    desk.project.write(file, `${desk.project.read(file) ?? ''}\n`);
    const ours = desk.project.read(file);
    lockedBy({});
    expect((await desk.run(['deploy', 'night', '--yes'], {}, 'second stack')).exitCode).toBe(0);
    await desk.run(['doctor', 'desk'], {}, 'second stack');
    expect(desk.project.read(file)).toBe(ours);
  });

  test('one on another machine counts, because its process cannot be seen', async () => {
    lockedBy({ host: 'another-machine', pid: deadProcess() });
    expect((await desk.run(['deploy', 'desk', '--yes'])).stderr).toContain('[state-locked]');
  });

  test('a lock that is being written counts', async () => {
    desk.project.write(LOCK, '');
    expect((await desk.run(['deploy', 'desk', '--yes'])).stderr).toMatch(/^Another command of desk holds the lock\. /);
  });

  test('its lock is there from its first step to its last, and then removed', async () => {
    const locks: (string | undefined)[] = [];
    desk.context = {
      runProgram: (...program) => {
        locks.push(desk.project.read(LOCK));
        return runInProcess(...program);
      },
    };
    expect((await desk.run(['deploy', 'desk', '--yes'])).exitCode).toBe(0);
    expect(locks).toHaveLength(desk.project.terraformCommands.length);
    expect(new Set(locks).size).toBe(1);
    expect(JSON.parse(locks[0] ?? '')).toMatchObject({ command: 'deploy', host: hostname(), pid: process.pid });
    expect(desk.project.read(LOCK)).toBeUndefined();
  });
});

test.each([
  ['deploy', ['deploy', 'desk', '--yes'], 0],
  ['diff', ['diff', 'desk'], 0],
  ['a deploy that fails', ['deploy', 'desk', '--yes'], 1],
])('A lock that a killed process left does not stop %s', async (_, command, exitCode) => {
  lockedBy({ pid: deadProcess() });
  const environment = exitCode === 1 ? { FAKE_APPLY: '1' } : {};
  expect((await desk.run(command, environment)).exitCode).toBe(exitCode);
  if (command[0] === 'deploy') expect(desk.project.read(LOCK)).toBeUndefined();
});

test('A lock of a container with the name of this host and the same process id counts', async () => {
  lockedBy({ pid: process.pid, started: '1', namespace: 'pid:[1]' });
  expect((await desk.run(['deploy', 'desk', '--yes'])).stderr).toContain('[state-locked]');
  expect(desk.project.read(LOCK)).toContain('anna');
});

describe('While a lock that was left behind is replaced', () => {
  const TAKEOVER = `${LOCK}.takeover`;

  test('by another process, a deploy is refused, and says which files to remove if that one was killed', async () => {
    lockedBy({ pid: deadProcess() });
    desk.project.write(TAKEOVER, '');
    const { stderr } = await desk.run(['deploy', 'desk', '--yes']);
    expect(stderr).toContain(`remove its lock: rm ${LOCK} ${TAKEOVER}\n`);
    expect(desk.project.read(LOCK)).toContain('anna');
  });

  test('the lock that another process has put there meanwhile stays', async () => {
    lockedBy({ pid: deadProcess() });
    const open = fs.openSync;
    jest.spyOn(fs, 'openSync').mockImplementation((path, ...rest) => {
      if (String(path).endsWith(TAKEOVER)) lockedBy({ user: 'ben' });
      return open(path, ...rest);
    });
    const { stderr } = await desk.run(['deploy', 'desk', '--yes']);
    expect(stderr).toMatch(/^Another command \(`deploy`\) of desk, started by ben@.*\n.*\[state-locked\]\n$/);
    expect(desk.project.read(LOCK)).toContain('ben');
    expect(desk.project.read(TAKEOVER)).toBeUndefined();
  });
});

test('A lock that could not be written does not stay', async () => {
  const write = fs.writeFileSync;
  jest.spyOn(fs, 'writeFileSync').mockImplementation((file, ...rest) => {
    if (String(file).endsWith(LOCK)) throw new Error('ENOSPC: no space left on device, write');
    write(file, ...rest);
  });
  expect((await desk.run(['deploy', 'desk', '--yes'])).stderr).toContain('ENOSPC');
  expect(desk.project.read(LOCK)).toBeUndefined();
});

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  'A deploy that %s ends while no program runs removes its lock',
  async (signal) => {
    const modules = ['command-lock', '../terraform/private-folder'].map((name) =>
      require.resolve(`../../../lib/command-line/state/${name}`),
    );
    const program = `
      const [{ CommandLock }, { inPrivateFolder }] = ${JSON.stringify(modules)}.map((name) => require(name));
      const stack = { stateFile: 'terraform.desk.tfstate', node: { id: 'desk' } };
      const waiting = () => new Promise((resolve) => {
        console.log('locked');
        setTimeout(resolve, 60_000);
      });
      new CommandLock('.', stack).during('deploy', () => inPrivateFolder(waiting));
    `;
    const compiler = require.resolve('../../setup/swc-register.js');
    const child = spawn(process.execPath, ['-r', compiler, '-e', program], {
      cwd: desk.project.folder,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const end = once(child, 'close');
    await once(child.stdout, 'data');
    expect(desk.project.read(LOCK)).toContain('"deploy"');
    child.kill(signal);
    expect(await end).toEqual([null, signal]);
    expect(desk.project.read(LOCK)).toBeUndefined();
  },
);

test('A lock that another command has taken meanwhile stays', async () => {
  desk.context = {
    runProgram: (...program) => {
      lockedBy({});
      return runInProcess(...program);
    },
  };
  await desk.run(['deploy', 'desk', '--yes']);
  expect(desk.project.read(LOCK)).toContain('anna');
});

describe('The lock of Terraform', () => {
  test('is waited for in every step of a deploy but the first', async () => {
    desk.project.changes = {
      'docker_image.node': { actions: ['create'] },
      'docker_container.desk-gateway': { actions: ['delete', 'create'] },
    };
    await desk.run(['deploy', 'desk', '--yes']);
    expect(desk.project.terraformCommands.slice(2)).toEqual([
      'plan',
      'show -json',
      'plan -target=docker_image.node',
      'show -json',
      'apply',
      'plan',
      'show -json',
      'apply',
    ]);
    const wait = '-lock-timeout=2m';
    expect(desk.project.lockOptions).toEqual([`plan ${wait}`, `apply ${wait}`, `plan ${wait}`, `apply ${wait}`]);
  });

  test('is not taken by a diff, which a deploy on another machine would have to wait for', async () => {
    await desk.run(['diff', 'desk']);
    expect(desk.project.lockOptions).toEqual(['plan -lock=false']);
  });
});

import { rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { parseVersions } from '../../../../lib/platform/secrets/secret-store';
import { thisProcess } from '../../../../lib/command-line/processes/process-record';
import { readTar } from '../../../../lib/command-line/secrets/tar';
import type { FakeContainer } from '../../desk/engine';
import { DeskFixture, RUNNING } from '../../desk/fixture';
import { runInProcess } from '../../desk/in-process';
import type { FakeChange, Outcome } from '../../desk/project';

const desk = new DeskFixture();
const PASSWORD = '.secrets/desk/redis_password';
const NEXT = '.secrets/desk/.redis_password.next';
const MIGRATION: Readonly<Record<string, FakeChange>> = {
  'docker_container.desk-migrate': { actions: ['delete', 'create'], before: {}, after: {} },
};

/** Rotates the password of Redis on a desk that is deployed; the plan after the announcement has these changes. */
async function rotate(
  changes = MIGRATION,
  environment: Readonly<Record<string, string>> = {},
  duringApply = (): unknown => undefined,
  problem = '',
): Promise<Outcome> {
  desk.project.changes = {};
  let plans = 0;
  desk.context = {
    runProgram: async (program, command, options) => {
      if (command.includes('plan') && ++plans === 2) desk.project.changes = changes;
      if (command.includes('apply')) {
        desk.engine.state.requests.push('apply');
        duringApply();
      }
      return runInProcess(program, command, options);
    },
  };
  return desk.run(['rotate', 'desk', 'redis_password', '--yes'], environment, problem);
}

function answerOfRedis(answer: FakeContainer['answer'] & object): void {
  desk.engine.state.containers = RUNNING.map((one) => (one.name === 'desk-redis' ? { ...one, answer } : one));
}

function versionsOf(name: string) {
  return parseVersions(desk.project.read('.secrets/desk/.versions.json'))[name];
}

beforeEach(async () => {
  await desk.run(['synth', 'desk']);
});

describe('rotate', () => {
  test('tells the server, writes the files, and keeps only the version of the server', async () => {
    const [before, version] = [desk.project.read(PASSWORD) ?? '', versionsOf('redis_password')?.version];
    const { exitCode, stdout, stderr } = await rotate();

    const after = desk.project.read(PASSWORD) ?? '';
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(after).not.toBe(before);
    expect(desk.project.read('.secrets/desk/redis_auth.conf')).toBe(`requirepass "${after}"`);
    expect(desk.project.read('.secrets/desk/redis_url')).toContain(after);
    expect(versionsOf('redis_password')?.inPlace).toBe(version);
    expect(versionsOf('redis_password')?.version).not.toBe(version);
    expect(desk.project.read(NEXT)).toBeUndefined();
    expect(stdout).toContain('redis_password has been rotated.');
    expect(stdout + stderr).not.toContain(before);
    expect(stdout + stderr).not.toContain(after);
  });

  test('passes the passwords to the server in the input of a command, and in no argument', async () => {
    const before = desk.project.read(PASSWORD) ?? '';
    await rotate();

    const after = desk.project.read(PASSWORD) ?? '';
    const { commands } = desk.engine.state;
    expect(commands.map(({ container, input }) => [container, input])).toEqual([
      ['desk-redis', `${before}\n${after}\n`],
      ['desk-redis', `${before}\n${after}\n`],
    ]);
    const requests = commands.map(({ request }) => JSON.stringify(request));
    expect(requests).toEqual([expect.stringContaining('ACL SETUSER default'), expect.stringContaining('requirepass')]);
    expect(requests.join()).not.toContain(after);
    expect(requests.join()).not.toContain(before);
  });

  test('tells the server after the plan and before its first change', async () => {
    const { stdout } = await rotate();

    const steps = [
      'desk-migrate',
      'desk-redis accepts the new redis_password',
      ' apply ',
      'desk-redis refuses the old',
    ];
    const places = steps.map((step) => stdout.indexOf(step));
    expect(places).not.toContain(-1);
    expect(places).toEqual([...places].sort((one, other) => one - other));
  });

  test('changes nothing while other changes are not deployed', async () => {
    const before = desk.project.read(PASSWORD);
    desk.project.changes = MIGRATION;
    const { exitCode, stderr } = await desk.run(['rotate', 'desk', 'redis_password', '--yes']);

    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('Deploy first: npm run deploy -- desk')]);
    expect(desk.project.read(PASSWORD)).toBe(before);
    expect(desk.project.read(NEXT)).toBeUndefined();
  });

  test.each(['desk-redis', 'desk-gateway'])(
    'plans nothing while %s has stopped, as that may remove it, and shows its log',
    async (name) => {
      const stopped = { status: 'exited', exitCode: 137, log: 'out of disk space' };
      desk.engine.state.containers = RUNNING.map((one) => (one.name === name ? { name, ...stopped } : one));
      const { exitCode, stdout, stderr } = await rotate();

      expect(exitCode).toBe(1);
      expect(stdout).toContain(`${name}: exited with 137\n  out of disk space\n`);
      expect(stderr).toContain(`${name} has stopped, and a rotation needs everything to run. `);
      expect(stderr).toContain('npm run deploy -- desk\nNothing was changed. [service-not-running]');
      expect(desk.project.terraformCommands.filter((command) => /^(plan|apply)/.test(command))).toEqual([]);
      expect(desk.project.read(NEXT)).toBeUndefined();
    },
  );

  test('keeps the old password in the files if the server does not take the new one, and continues with that', async () => {
    const before = desk.project.read(PASSWORD) ?? '';
    answerOfRedis({ stderr: `NOAUTH ${before}\n`, exitCode: 1 });
    const { exitCode, stderr } = await rotate();

    const next = desk.project.read(NEXT) ?? '';
    expect(exitCode).toBe(1);
    expect(stderr).toContain('desk-redis did not take the new password:\nNOAUTH ***\n');
    expect(stderr).toContain(
      'Run it again, which continues it: npm run rotate -- desk redis_password [rotation-failed]',
    );
    expect(stderr).not.toContain('Nothing was changed');
    expect(desk.project.read(PASSWORD)).toBe(before);
    answerOfRedis({ exitCode: 0 });
    expect((await rotate()).exitCode).toBe(0);
    expect(desk.project.read(PASSWORD)).toBe(next);
  });

  test('keeps both passwords in the server if a consumer does not start, and continues with the same one', async () => {
    const failing = { 'docker_container.desk-migrate': { actions: ['create'], after: {}, fails: true } };
    const { exitCode, stderr } = await rotate(failing);

    const after = desk.project.read(PASSWORD);
    const version = versionsOf('redis_password');
    expect(exitCode).toBe(1);
    expect(stderr).toContain('Not every consumer has the new content.');
    expect(desk.engine.state.commands).toHaveLength(1);
    expect(desk.project.read(NEXT)).toBe(after);
    const again = await rotate({});
    expect(again.exitCode).toBe(0);
    expect(desk.project.read(PASSWORD)).toBe(after);
    expect(versionsOf('redis_password')).toEqual(version);
    expect(JSON.stringify(desk.engine.state.commands.at(-1)?.request)).toContain('requirepass');
  });

  test('forgets a new password that no server knows if the plan fails', async () => {
    desk.project.changes = {};
    const { exitCode } = await desk.run(['rotate', 'desk', 'redis_password', '--yes'], { FAKE_PLAN_FAILS_AT: '2' });

    expect(exitCode).toBe(1);
    expect(desk.engine.state.commands).toEqual([]);
    expect(desk.project.read(NEXT)).toBeUndefined();
  });

  test('does not say that nothing was changed if a plan with the content fails, as the server was told before', async () => {
    desk.project.write(NEXT, 'canary-7Qx2');
    const { exitCode, stderr } = await rotate({}, { FAKE_PLAN: '1' }, undefined, 'password in the plan');
    expect(exitCode).toBe(1);
    expect(stderr).not.toContain('Nothing was changed');
    expect(stderr).toContain('redis_password has its new content already.');
    expect(stderr).toContain('Run it again, which continues it: npm run rotate -- desk redis_password');
  });

  test('says that it is not finished if the engine does not run the command', async () => {
    desk.project.changes = {};
    desk.engine.state.failing = ['/containers/desk-redis/exec'];
    const { exitCode, stderr } = await desk.run(['rotate', 'desk', 'redis_password', '--yes']);

    expect(exitCode).toBe(1);
    expect(stderr).toContain('no space left on device');
    expect(stderr).toContain('Run it again, which continues it: npm run rotate -- desk redis_password');
  });

  test('tells the container that the server has after the deploy', async () => {
    const { stderr } = await rotate(MIGRATION, {}, () => {
      const replaced = RUNNING.map((one) => (one.name === 'desk-redis' ? { ...one, id: 'replaced' } : one));
      desk.engine.state.containers = replaced;
    });

    expect(stderr).toBe('');
    expect(desk.engine.state.commands.map(({ container }) => container)).toEqual(['desk-redis', 'replaced']);
  });

  test.each(['', '\n'])(
    'never tells a server an empty password that a crash of the machine left (%j)',
    async (left) => {
      desk.project.write(NEXT, left);
      await rotate();

      const after = desk.project.read(PASSWORD) ?? '';
      expect(after).toMatch(/^[\w-]{32}$/);
      expect(desk.engine.state.commands[0]?.input).toContain(`\n${after}\n`);
    },
  );

  test('changes nothing if the file of a secret that is derived from it is a symbolic link', async () => {
    const url = '.secrets/desk/redis_url';
    desk.project.write('elsewhere', desk.project.read(url) ?? '');
    rmSync(join(desk.project.folder, url));
    symlinkSync(join(desk.project.folder, 'elsewhere'), join(desk.project.folder, url));
    const { exitCode, stderr } = await rotate();

    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(`${url} is a symbolic link`)]);
    expect(desk.engine.state.commands).toEqual([]);
  });

  test('refuses a content of several lines, of which a server would take the second for the new one', async () => {
    desk.project.write(PASSWORD, 'one\ntwo');
    const { exitCode, stderr } = await rotate();

    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(`${PASSWORD} has several lines`)]);
    expect(desk.engine.state.commands).toEqual([]);
  });

  test('refuses the password of a server of another stack, which would not be told', async () => {
    const { exitCode, stderr } = await desk.run(['rotate', 'desk', 'shared', '--yes'], {}, 'shared password');

    expect(exitCode).toBe(2);
    expect(stderr).toContain('a server of another stack has it too, and only those of desk are told');
  });

  test('is refused while a command changes another stack that has the secret', async () => {
    const other = { command: 'deploy', user: 'anna', ...thisProcess(), pid: process.ppid, started: undefined };
    desk.project.write('terraform.night.tfstate.lock', JSON.stringify(other));
    const before = desk.project.read(PASSWORD);
    const { exitCode, stderr } = await rotate(MIGRATION, {}, undefined, 'password in another stack');

    expect([exitCode, stderr]).toEqual([
      1,
      expect.stringMatching(/^Another command \(`deploy`\) of night, .*state-locked\]\n$/s),
    ]);
    expect(desk.project.read(PASSWORD)).toBe(before);
    expect(desk.project.read('terraform.desk.tfstate.lock')).toBeUndefined();
  });

  test('locks every stack that has the secret until it is done, and no other', async () => {
    let locked: (string | undefined)[] = [];
    const stacks = ['desk', 'night', 'day'];
    const locks = (): (string | undefined)[] =>
      stacks.map((stack) => desk.project.read(`terraform.${stack}.tfstate.lock`));
    const { exitCode } = await rotate(MIGRATION, {}, () => (locked = locks()), 'password in another stack');

    const rotating = expect.stringContaining('"rotate"') as string;
    expect([exitCode, locked]).toEqual([0, [rotating, rotating, undefined]]);
    expect(locks()).toEqual([undefined, undefined, undefined]);
  });

  test('writes into the volume that the server has, and next to that of a consumer, on a remote engine', async () => {
    const environment = desk.overSsh();
    await desk.run(['deploy', 'desk', '--yes'], environment);
    const carriersOf = (name: string): FakeContainer[] =>
      desk.engine.state.containers.filter(({ labels = {} }) => labels['cdktf-trading-stack.secrets-of'] === name);
    const [server] = carriersOf('desk-redis');
    await rotate(MIGRATION, environment);

    const after = desk.project.read(PASSWORD) ?? '';
    const contentOf = ({ secrets = Buffer.alloc(0) }: FakeContainer): string =>
      readTar(secrets)
        .map(({ content }) => content.toString())
        .join(' ');
    expect(carriersOf('desk-redis').map(({ name }) => name)).toEqual([server?.name]);
    expect(carriersOf('desk-redis').map(contentOf)).toEqual([expect.stringContaining(after)]);
    expect(carriersOf('desk-migrate').map((one) => contentOf(one).includes(after))).toEqual([false, true]);
  });

  test('writes into that volume although the deploy only restarts a container without a network', async () => {
    const environment = desk.overSsh();
    const sharing = ['vpn', 'crawler', 'helper'].map((name, minute) => {
      const startedAt = `2026-01-01T10:0${String(minute)}:00Z`;
      return { name: `desk-${name}`, status: 'running', startedAt };
    });
    desk.engine.state.containers = [...RUNNING, ...sharing];
    await desk.run(['deploy', 'desk', '--yes'], environment, 'shared network');
    desk.engine.state.containers = desk.engine.state.containers.map((one) =>
      one.name === 'desk-vpn' ? { ...one, startedAt: '2026-01-01T11:00:00Z' } : one,
    );
    const { exitCode, stdout, stderr } = await rotate({}, environment, undefined, 'shared network');

    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout).toContain('desk-crawler');
    const carrier = desk.engine.state.containers.find(
      ({ labels = {} }) => labels['cdktf-trading-stack.secrets-of'] === 'desk-redis',
    );
    const files = readTar(carrier?.secrets ?? Buffer.alloc(0));
    expect(files.map(({ content }) => content.toString())).toContain(desk.project.read(PASSWORD));
  });

  test('says that it is not finished if the new content cannot be put on a remote engine', async () => {
    const environment = desk.overSsh();
    await desk.run(['deploy', 'desk', '--yes'], environment);
    const { containers } = desk.engine.state;
    const answer = (): { exitCode: number } => {
      desk.engine.state.failing = ['/volumes/create'];
      return { exitCode: 0 };
    };
    desk.engine.state.containers = containers.map((one) => (one.name === 'desk-redis' ? { ...one, answer } : one));
    const { exitCode, stderr } = await rotate(MIGRATION, environment);

    expect(exitCode).toBe(1);
    expect(stderr).toContain('could not be delivered');
    expect(stderr).not.toContain('Nothing was changed');
    expect(stderr).toContain('Run it again, which continues it: npm run rotate -- desk redis_password');
  });

  test('is asked for by a deploy as long as it is not finished', async () => {
    desk.project.write(NEXT, 'new');

    const { stdout } = await desk.run(['deploy', 'desk', '--yes']);
    expect(stdout).toContain(
      'The rotation of redis_password is not finished. Run it again, which continues it: npm run rotate -- desk redis_password',
    );
  });

  test.each([
    [
      'broker_key',
      'Get a new one from where it was issued, write it into .secrets/desk/broker_key',
      'rotation-by-hand',
    ],
    ['redis_url', 'Rotate one of those: npm run rotate -- desk redis_password', 'rotation-by-hand'],
    ['redis_pasword', 'These can be rotated: redis_password.', 'unknown-secret'],
  ])('refuses %s with the way to go', async (secret, message, code) => {
    const { exitCode, stderr } = await desk.run(['rotate', 'desk', secret, '--yes']);

    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(message)]);
    expect(stderr).toContain(`[${code}]`);
  });

  test('refuses the password of backups with the command that changes it in their repository', async () => {
    const { exitCode, stderr } = await desk.run(['rotate', 'desk', 'db_backup_password', '--yes'], {}, 'backup');

    expect(exitCode).toBe(2);
    expect(stderr).toContain(
      'npm run exec -- desk db_backup -- /opt/backup/restic --no-cache key passwd. Then write it',
    );
  });

  test('names what it tells and replaces before it asks', async () => {
    desk.project.changes = {};
    const questions: string[] = [];
    const confirm = (question: string): Promise<void> => Promise.resolve(void questions.push(question));
    desk.context = { isInteractive: true, confirm };
    await desk.run(['rotate', 'desk', 'redis_password']);

    expect(questions).toEqual([
      'Rotate redis_password? desk-redis is told while it runs. These are replaced: migrate.',
    ]);
  });
});

describe('secrets', () => {
  test('lists each secret with its source, its age and its consumers', async () => {
    const { stdout } = await desk.run(['secrets', 'desk', '--json']);

    const { secrets } = JSON.parse(stdout) as { secrets: readonly Record<string, unknown>[] };
    expect(secrets.map(({ name, source, parts, consumers }) => [name, source, parts, consumers])).toEqual([
      ['broker_key', 'provided', [], ['gateway']],
      ['redis_auth.conf', 'derived', ['redis_password'], ['redis']],
      ['redis_password', 'generated', [], ['redis', 'migrate']],
      ['redis_url', 'derived', ['redis_password'], ['migrate']],
    ]);
    expect(secrets[0]?.ageSeconds).toBeLessThan(60);
  });

  test('marks one whose rotation was not finished', async () => {
    desk.project.write(NEXT, 'new');

    expect((await desk.run(['secrets', 'desk'])).stdout).toMatch(/^redis_password .* rotation not finished$/m);
  });
});

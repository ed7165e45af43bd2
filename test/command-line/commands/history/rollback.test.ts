import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { FakeContainer } from '../../desk/engine';
import { DeskFixture, KEY, RUNNING } from '../../desk/fixture';
import type { FakeChange, Outcome } from '../../desk/project';

const desk = new DeskFixture();
const HISTORY = 'terraform.desk.tfstate.history';
/** Adds a service to the desk. */
const NEXT = 'acknowledged';
const WITH_NEXT: readonly FakeContainer[] = [...RUNNING, { name: 'desk-disks', status: 'running' }];

interface Listed {
  readonly deploys: readonly {
    readonly id: string;
    readonly command: string;
    readonly reason: string;
    readonly changed: readonly string[];
    readonly missingImages: readonly string[];
    readonly canRollBack: boolean;
    readonly isCurrent: boolean;
  }[];
  readonly unfinished: { readonly command: string } | null;
}

interface Recorded {
  readonly deploy: object;
}

async function listed(): Promise<Listed> {
  return JSON.parse((await desk.run(['deploys', 'desk', '--json'])).stdout) as Listed;
}

async function reasons(): Promise<string[]> {
  return (await listed()).deploys.map(({ reason }) => reason);
}

/** Deploys the desk, or with the next service, and returns the id of that deploy. */
async function deployed(problem = '', ...options: string[]): Promise<string> {
  desk.engine.state.containers = [...(problem === NEXT ? WITH_NEXT : RUNNING)];
  expect((await desk.run(['deploy', 'desk', '--yes', ...options], {}, problem)).exitCode).toBe(0);
  return (await listed()).deploys[0]?.id ?? '';
}

function rollback(...options: string[]): Promise<Outcome> {
  return desk.run(['rollback', 'desk', '--yes', ...options], {}, NEXT);
}

function configuration(): string {
  return desk.project.read('cdktf.out/stacks/desk/cdk.tf.json') ?? '';
}

const GATEWAY: Readonly<Record<string, FakeChange>> = {
  'docker_container.desk-gateway': {
    actions: ['delete', 'create'],
    before: { name: 'desk-gateway', env: ['LOG_LEVEL=info'] },
    after: { name: 'desk-gateway', env: ['LOG_LEVEL=debug'] },
  },
};

beforeEach(() => {
  desk.engine.state.images = ['node:24-slim', 'redis:7.4-alpine'];
  desk.engine.state.imageIds = { 'node:24-slim': 'sha256:node', 'redis:7.4-alpine': 'sha256:redis' };
});

describe('a deploy', () => {
  test('is recorded with its reason, without the values of secrets, in a file for its owner only', async () => {
    await deployed('', '--reason', 'new broker');

    const { deploys } = await listed();
    expect(deploys).toEqual([
      expect.objectContaining({ command: 'deploy', reason: 'new broker', missingImages: [], isCurrent: true }),
    ]);
    const secrets = readdirSync(join(desk.project.folder, '.secrets/desk')).filter((name) => !name.startsWith('.'));
    expect(secrets.length).toBeGreaterThan(3);
    const record = desk.project.read(HISTORY) ?? '';
    for (const name of secrets) {
      const content = readFileSync(join(desk.project.folder, '.secrets/desk', name), 'utf8').trim();
      expect(record.includes(content)).toBe(false);
    }
    expect(record).not.toContain(KEY);
    expect(statSync(join(desk.project.folder, HISTORY)).mode & 0o777).toBe(0o600);
  });

  test('has what it changed as its reason, if none was given', async () => {
    desk.project.changes = GATEWAY;
    await deployed();

    expect(await listed()).toMatchObject({
      deploys: [{ reason: 'desk-gateway: LOG_LEVEL info → debug', changed: ['desk-gateway'] }],
    });
  });

  test('that changes nothing is recorded only if nothing is known of what runs', async () => {
    desk.project.changes = {};
    await deployed();
    await deployed();

    expect(await reasons()).toEqual(['already running when first recorded']);
  });

  test('that fails is no deploy to go back to, and its message names the last one', async () => {
    await deployed('', '--reason', 'good');
    desk.project.changes = GATEWAY;
    desk.engine.state.containers = RUNNING.map((one) =>
      one.name === 'desk-gateway' ? { ...one, health: 'unhealthy' } : one,
    );
    const { exitCode, stderr } = await desk.run(['deploy', 'desk', '--yes'], { FAKE_APPLY: '1' });

    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/\nTo go back to the deploy of \S+ \(good\): npm run rollback -- desk \[deploy-failed\]/);
    expect(await listed()).toMatchObject({
      deploys: [{ reason: 'good', isCurrent: false }],
      unfinished: { command: 'deploy' },
    });
    const { stdout } = await desk.run(['deploys', 'desk']);
    expect(stdout).toContain('has not succeeded. Run it again: npm run deploy -- desk. To go back to the last one');
  });

  test('that the user does not confirm leaves the history as it is', async () => {
    await deployed();
    desk.project.changes = GATEWAY;
    desk.context = { isInteractive: true, confirm: () => Promise.reject(new Error('no')) };
    await desk.run(['deploy', 'desk']);

    expect(await listed()).toMatchObject({ deploys: [{ isCurrent: true }], unfinished: null });
  });

  test('succeeds with a warning if it cannot be recorded', async () => {
    desk.project.write(`${HISTORY}/occupied`, '');
    const { exitCode, stdout } = await desk.run(['deploy', 'desk', '--yes']);

    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/\nWarning: The deploy is not in the history of desk, .*EISDIR/);
  });

  test('is forgotten when the stack is destroyed', async () => {
    await deployed();
    await desk.run(['destroy', 'desk', '--yes']);

    expect(desk.project.read(HISTORY)).toBeUndefined();
  });
});

describe('rollback', () => {
  test('applies the configuration of the deploy before, although the code is still the later one', async () => {
    const first = await deployed('', '--reason', 'good');
    await deployed(NEXT);
    expect(configuration()).toContain('desk-disks');
    desk.project.changes = { 'docker_container.desk-disks': { actions: ['delete'], before: { name: 'desk-disks' } } };
    const { exitCode, stdout, stderr } = await rollback();

    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(new RegExp(`^Back to deploy ${first} of \\S+, \\d+s ago: good$`, 'm'));
    expect(stdout).toContain('\ndesk-disks: removed\n');
    expect(stdout).toContain(
      '\nNot undone: jobs are not run again (desk-migrate), and what they did, such as database migrations, stays.',
    );
    expect(stdout).toContain(`\ndesk is back at deploy ${first}.\n`);
    expect(stdout).not.toMatch(/desk-disks {2,}/);
    expect(configuration()).not.toContain('desk-disks');
    expect(await reasons()).toEqual([`back to ${first}: good`, 'no service changed', 'good']);
  });

  test('says that the data of a service that it changes stays', async () => {
    await deployed();
    await deployed(NEXT);
    desk.project.changes = GATEWAY;

    expect((await rollback()).stdout).toContain(
      'Not undone: the data in the volumes of desk-gateway is kept as it is.',
    );
  });

  test('asks before it changes anything, and can be confirmed only on a terminal', async () => {
    const first = await deployed();
    await deployed(NEXT);
    const { exitCode, stderr } = await desk.run(
      ['rollback', 'desk', '--to', first, '--reason', 'it is slow'],
      {},
      NEXT,
    );

    expect(exitCode).toBe(2);
    expect(stderr).toContain(`npm run rollback -- desk --to ${first} --reason 'it is slow' --yes [no-terminal]`);
  });

  test('gives the names of images that were pulled or built again back to those that ran', async () => {
    await deployed();
    desk.engine.state.images = ['node:24-slim', 'redis:7.4-alpine', 'sha256:node'];
    desk.engine.state.imageIds = { ...desk.engine.state.imageIds, 'node:24-slim': 'sha256:newer' };
    await deployed(NEXT);
    desk.project.changes = GATEWAY;
    const { exitCode } = await rollback();

    expect(exitCode).toBe(0);
    expect(desk.engine.state.imageIds['node:24-slim']).toBe('sha256:node');
    expect(configuration()).toContain('sha256:node');
    expect(configuration()).not.toContain('sha256:newer');
  });

  test('refuses without the image, and changes nothing', async () => {
    const first = await deployed();
    await deployed(NEXT);
    desk.engine.state.imageIds = { ...desk.engine.state.imageIds, 'redis:7.4-alpine': 'sha256:newer' };
    const plans = desk.project.terraformCommands.length;
    const { exitCode, stderr } = await rollback();

    expect(exitCode).toBe(1);
    expect(stderr).toMatch(
      new RegExp(
        `desk cannot go back to deploy ${first} of \\S+ \\(first deploy\\): redis:7.4-alpine is no longer on the`,
      ),
    );
    expect(stderr).toContain('Check out the commit of that deploy, and deploy: npm run deploy -- desk.');
    expect(stderr).toContain('\nNothing was changed. [rollback-not-possible]');
    expect(desk.project.terraformCommands.slice(plans)).not.toContain('plan');
    expect(await listed()).toMatchObject({
      deploys: [{ isCurrent: true }, { missingImages: ['redis:7.4-alpine'], canRollBack: false }],
      unfinished: null,
    });
  });

  test('refuses without a secret that a service of that deploy needs', async () => {
    await deployed();
    await deployed(NEXT);
    const record = desk.project.read(HISTORY) ?? '';
    desk.project.write(HISTORY, record.replaceAll('.secrets/desk/redis_url', '.secrets/desk/gone'));
    const { exitCode, stderr } = await rollback();

    expect(exitCode).toBe(1);
    expect(stderr).toContain('needs the secret .secrets/desk/gone, which is missing');
  });

  test('refuses if the stack has been renamed since', async () => {
    await deployed();
    await deployed(NEXT);
    desk.project.write(HISTORY, (desk.project.read(HISTORY) ?? '').replaceAll('"prefix":"desk"', '"prefix":"old"'));
    const { stderr } = await rollback();

    expect(stderr).toContain('the name of the stack was old then, and is desk now');
  });

  test('that fails can be run again, and then goes back to the same deploy', async () => {
    const first = await deployed('', '--reason', 'good');
    await deployed(NEXT);
    desk.project.changes = { 'docker_container.desk-gateway': { actions: ['update'], before: {}, after: {} } };
    const failed = await desk.run(['rollback', 'desk', '--yes'], { FAKE_APPLY: '1' }, NEXT);
    expect(failed.exitCode).toBe(1);
    expect(failed.stderr).toContain('The rollback of desk failed.');
    expect(failed.stderr).toContain('Fix the cause and run rollback again: it continues from here.');
    const again = await rollback();

    expect(again.exitCode).toBe(0);
    expect(await listed()).toMatchObject({ deploys: [{ reason: `back to ${first}: good` }, {}, {}], unfinished: null });
  });

  test('is followed by a deploy of the code, which goes forward again', async () => {
    await deployed();
    await deployed(NEXT);
    await rollback();
    await deployed(NEXT);

    expect(configuration()).toContain('desk-disks');
    expect((await listed()).deploys[0]).toMatchObject({ command: 'deploy', isCurrent: true });
  });
});

describe('a job in a rollback', () => {
  const MIGRATE = 'docker_container.desk-migrate';

  test('that has failed in the later version does not run again, and does not stop the rollback', async () => {
    await deployed();
    await deployed(NEXT);
    const failed = { name: 'desk-migrate', status: 'exited', exitCode: 1 };
    desk.engine.state.containers = RUNNING.map((one) => (one.name === 'desk-migrate' ? failed : one));
    desk.project.changes = GATEWAY;
    const before = desk.project.terraformCommands.length;
    const { exitCode } = await rollback();

    expect(exitCode).toBe(0);
    expect(desk.project.terraformCommands.slice(before).join('\n')).not.toContain('-replace=');
    expect(configuration()).toMatch(/self\.id == \\".+\\" \|\| self\.exit_code == 0/);
  });

  test('is named before the question if it runs again after all', async () => {
    await deployed();
    await deployed(NEXT);
    desk.project.changes = { [MIGRATE]: { actions: ['create'], before: null, after: { name: 'desk-migrate' } } };
    const { stdout } = await rollback();

    expect(stdout).toContain('\nThese jobs run again: desk-migrate. ');
    expect(stdout).not.toContain('jobs are not run again');
  });

  test('that only the later version has is not undone', async () => {
    await deployed();
    await deployed(NEXT);
    const before = { name: 'desk-add-column', attach: true };
    desk.project.changes = { 'docker_container.desk-add-column': { actions: ['delete'], before } };

    expect((await rollback()).stdout).toContain('jobs are not run again (desk-migrate, desk-add-column)');
  });
});

describe('a rollback leaves no trace', () => {
  test('in the configuration if it is not confirmed', async () => {
    await deployed();
    await deployed(NEXT);
    const before = configuration();
    desk.project.changes = GATEWAY;
    desk.context = { isInteractive: true, confirm: () => Promise.reject(new Error('no')) };
    await desk.run(['rollback', 'desk'], {}, NEXT);

    expect(configuration()).toBe(before);
  });

  test('in the secrets: one that only the later code has is neither demanded nor generated', async () => {
    await deployed();
    const { exitCode } = await desk.run(
      ['rollback', 'desk', '--yes', '--to', (await listed()).deploys[0]?.id ?? ''],
      {},
      'unused secret',
    );

    expect(exitCode).toBe(0);
    expect(desk.project.read('.secrets/desk/old_key')).toBeUndefined();
  });
});

describe('the same content again', () => {
  test('keeps its line and its reason, so that rotations push no version out', async () => {
    await deployed('', '--reason', 'good');
    await deployed(NEXT, '--reason', 'next');
    desk.project.changes = GATEWAY;
    await deployed(NEXT);

    expect(await reasons()).toEqual(['next', 'good']);
  });

  test('that a rollback returns to after a failed deploy keeps its id, and status does not advise to deploy', async () => {
    const first = await deployed('', '--reason', 'good');
    desk.project.changes = { 'docker_container.desk-gateway': { actions: ['update'], before: {}, after: {} } };
    await desk.run(['deploy', 'desk', '--yes'], { FAKE_APPLY: '1' }, NEXT);
    expect(await rollback()).toMatchObject({ exitCode: 0, stderr: '' });

    expect(await listed()).toMatchObject({
      deploys: [{ id: first, reason: 'good', isCurrent: true }],
      unfinished: null,
    });
    const { stdout } = await desk.run(['status', 'desk'], {}, NEXT);
    expect(stdout).toContain(`desk-disks: it is not on the engine. desk is rolled back to deploy ${first} of `);
    expect(stdout).not.toContain('npm run deploy');
  });
});

test('After a rollback, rotate does not advise to deploy the version that was left', async () => {
  const first = await deployed();
  await deployed(NEXT);
  expect((await rollback()).exitCode).toBe(0);
  desk.project.changes = GATEWAY;
  const { exitCode, stderr } = await desk.run(['rotate', 'desk', 'redis_password', '--yes'], {}, NEXT);

  expect(exitCode).toBe(2);
  expect(stderr).toContain(`desk is rolled back to deploy ${first} of `);
  expect(stderr).toContain('Check out the code of that deploy first, and run the command again.');
  expect(stderr).not.toContain('npm run deploy');
});

describe('deploys', () => {
  test('calls a deploy that runs in another process running', async () => {
    await deployed();
    const time = '2026-01-02T03:04:05.000Z';
    const attempt = { command: 'deploy', time, reason: 'new', changed: [], restores: null };
    desk.project.write(HISTORY, `${desk.project.read(HISTORY) ?? ''}${JSON.stringify({ attempt })}\n`);
    const holder = { command: 'deploy', host: 'another-machine', pid: 1, since: time };
    desk.project.write('terraform.desk.tfstate.lock', JSON.stringify(holder));

    expect((await desk.run(['deploys', 'desk'])).stdout).toContain(`A deploy that began at ${time} (new) is running.`);
  });

  test.each(['deploys', 'images', 'rollback'])('%s leaves a damaged line out, and names it', async (command) => {
    await deployed();
    await deployed(NEXT);
    const [first = '', ...others] = (desk.project.read(HISTORY) ?? '').split('\n');
    const damaged = JSON.stringify({ deploy: { ...(JSON.parse(first) as Recorded).deploy, content: null } });
    desk.project.write(HISTORY, [damaged, first, ...others].join('\n'));
    const options = command === 'rollback' ? ['--yes'] : [];
    const { exitCode, stdout, stderr } = await desk.run([command, 'desk', ...options], {}, NEXT);

    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout).toContain(`Warning: Line 1 of ${HISTORY} is damaged and left out: `);
    if (command === 'rollback') expect(stdout).toContain('Back to deploy ');
  });

  test('does not offer a deploy or a rollback after a rotation that has not finished', async () => {
    await deployed();
    const attempt = {
      command: 'rotate',
      time: '2026-01-02T03:04:05.000Z',
      reason: 'redis_password rotated',
      changed: [],
      restores: null,
    };
    desk.project.write(HISTORY, `${desk.project.read(HISTORY) ?? ''}${JSON.stringify({ attempt })}\n`);
    desk.project.write('.secrets/desk/.redis_password.next', 'next-password');
    const { stdout } = await desk.run(['deploys', 'desk']);

    expect(stdout).toContain('The rotation of redis_password is not finished. ');
    expect(stdout).not.toMatch(/npm run (deploy|rollback)/);
  });
});

test('A rollback of the only deploy does not advise to choose another one', async () => {
  await deployed();
  const { exitCode, stderr } = await desk.run(['rollback', 'desk', '--yes']);

  expect(exitCode).toBe(2);
  expect(stderr).toContain('desk has only one deploy on record');
  expect(stderr).not.toContain('--to');
});

describe('two stacks of one folder', () => {
  test('have a history each', async () => {
    await deployed('second stack');

    expect(await reasons()).toHaveLength(1);
    const night = await desk.run(['deploys', 'night'], {}, 'second stack');
    expect(night.stdout).toBe('night was never deployed from this folder, or it has been destroyed.\n');
  });
});

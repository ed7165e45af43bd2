import { STAND_IN_LABEL } from '../../../bin/cli/stand-ins';
import { FakeEngine } from './desk/engine';
import { DeskProject, type Outcome } from './desk/project';

// Other programs on this machine may have the desk's ports; ports.test.ts tries real ones.
jest.mock('../../../bin/cli/bind', () => ({ errorOfBinding: () => Promise.resolve(undefined) }));

const KEY = 'a-key-that-nobody-may-see';
const HEALTHY = { status: 'running', health: 'healthy' };

jest.setTimeout(60_000);

let project: DeskProject;
let engine: FakeEngine;

beforeEach(async () => {
  project = new DeskProject();
  engine = await FakeEngine.start();
  engine.state.volumes = ['archive'];
  project.write('.secrets/desk/broker_key', `${KEY}\n`);
});

afterEach(async () => {
  await engine.stop();
  project.remove();
});

function run(
  command: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  problem = '',
): Promise<Outcome> {
  return project.run(command, { DOCKER_HOST: engine.host, FAKE_SECRET: KEY, ...environment }, problem);
}

describe('Before a deploy', () => {
  test('everything that is missing is said at once, and nothing is written', async () => {
    engine.state.containers = [{ name: 'other', port: { address: '0.0.0.0', host: 18_000 } }];
    project.write('.secrets/desk/broker_key', '\n');
    const { exitCode, stderr } = await run(['deploy', 'desk', '--yes'], { TERRAFORM_BINARY_NAME: 'nonexistent' });
    expect(exitCode).toBe(1);
    expect(stderr.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^The program 'nonexistent' cannot be started\. Install Terraform/),
      'The secret desk/broker_key is missing. Write the API key of the paper account into the file .secrets/desk/broker_key.',
      'The port 127.0.0.1:18000/tcp of desk-gateway is held by other.',
    ]);
    expect(project.read('.secrets/desk/redis_password')).toBeUndefined();
    expect(project.terraformCommands).toEqual([]);
  });

  test('a Terraform that is too old is named', async () => {
    const { exitCode, stderr } = await run(['deploy', 'desk', '--yes'], { FAKE_VERSION: '1.4.7' });
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/terraform\.js 1\.4\.7 is too old: 1\.5\.0 or later is needed\.\n$/);
  });

  test('an engine that does not answer is named', async () => {
    const { exitCode, stderr } = await project.run(['deploy', 'desk', '--yes']);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^Docker does not answer at unix:\/\/.*no\.sock \(connect ENOENT .*\)\. Start it, or set/);
  });

  test('without a terminal and without --yes it is refused', async () => {
    const { exitCode, stderr } = await project.runProgram(['deploy', 'desk']);
    expect(exitCode).toBe(2);
    expect(stderr).toBe(
      'This has to be confirmed, and there is no terminal to ask on. Give --yes to go ahead without a question.\n',
    );
  });

  test.each(['deploy', 'diff', 'synth'])('%s makes no new secret for data that exists', async (command) => {
    engine.state.volumes = ['archive', 'desk_db_data', 'desk_redis_data'];
    const options = command === 'deploy' ? ['--yes'] : [];
    const { exitCode, stderr } = await run([command, 'desk', ...options], {}, 'database');
    expect(exitCode).toBe(1);
    expect(stderr).toBe(
      'The data in the volume desk_db_data was made with the password in .secrets/desk/db_password, and that file is ' +
        'not there. Restore it (from its old name if the service was renamed); or set a new password in the server (PostgreSQL: ALTER ROLE; Grafana: grafana cli ' +
        'admin reset-admin-password) and write it into the file; or remove the volume if its data may go: ' +
        'docker volume rm desk_db_data\n',
    );
    expect(project.read('.secrets/desk/db_password')).toBeUndefined();
  });

  test('a new role of a database that has data gets its password', async () => {
    engine.state.volumes = ['archive', 'desk_db_data'];
    project.write('.secrets/desk/db_password', 'as-it-was-on-the-first-start');
    expect((await run(['deploy', 'desk', '--yes'], {}, 'database')).exitCode).toBe(0);
    expect(project.read('.secrets/desk/db_reports_password')).toHaveLength(32);
  });

  test('a server whose data does not depend on its password gets a new one', async () => {
    engine.state.volumes = ['archive', 'desk_redis_data'];
    expect((await run(['deploy', 'desk', '--yes'])).exitCode).toBe(0);
    expect(project.read('.secrets/desk/redis_password')).toHaveLength(32);
  });

  test('a folder in the place of a secret file is a sentence', async () => {
    project.write('.secrets/desk/redis_password/file', '');
    const { exitCode, stderr } = await run(['deploy', 'desk', '--yes']);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^desk\/redis\/password: there is a folder at \.secrets\/desk\/redis_password\. Remove it/);
    expect(project.terraformCommands).not.toContain('plan');
  });

  test('a volume of somebody else that is not there is named', async () => {
    engine.state.volumes = [];
    const { exitCode, stderr } = await run(['deploy', 'desk', '--yes']);
    expect(exitCode).toBe(1);
    expect(stderr).toBe(
      'There is no volume archive, which DataVolume.existing names. Correct the name, or make an empty one: ' +
        'docker volume create archive\n',
    );
  });

  test('a container that still has the volume of a server is named, and how to stop it', async () => {
    engine.state.containers = [
      { name: 'desk-redis', volumes: ['desk_redis_data'] },
      { name: 'desk-cache', volumes: ['desk_redis_data'] },
      { name: 'desk-older-cache', status: 'exited', volumes: ['desk_redis_data'] },
      { name: 'log-reader', volumes: ['desk_logs', 'archive'] },
    ];
    const { exitCode, stderr } = await run(['deploy', 'desk', '--yes']);
    expect(exitCode).toBe(1);
    expect(stderr).toBe(
      'The container desk-cache still has the volume desk_redis_data of desk-redis, and two servers on it would ' +
        'corrupt the data. Stop it first (docker stop desk-cache) and deploy again.\n',
    );
    expect(project.terraformCommands).toEqual(['version -json']);
  });

  test('images that are stand-ins for tests are warned about', async () => {
    engine.state.images = { 'node:24-slim': { [STAND_IN_LABEL]: 'Debian' }, 'redis:7.4-alpine': {} };
    const { exitCode, stdout } = await run(['deploy', 'desk', '--yes']);
    expect(exitCode).toBe(0);
    expect(stdout).toContain(
      '\nWarning: these images are stand-ins that were built for tests, and not the real ones: node:24-slim\n',
    );
  });

  test('an engine behind ssh is left to Terraform', async () => {
    const { exitCode, stdout } = await run(['deploy', 'desk', '--yes'], { DOCKER_HOST: 'ssh://desk@host' });
    expect(exitCode).toBe(0);
    expect(stdout).toContain('the engine at ssh://desk@host is not looked at: only Terraform can reach it');
  });
});

describe('deploy', () => {
  test('shows the plan, applies it, and shows the services', async () => {
    engine.state.containers = [
      { name: 'desk-redis', ...HEALTHY },
      { name: 'desk-migrate', status: 'exited' },
      { name: 'desk-gateway', ...HEALTHY },
    ];
    const { exitCode, stdout } = await run(['deploy', 'desk', '--yes']);
    expect(exitCode).toBe(0);
    expect(project.terraformCommands).toEqual(['version -json', 'init', 'plan', 'apply']);
    expect(new Set(project.terraformFolders)).toEqual(new Set(['cdktf.out/stacks/desk']));
    expect(stdout.split('\n').slice(-7)).toEqual([
      'desk is deployed.',
      'SERVICE        STATE              REACHED AT',
      'desk-redis     running, healthy',
      'desk-migrate   exited with 0',
      'desk-gateway   running, healthy   http://127.0.0.1:18000',
      '                                  localhost:5555/udp',
      '',
    ]);
  });

  test('stops when there is nothing to change', async () => {
    const { exitCode, stdout } = await run(['deploy', 'desk', '--yes'], { FAKE_PLAN: '0' });
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/Nothing to change: desk is deployed as described\.\n$/);
    expect(project.terraformCommands).not.toContain('apply');
  });

  test('--json prints one document and the rest to stderr', async () => {
    engine.state.containers = [{ name: 'desk-redis', ...HEALTHY }];
    const { stdout, stderr } = await run(['deploy', 'desk', '--yes', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      stack: 'desk',
      outcome: 'deployed',
      services: [
        { name: 'desk-redis', status: 'running', health: 'healthy', exitCode: null, restarts: 0, addresses: [] },
        { name: 'desk-migrate', status: 'missing' },
        { name: 'desk-gateway', status: 'missing' },
      ],
    });
    expect(stderr).toMatch(/^\$ .*terraform\.js -chdir=cdktf\.out\/stacks\/desk plan/m);
  });

  test('that fails shows the last words of what is in trouble, without secrets', async () => {
    const log = Array.from({ length: 3 }, (_, index) => `line ${index}\n`).join('');
    engine.state.containers = [
      { name: 'desk-redis', ...HEALTHY, log: 'all is well\n' },
      { name: 'desk-gateway', status: 'restarting', restarts: 4, log: `${log}the key ${KEY} was refused\n` },
    ];
    const { exitCode, stdout, stderr } = await run(['deploy', 'desk', '--yes'], { FAKE_APPLY: '1' });
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(
      /\ndesk-gateway: restarting, 4 restarts\n {2}line 0\n {2}line 1\n {2}line 2\n {2}the key \*\*\* was refused\n$/,
    );
    expect(stdout).not.toContain('all is well');
    expect(stderr).toContain('mend it and run deploy again, which continues from here');
  });

  test('does not show a secret that is in the plan', async () => {
    const { stdout } = await run(['deploy', 'desk', '--yes']);
    expect(stdout).toContain('broker_key = ***\n');
    expect(stdout).not.toContain(KEY);
  });

  test('runs a job again that failed the last time', async () => {
    engine.state.containers = [{ name: 'desk-migrate', status: 'exited', exitCode: 3 }];
    const { stdout } = await run(['deploy', 'desk', '--yes']);
    expect(stdout).toContain('The job desk-migrate ended with exit code 3 the last time: it runs again.\n');
    expect(project.terraformCommands).toContain('plan -replace=docker_container.desk-migrate');
  });

  test('shows the last words of what is not running before the plan removes it, without secrets', async () => {
    engine.state.containers = [
      { name: 'desk-redis', ...HEALTHY },
      { name: 'desk-gateway', status: 'exited', exitCode: 137, log: `position opened\nthe key ${KEY} was refused\n` },
    ];
    const { exitCode, stdout } = await run(['deploy', 'desk', '--yes']);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(
      /\ndesk-gateway: exited with 137\n {2}position opened\n {2}the key \*\*\* was refused\n\nWhat is not running is removed when the plan is made, its log too, and the deploy starts it anew\.\n[^]* plan /,
    );
    expect(project.terraformCommands).toContain('plan');
  });

  test('says nothing of a service that starts again and again, and nothing of a job that is done', async () => {
    engine.state.containers = [
      { name: 'desk-redis', status: 'restarting', restarts: 2 },
      { name: 'desk-migrate', status: 'exited' },
    ];
    expect((await run(['deploy', 'desk', '--yes'])).stdout).not.toContain('What is not running');
  });

  test('says when there is no plan', async () => {
    const { exitCode, stderr } = await run(['deploy', 'desk', '--yes'], { FAKE_PLAN: '1' });
    expect(exitCode).toBe(1);
    expect(stderr).toBe('terraform plan failed: nothing was changed.\n');
  });
});

test.each([
  ['2', [], 0],
  ['2', ['--detailed-exitcode'], 2],
  ['0', ['--detailed-exitcode'], 0],
  ['1', ['--detailed-exitcode'], 1],
])('diff after a plan that exits with %s, with the options %j, exits with %i', async (plan, options, exitCode) => {
  expect((await run(['diff', 'desk', ...options], { FAKE_PLAN: plan })).exitCode).toBe(exitCode);
  expect(project.terraformCommands).not.toContain('apply');
});

test('diff leaves a container that is not running where it is', async () => {
  engine.state.containers = [
    { name: 'desk-redis', ...HEALTHY },
    { name: 'desk-gateway', status: 'exited', exitCode: 1 },
  ];
  const { stdout } = await run(['diff', 'desk']);
  expect(stdout).toContain(
    '\nNot running: desk-gateway. The plan is made with -refresh=false, as the provider removes',
  );
  expect(project.terraformCommands).toContain('plan -refresh=false -replace=docker_container.desk-gateway');
});

test.each([
  ['a stack that does not exist', ['dusk']],
  ['no stack', []],
  ['an option that does not exist', ['desk', '--yaml']],
])('diff with --detailed-exitcode and %s exits with 1, as 2 means changes', async (_, words) => {
  expect((await run(['diff', '--detailed-exitcode', ...words])).exitCode).toBe(1);
});

describe('destroy', () => {
  beforeEach(() => {
    engine.state.volumes = ['desk_redis_data', 'desk_logs', 'archive', 'other_data'];
  });

  test('keeps the kept volumes and names them', async () => {
    const { exitCode, stdout } = await run(['destroy', 'desk', '--yes']);
    expect(exitCode).toBe(0);
    expect(project.terraformCommands).toEqual(['version -json', 'init', 'plan -destroy', 'apply']);
    expect(stdout).toContain('docker volume rm desk_redis_data desk_logs\n');
    expect(engine.state.volumes).toHaveLength(4);
  });

  test('--volumes removes the stack’s own and no other', async () => {
    expect((await run(['destroy', 'desk', '--yes', '--volumes'])).exitCode).toBe(0);
    expect(engine.state.volumes).toEqual(['archive', 'other_data']);
  });

  test('--volumes says when one is still in use', async () => {
    engine.state.volumesInUse = ['desk_logs'];
    const { exitCode, stderr } = await run(['destroy', 'desk', '--yes', '--volumes']);
    expect(exitCode).toBe(1);
    expect(stderr).toBe('The volume desk_logs could not be removed: remove desk_logs: volume is in use\n');
  });

  test('--volumes is refused before anything is destroyed where only Terraform can reach the engine', async () => {
    const command = ['destroy', 'desk', '--yes', '--volumes'];
    const { exitCode, stderr } = await run(command, { DOCKER_HOST: 'ssh://desk@host' });
    expect(exitCode).toBe(2);
    expect(stderr).toBe(
      'The volumes cannot be removed from here: only Terraform can reach the engine at ssh://desk@host. Destroy without ' +
        '--volumes, and remove them there with `docker volume rm`.\n',
    );
    expect(project.terraformCommands).toEqual([]);
  });

  test('makes no secrets', async () => {
    await run(['destroy', 'desk', '--yes']);
    expect(project.read('.secrets/desk/redis_password')).toBeUndefined();
  });

  test('that fails keeps everything that is left', async () => {
    const { exitCode, stderr } = await run(['destroy', 'desk', '--yes', '--volumes'], { FAKE_APPLY: '1' });
    expect(exitCode).toBe(1);
    expect(stderr).toBe('The destroy of desk failed. Run it again to continue.\n');
    expect(engine.state.volumes).toHaveLength(4);
  });
});

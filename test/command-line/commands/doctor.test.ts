import { chmodSync, rmSync, symlinkSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { FakeEngine } from '../desk/engine';
import { DeskProject, type Outcome } from '../desk/project';
import { FakeSsh } from '../desk/ssh';

jest.setTimeout(60_000);

let engine: FakeEngine;
let project: DeskProject;

beforeEach(async () => {
  engine = await FakeEngine.start();
  project = new DeskProject();
  engine.state.volumes = ['archive'];
  project.write('.secrets/desk/broker_key', 'key');
  chmodSync(join(project.folder, '.secrets'), 0o700);
});

afterEach(async () => {
  await engine.stop();
  project.remove();
});

function run(...options: readonly string[]): Promise<Outcome> {
  return project.run(['doctor', 'desk', ...options], { DOCKER_HOST: engine.host }, '', { now: () => Date.now() });
}

test('doctor lists what is in order, and its exit code is 0', async () => {
  const { exitCode, stdout } = await run();
  expect(stdout).not.toMatch(/^(problem|warning)/m);
  expect(stdout).toContain('ok       The Docker provider');
  expect(stdout).toContain('ok       The clocks of this machine and of the engine agree\n');
  expect(stdout).toContain('ok       The machine has 8 CPU, and the limits of the services add up to 1.5 CPU\n');
  expect(stdout).toContain(
    'ok       The machine has 16.0 GiB of memory, and the limits of the services add up to 0.8 GiB\n',
  );
  expect(exitCode).toBe(0);
});

test('A problem that would stop a deploy is shown with its code, and the exit code is 1', async () => {
  engine.state.containers = [
    { name: 'other', labels: { 'cdktf-trading-stack.stack': 'night' }, port: { address: '127.0.0.1', host: 18_000 } },
  ];
  const { exitCode, stdout } = await run();
  expect(exitCode).toBe(1);
  expect(stdout).toMatch(
    /^problem {2}The host port 127\.0\.0\.1:18000\/tcp .* the container other\..*\[port-in-use\]$/m,
  );
});

test('An engine that does not answer is a problem, and the other checks are made', async () => {
  const { exitCode, stdout } = await project.run(['doctor', 'desk']);
  expect(exitCode).toBe(1);
  expect(stdout).toMatch(/^problem {2}.*\[docker-unreachable\]$/m);
  expect(stdout).toMatch(/^warning {2}Not checked on the engine of the stack: ports, .*left-overs$/m);
  expect(stdout).toMatch(/^ok {7}Node\.js /m);
});

test('A server that cannot be reached over ssh is a problem, and the other checks are made', async () => {
  const ssh = new FakeSsh({ prints: 'ssh: connect to host trading-1 port 22: Connection refused', exitCode: 255 });
  const environment = { DOCKER_HOST: 'ssh://desk@trading-1', PATH: ssh.path };
  const { exitCode, stdout } = await project.run(['doctor', 'desk'], environment, 'plain');
  ssh.remove();
  expect(exitCode).toBe(1);
  expect(stdout).toMatch(/^problem {2}.*\[ssh-unreachable\]$/m);
  expect(stdout).toMatch(/^ok {7}Node\.js /m);
});

test('A clock that differs is a warning, in both directions', async () => {
  engine.state.clockAhead = 90_000;
  expect((await run()).stdout).toMatch(/^warning {2}The clock of the engine is (89|90) s ahead of that/m);
  engine.state.clockAhead = -90_000;
  expect((await run()).stdout).toMatch(/^warning {2}The clock of the engine is (89|90) s behind that/m);
});

test('What is left over from an earlier configuration is a warning with the command that removes it', async () => {
  const labels = { 'cdktf-trading-stack.stack': 'desk' };
  engine.state.containers = [{ name: 'desk-redis' }, { name: 'desk-old' }];
  engine.state.volumes = ['archive', 'desk_redis_data', 'desk_logs', 'desk_old_data', 'night_data'];
  engine.state.labelsOfVolumes = { desk_redis_data: labels, desk_logs: labels, desk_old_data: labels };
  const { exitCode, stdout } = await run();
  expect(exitCode).toBe(0);
  expect(stdout.match(/^warning .*$/gm)).toEqual([
    expect.stringMatching(/the container desk-old\. .* rm --force desk-old$/),
    expect.stringMatching(/the volume desk_old_data\. .* with their data: .* volume rm desk_old_data$/),
  ]);
});

test('Secrets that other users can read are a warning', async () => {
  for (const folder of ['.secrets', '.secrets/desk']) chmodSync(join(project.folder, folder), 0o755);
  expect((await run()).stdout).toMatch(/^warning {2}Other users .* chmod 700 \.secrets\/desk$/m);
});

test('A deploy that did not finish is a warning', async () => {
  project.write('terraform.desk.tfstate.unfinished', '{}');
  expect((await run()).stdout).toMatch(/^warning {2}The last deploy did not finish\..* npm run deploy -- desk$/m);
});

test('A damaged state is a problem', async () => {
  project.write('terraform.desk.tfstate', '{');
  const { exitCode, stdout } = await run();
  expect(exitCode).toBe(1);
  expect(stdout).toMatch(
    /^problem {2}The Terraform state in terraform\.desk\.tfstate is damaged .*\[state-invalid\]$/m,
  );
});

test('Free memory, load and disk are those that a container sees', async () => {
  const kernel = 'MemAvailable:    524288 kB\n9.50 1.00 1.00 2/99 7\n';
  const disk = '/dev/sda 100 95 1048576 95% /\n';
  engine.state.nodeCores = 4;
  engine.state.containers = [{ name: 'desk-redis', answer: { stdout: `${kernel}${disk}`, exitCode: 0 } }];
  const warnings = (await run()).stdout.match(/^warning .*$/gm);
  expect(warnings).toEqual([
    expect.stringContaining('its load is 9.5, more than twice its CPUs'),
    expect.stringContaining('(0.5 GiB available)'),
    expect.stringContaining('95 % full, 1.0 GiB are free'),
  ]);
});

test('With --json the findings are a document', async () => {
  const { stdout } = await run('--json');
  const document = JSON.parse(stdout) as { findings: unknown[] };
  expect(document).toMatchObject({ stack: 'desk', outcome: 'healthy' });
  expect(document.findings).toContainEqual({
    level: 'ok',
    message: 'The clocks of this machine and of the engine agree',
    code: null,
  });
});

test('A generated secret that is older than a year is a warning with the command that replaces it', async () => {
  project.write('.secrets/desk/redis_password', 'canary-7Qx2');
  const file = join(project.folder, '.secrets/desk/redis_password');
  const daysAgo = (days: number): Date => new Date(Date.now() - days * 86_400_000);
  utimesSync(join(project.folder, '.secrets/desk/broker_key'), daysAgo(900), daysAgo(900));

  utimesSync(file, daysAgo(364), daysAgo(364));
  expect((await run()).stdout).toContain('ok       No generated secret is older than a year\n');

  utimesSync(file, daysAgo(400), daysAgo(400));
  const { stdout, exitCode } = await run();
  expect(stdout).toContain(
    'warning  The secret redis_password is 400 days old. Replace it: npm run rotate -- desk redis_password\n',
  );
  expect(stdout).not.toMatch(/broker_key is|older than a year/);
  expect(exitCode).toBe(0);
});

test.each(['a symbolic link', 'of several lines'])(
  'An old secret whose file is %s is none, as rotate refuses it',
  async (kind) => {
    const file = join(project.folder, '.secrets/desk/redis_password');
    project.write('.secrets/desk/redis_password', 'canary-7Qx2\ncanary-8Rw3');
    if (kind === 'a symbolic link') {
      project.write('elsewhere', 'canary-7Qx2');
      rmSync(file);
      symlinkSync(join(project.folder, 'elsewhere'), file);
    }
    const before = new Date(Date.now() - 400 * 86_400_000);
    utimesSync(file, before, before);

    expect((await run()).stdout).not.toContain('redis_password');
    expect((await run('--json')).exitCode).toBe(0);
  },
);

test('An old secret that a server of another stack has is a warning for none of both stacks', async () => {
  const environment = { DOCKER_HOST: engine.host };
  const file = join(project.folder, '.secrets/desk/shared');
  project.write('.secrets/desk/shared', 'canary-7Qx2');
  const before = new Date(Date.now() - 400 * 86_400_000);
  utimesSync(file, before, before);
  for (const stack of ['desk', 'night']) {
    const doctor = await project.run(['doctor', stack], environment, 'shared password', { now: () => Date.now() });
    expect(doctor.stdout).not.toContain('shared is');
    expect(doctor.stdout).toContain('The Docker provider');
  }
});

test('A machine that has less than the stack declares is a warning', async () => {
  const doctor = () =>
    project.run(['doctor', 'desk'], { DOCKER_HOST: engine.host }, 'machine', { now: () => Date.now() });
  expect((await doctor()).stdout).not.toContain('`machine`');
  engine.state.nodeCores = 4;
  expect((await doctor()).stdout).toMatch(
    /^warning {2}The machine has 4 CPU and 16\.0 GiB of memory, and `machine` of the stack says 8 CPU and 16\.0 GiB/m,
  );
});

import { DeskFixture } from '../desk/fixture';
import { FakeEngine } from '../desk/engine';
import type { Outcome } from '../desk/project';

const desk = new DeskFixture();

const RECORD = 'terraform.desk.tfstate.engine';
const CREATES = { 'docker_container.desk-gateway': { actions: ['create'] } };

function run(command: string, host = desk.engine.host, problem = ''): Promise<Outcome> {
  const yes = command === 'diff' ? [] : ['--yes'];
  return desk.run([command, 'desk', ...yes], { DOCKER_HOST: host }, problem);
}

describe('a stack that is deployed to a server', () => {
  let other: FakeEngine;

  beforeEach(async () => {
    other = await FakeEngine.start();
    other.state.id = 'other-engine';
    desk.project.changes = CREATES;
    expect((await run('deploy')).exitCode).toBe(0);
  });

  afterEach(async () => {
    await other.stop();
  });

  test.each(['diff', 'deploy', 'destroy'])('%s refuses another engine before Terraform runs', async (command) => {
    const before = desk.project.terraformCommands.length;
    const { exitCode, stderr } = await run(command, other.host);
    expect(exitCode).toBe(1);
    expect(stderr).toBe(
      `desk is deployed to the engine at ${desk.engine.host}, and ${other.host} is another engine. Select that engine again: ` +
        `export DOCKER_HOST=${desk.engine.host}, or set \`host\` if the code does. If that engine was replaced and nothing of ` +
        `desk is left on it, remove the record of it: rm ${RECORD} [other-engine]\n`,
    );
    expect(desk.project.terraformCommands.slice(before)).toEqual(['version -json']);
    expect(other.state.actions).toEqual([]);
  });

  test('The error about an engine that does not answer names the one to select', async () => {
    const { stderr } = await run('deploy', 'unix:///no.sock');
    expect(stderr).toContain(
      `desk is deployed to the engine at ${desk.engine.host}. Select that engine: export DOCKER_HOST=${desk.engine.host}, or ` +
        'set `host` if the code does. [docker-unreachable]\n',
    );
  });

  test('The error names no engine to select if it is about that of the stack', async () => {
    desk.engine.state.failing = ['/version'];
    const { stderr } = await run('deploy');
    expect(stderr).toContain('[docker-failed]');
    expect(stderr).not.toContain('is deployed to');
  });

  test('secrets delivers nothing to another engine', async () => {
    const { exitCode, stderr } = await desk.run(['secrets', 'desk'], desk.overSsh({ socket: other.socket }));
    expect(exitCode).toBe(1);
    expect(stderr).toContain('ssh://desk@host is another engine');
    expect(stderr).toContain('[other-engine]');
    expect(other.state.actions).toEqual([]);
  });

  test('An engine that was installed again at the same address is not proposed as the one to select', async () => {
    desk.engine.state.id = 'installed-again';
    expect((await run('diff')).stderr).toBe(
      `The engine at ${desk.engine.host} is not the one that desk was deployed to: it was installed again, or another ` +
        `machine has its address. If nothing of desk is left on it, remove the record: rm ${RECORD} [other-engine]\n`,
    );
  });

  test('The same engine may have another address', async () => {
    expect((await desk.run(['diff', 'desk'], desk.overSsh())).stderr).not.toContain('other-engine');
  });

  test('destroy forgets the engine', async () => {
    expect((await run('destroy')).exitCode).toBe(0);
    expect(desk.project.read(RECORD)).toBeUndefined();
  });

  test('A destroy that fails does not forget it', async () => {
    desk.project.changes = { 'docker_container.desk-gateway': { actions: ['delete'] } };
    expect((await desk.run(['destroy', 'desk', '--yes'], { FAKE_APPLY: '1' })).exitCode).toBe(1);
    expect(desk.project.read(RECORD)).toContain(desk.engine.state.id);
  });
});

describe('commands about what runs', () => {
  let other: FakeEngine;

  beforeEach(async () => {
    other = await FakeEngine.start();
    other.state.id = 'other-engine';
    const { host, state } = desk.engine;
    desk.project.write(RECORD, JSON.stringify({ address: host, engine: state.id, cluster: '' }));
  });

  afterEach(async () => {
    await other.stop();
  });

  const COMMANDS = [
    ['status', 'desk'],
    ['logs', 'desk'],
    ['exec', 'desk', 'gateway', '--', 'env'],
    ['console', 'desk', 'redis'],
    ['backups', 'desk'],
    ['backup', 'desk'],
    ['restore', 'desk', 'db', 'latest', '--yes'],
    ['deploys', 'desk'],
    ['images', 'desk'],
    ['images', 'desk', '--prune', '--yes'],
  ];

  test.each(COMMANDS)('%s refuses another engine', async (...words) => {
    const { exitCode, stdout, stderr } = await desk.run(words, { DOCKER_HOST: other.host }, 'backup');
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^desk is deployed to the engine at .* \[other-engine\]\n$/);
    expect(stdout).toBe('');
    expect(other.state.actions).toEqual([]);
  });

  test.each(COMMANDS)('%s names the engine to select if none answers', async (...words) => {
    const { exitCode, stderr } = await desk.run(words, { DOCKER_HOST: 'unix:///no.sock' }, 'backup');
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(
      /^Docker does not answer at unix:.*\. Select that engine: export .* \[docker-unreachable\]\n$/,
    );
    expect(stderr).toContain(`export DOCKER_HOST=${desk.engine.host}, or`);
  });

  test('doctor names the problem, and checks nothing else of another engine', async () => {
    const { stdout } = await desk.run(['doctor', 'desk'], { DOCKER_HOST: other.host });
    expect(stdout).toContain('[other-engine]');
    expect(stdout).toMatch(/^warning {2}Not checked on the engine of the stack: ports,/m);
    expect(stdout).not.toContain('The clocks');
  });

  test('The engine of the last deploy, at another address, is the one', async () => {
    const { stderr } = await desk.run(['status', 'desk'], desk.overSsh());
    expect(stderr).toBe('');
  });

  test('After a destroy, any engine is the one', async () => {
    expect((await run('destroy')).exitCode).toBe(0);
    const { stdout } = await desk.run(['status', 'desk'], { DOCKER_HOST: other.host });
    expect(stdout).toContain('missing');
  });
});

test('A deploy that changes nothing records the engine of a stack without a record', async () => {
  desk.project.changes = {};
  expect((await run('deploy')).exitCode).toBe(0);
  expect(desk.project.read(RECORD)).toContain(desk.engine.state.id);
});

test.each(['{"address":', 'null', '{}'])('A record that is damaged, %j, is none', async (content) => {
  desk.project.changes = {};
  desk.project.write(RECORD, content);
  expect((await run('deploy')).exitCode).toBe(0);
  expect(desk.project.read(RECORD)).toContain(desk.engine.state.id);
});

test('A deploy that is refused records nothing', async () => {
  desk.project.changes = CREATES;
  await desk.run(['deploy', 'desk']);
  expect(desk.project.read(RECORD)).toBeUndefined();
});

describe('a Swarm', () => {
  beforeEach(() => {
    const record = { address: 'ssh://desk@first', engine: 'first-manager', cluster: 'cluster-1' };
    desk.project.write(RECORD, JSON.stringify(record));
    Object.assign(desk.engine.state, { isSwarmManager: true, services: [[]], containers: [] });
    desk.engine.state.nodes = { here: { data: 'true' } };
  });

  test('Another manager of it is fine', async () => {
    desk.engine.state.clusterId = 'cluster-1';
    expect((await run('destroy', undefined, 'cluster')).exitCode).toBe(0);
  });

  test('A worker is asked for what runs on it, and refuses a deploy for what it is', async () => {
    desk.engine.state.isSwarmManager = false;
    const words = ['exec', 'desk', 'db', '--', 'env'];
    expect((await desk.run(words, {}, 'cluster')).stderr).not.toContain('[other-engine]');
    expect((await run('destroy', undefined, 'cluster')).stderr).toContain('[not-swarm-manager]');
  });

  test('Another Swarm is refused', async () => {
    desk.engine.state.clusterId = 'cluster-2';
    expect((await run('destroy', undefined, 'cluster')).stderr).toContain('[other-engine]');
    expect((await desk.run(['scale', 'desk', 'api', '2'], {}, 'scalable')).stderr).toContain('[other-engine]');
  });
});

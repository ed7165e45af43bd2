import { eventually, execute, refuseExisting, tasksOf } from '../harness/engine';
import { Project } from '../harness/project';
import { mustRun, run } from '../harness/run';

let project: Project;
let startedSwarm = false;

/**
 * The engine would create it with a subnet of its own choice, which may be that of MT5. Documentation:
 * https://docs.docker.com/engine/swarm/networking/#customize-the-docker_gwbridge
 */
const GATEWAY_NETWORK = [
  '--subnet=172.16.250.0/24',
  '--opt=com.docker.network.bridge.name=docker_gwbridge',
  '--opt=com.docker.network.bridge.enable_icc=false',
  '--opt=com.docker.network.bridge.enable_ip_masquerade=true',
  'docker_gwbridge',
];

beforeAll(async () => {
  await refuseExisting('mt5');
  const state = await mustRun('docker', ['info', '--format', '{{.Swarm.LocalNodeState}}']);
  if (state.trim() === 'inactive') {
    await mustRun('docker', ['network', 'create', ...GATEWAY_NETWORK]);
    startedSwarm = true;
    await mustRun('docker', ['swarm', 'init', '--advertise-addr', '127.0.0.1']);
  }
  project = await Project.copy('swarm');
});

afterAll(async () => {
  await project.destroy('mt5');
  if (startedSwarm) {
    await run('docker', ['swarm', 'leave', '--force']);
    await run('docker', ['network', 'rm', 'docker_gwbridge']);
  }
  await project.remove();
});

describe('MT5 on a Swarm of one node', () => {
  test('converges with a task of every service', async () => {
    await project.deploy('mt5');

    const tasks = await tasksOf('mt5');
    expect([...tasks.keys()].sort()).toEqual([
      'db',
      'db-exporter',
      'feature-api',
      'grafana',
      'market-data',
      'prometheus',
      'redis',
      'redis-exporter',
      'strategy-runner',
    ]);
    for (const [name, { State }] of tasks) {
      expect([name, State.Health?.Status ?? 'healthy']).toEqual([name, 'healthy']);
    }
  });

  test('shows its state and logs, and runs commands in its containers', async () => {
    const status = await project.script('status', 'mt5', '--json');
    expect([status.code, JSON.parse(status.stdout)]).toMatchObject([0, { isUp: true }]);
    const logs = await project.script('logs', 'mt5', '--tail', '2', '--json');
    const lines = logs.stdout.trimEnd().split('\n');
    const services = lines.map((line) => (JSON.parse(line) as { readonly service: string }).service);
    expect([logs.code, services]).toEqual([0, expect.arrayContaining(['mt5-db', 'mt5-strategy-runner'])]);
    const inRunner = await project.script('exec', 'mt5', 'strategy_runner', '--', 'node', '-p', '6 * 7');
    expect(inRunner).toEqual({ code: 0, stdout: '42\n', stderr: '' });
    const inConsole = await project.script('console', 'mt5', 'db', '--', '-tAc', 'SELECT current_database()');
    expect(inConsole).toEqual({ code: 0, stdout: 'mt5\n', stderr: '' });
  });

  test('plans no change after that', async () => {
    expect(await project.plannedChanges('mt5')).toEqual([]);
  });

  test('carries a published price into a row of PostgreSQL', async () => {
    const database = (await tasksOf('mt5')).get('db')?.Id ?? '';
    const count = () =>
      execute(database, 'psql', '-U', 'mt5_user', '-d', 'mt5', '-tA', '-c', 'SELECT count(*) FROM signals');
    await eventually(count, (signals) => Number(signals) > 0);
  });

  test('rolls out a changed variable, and plans no change after that', async () => {
    await project.edit('examples/mt5/stack.ts', "ROLE: 'market-data'", "ROLE: 'market-data', DESK: 'b'");
    await project.deploy('mt5');

    const env = (await tasksOf('mt5')).get('market-data')?.Config.Env;
    expect(env).toContain('DESK=b');
    expect(await project.plannedChanges('mt5')).toEqual([]);
  });

  test('leaves only retained volumes behind', async () => {
    expect((await project.script('destroy', 'mt5', '--yes')).code).toBe(0);

    for (const kind of ['service', 'secret', 'config']) {
      const left = await mustRun('docker', [kind, 'ls', '--quiet', '--filter', 'name=mt5-']);
      expect([kind, left]).toEqual([kind, '']);
    }
    expect((await run('docker', ['network', 'inspect', 'mt5-net'])).code).not.toBe(0);
  });
});

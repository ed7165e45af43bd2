import { join } from 'node:path';
import {
  execute,
  containersOf,
  Endings,
  eventually,
  idsOf,
  logsOf,
  refuseExisting,
  replaced,
  volumes,
} from '../harness/engine';
import { Project } from '../harness/project';
import { mustRun, run } from '../harness/run';

const APPLICATIONS = ['feature-api', 'market-data', 'strategy-runner'];
/** Those of the reference service, which another image than the feature API has. */
const REFERENCE_SERVICES = ['market-data', 'strategy-runner'];
const SERVICES = [...APPLICATIONS, 'db', 'db-exporter', 'grafana', 'prometheus', 'redis', 'redis-exporter'].sort();
/** The database password of these tests, which must not appear anywhere else. */
const CANARY = 'canary-7Qx2-never-to-be-seen';
const SIGNALS = 'SELECT count(*) FROM signals';

let project: Project;
let endings: Endings;

beforeAll(async () => {
  await refuseExisting('mt5');
  project = await Project.copy('docker');
  await project.write('.secrets/mt5/db_password', CANARY);
  endings = new Endings();
});

afterAll(async () => {
  await project.destroy('mt5');
  endings.stop();
  await project.remove();
});

describe('MT5 on one host', () => {
  test('deploys with every service healthy', async () => {
    await project.deploy('mt5');

    const containers = await containersOf('mt5');
    expect([...containers.keys()].sort()).toEqual(SERVICES);
    for (const [, { Name, State }] of containers) {
      expect([Name, State.Status, State.Health?.Status ?? 'no probe']).toEqual([
        Name,
        'running',
        // The image contains only the exporter, so there is no program for a probe.
        Name.endsWith('redis-exporter') ? 'no probe' : 'healthy',
      ]);
    }
  });

  test('plans no change after that', async () => {
    expect(await project.plannedChanges('mt5')).toEqual([]);
  });

  test('builds an image of the feature API in which its own tests pass', async () => {
    const folder = project.path('examples/mt5/feature-api');
    await mustRun('docker', ['build', '--target', 'test', '-f', join(folder, 'Dockerfile.api'), folder]);
  });

  test('has images with the labels of their Dockerfiles and without what only builds need', async () => {
    const containers = await containersOf('mt5');
    const runner = containers.get('strategy-runner')?.Image ?? '';
    const api = containers.get('feature-api')?.Image ?? '';
    expect(await inspected(runner, '.Config.Labels')).toMatchObject({
      'org.opencontainers.image.title': 'reference-service',
    });
    expect(await inspected(api, '.Config.Labels')).toMatchObject({ maintainer: 'MT5 Trading Team', version: '1.0' });

    const listed = async (name: string, folder: string): Promise<string[]> =>
      (await execute(`mt5-${name}`, 'ls', folder)).split('\n');
    expect(await listed('strategy-runner', '/app')).toEqual([
      'config',
      'dist',
      'node_modules',
      'package-lock.json',
      'package.json',
    ]);
    expect(await listed('strategy-runner', '/app/node_modules')).not.toContain('typescript');
    expect(await listed('feature-api', '/app')).toEqual(['src']);
    for (const name of ['strategy-runner', 'feature-api']) {
      expect([name, (await run('docker', ['exec', `mt5-${name}`, 'which', 'gcc'])).code]).toEqual([name, 1]);
    }
  });

  test('carries a published price through the feature API into a row of PostgreSQL', async () => {
    const before = Number(await query(SIGNALS));
    await eventually(
      () => query(SIGNALS),
      (count) => Number(count) > before,
    );

    expect(Number(await query("SELECT count(*) FROM signals WHERE features ->> 'rsi' IS NOT NULL"))).toBeGreaterThan(0);
    expect(Number(await query('SELECT count(*) FROM feature_sets'))).toBeGreaterThan(0);
    expect(await redis('KEYS', 'signal:*')).toContain('signal:EURUSD');
  });

  test('shows that everything runs, and with status 1 what does not', async () => {
    const { code, stdout } = await project.script('status', 'mt5', '--json');
    expect(code).toBe(0);
    const { services } = JSON.parse(stdout) as { services: { name: string; isUp: boolean; uptimeSeconds: number }[] };
    expect(services.map(({ name }) => name.replace('mt5-', '')).sort()).toEqual(SERVICES);
    expect(services.filter(({ isUp, uptimeSeconds }) => !isUp || uptimeSeconds === 0)).toEqual([]);

    await mustRun('docker', ['pause', 'mt5-redis-exporter']);
    const paused = await project.script('status', 'mt5');
    await mustRun('docker', ['unpause', 'mt5-redis-exporter']);
    expect(paused.code).toBe(1);
    expect(paused.stdout).toMatch(/^mt5-redis-exporter +paused /m);
  });

  test('shows the logs of all services in the order of time', async () => {
    const { code, stdout } = await project.script('logs', 'mt5', '--tail', '3', '--json');
    expect(code).toBe(0);
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { service: string; time: string });
    expect([...new Set(lines.map(({ service }) => service.replace('mt5-', '')))].sort()).toEqual(SERVICES);
    expect(lines.map(({ time }) => time)).toEqual(lines.map(({ time }) => time).sort());
  });

  test('connects to the database from the service that uses it, and as the administrator in a console', async () => {
    const connect = `const { Client } = require('pg');
      const client = new Client({ connectionString: require('fs').readFileSync(process.env.DATABASE_URL_FILE, 'utf8').trim() });
      client.connect().then(() => client.query('SELECT current_user')).then(({ rows }) => console.log(rows[0].current_user))
        .finally(() => client.end());`;
    const fromService = await project.script('exec', 'mt5', 'strategy_runner', '--', 'node', '-e', connect);
    expect(fromService).toEqual({ code: 0, stdout: 'mt5_user\n', stderr: '' });
    const failed = await project.script('exec', 'mt5', 'feature_api', '--', 'sh', '-c', 'exit 7');
    expect(failed.code).toBe(7);
    const inConsole = await project.script('console', 'mt5', 'db', '--', '-tAc', 'SELECT current_database()');
    expect(inConsole).toEqual({ code: 0, stdout: 'mt5\n', stderr: '' });
  });

  test('has every Prometheus target up', async () => {
    const jobs = [...APPLICATIONS.map((name) => name.replace('-', '_')), 'db', 'grafana', 'prometheus', 'redis'].sort();
    await eventually(upTargets, (up) => up.join() === jobs.join());
  });

  test('accepts only the generated password in Grafana, whose data source is Prometheus', async () => {
    const password = await project.read('.secrets/mt5/grafana_admin_password');
    expect((await grafana('/api/datasources', 'admin')).status).toBe(401);
    const sources = await grafana('/api/datasources', password);
    expect(await sources.json()).toEqual([expect.objectContaining({ uid: 'prometheus', type: 'prometheus' })]);
    const dashboards = await grafana('/api/search?type=dash-db', password);
    expect(await dashboards.json()).toHaveLength(5);
  });

  test('runs every container without root, without new privileges, without capabilities and within limits', async () => {
    for (const [name, { Config, HostConfig }] of await containersOf('mt5')) {
      expect({ name, root: ['', '0', 'root'].includes(Config.User.split(':')[0] ?? '') }).toEqual({
        name,
        root: false,
      });
      expect(HostConfig.SecurityOpt).toContain('no-new-privileges:true');
      expect(HostConfig.CapDrop).toEqual(['ALL']);
      expect(HostConfig.Privileged).toBe(false);
      expect(HostConfig.Memory).toBeGreaterThan(0);
      expect(HostConfig.CpuQuota).toBeGreaterThan(0);
      expect(HostConfig.LogConfig).toEqual({ Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '3' } });
      const addresses = Object.values(HostConfig.PortBindings ?? {}).flatMap((ports) =>
        ports.map((port) => port.HostIp),
      );
      expect(addresses.filter((address) => address !== '127.0.0.1')).toEqual([]);
    }
  });

  test('keeps the database password out of the output, plan, state, inspect, image history and logs', async () => {
    const plan = await project.terraform('mt5', 'show', '-json', 'review.plan');
    const containers = [...(await containersOf('mt5')).values()];
    const names = containers.map(({ Name }) => Name);
    const images = [...new Set(containers.map(({ Image }) => Image))];
    const places: Record<string, string> = {
      'cdk.tf.json': await project.read('cdktf.out/stacks/mt5/cdk.tf.json'),
      plan,
      state: await project.read('terraform.mt5.tfstate'),
      inspect: await mustRun('docker', ['inspect', ...names]),
      history: (await Promise.all(images.map((id) => mustRun('docker', ['history', '--no-trunc', id])))).join('\n'),
      logs: (await Promise.all(names.map((name) => logsOf(name.slice(1))))).join('\n'),
    };

    expect(await execute('mt5-db', 'cat', '/run/secrets/db_password')).toBe(CANARY);
    for (const [place, text] of Object.entries(places)) {
      expect(text.length).toBeGreaterThan(1000);
      expect([place, text.includes(CANARY)]).toEqual([place, false]);
    }
  });

  test('applies a changed health check to the one service that has it', async () => {
    const check = 'healthCheck: HealthCheck.http(8000, { interval: Duration.seconds(7) }),';
    await project.edit('examples/mt5/stack.ts', 'healthCheck: probe(8000),', check);

    expect(await deployAndCompare()).toEqual(['feature-api']);

    const interval = (await containersOf('mt5')).get('feature-api')?.Config.Healthcheck?.Interval;
    expect(interval).toBe(7_000_000_000);
  });

  test('applies a changed variable to the one service that has it', async () => {
    await project.edit(
      'examples/mt5/stack.ts',
      "LOG_FILE: '/data/logs/feature_api.log'",
      "LOG_FILE: '/data/logs/feature_api.log', DESK: 'a ${literal} %{text}'",
    );

    expect(await deployAndCompare()).toEqual(['feature-api']);

    expect((await containersOf('mt5')).get('feature-api')?.Config.Env).toContain('DESK=a ${literal} %{text}');
  });

  test('applies a changed memory limit without replacing anything', async () => {
    await project.edit('examples/mt5/stack.ts', 'memory: Size.gibibytes(2),', 'memory: Size.gibibytes(3),');

    expect(await deployAndCompare()).toEqual([]);

    expect((await containersOf('mt5')).get('strategy-runner')?.HostConfig.Memory).toBe(3 * 1024 ** 3);
  });

  test('rebuilds a changed source and replaces its containers, which get SIGTERM and time to finish', async () => {
    for (const name of REFERENCE_SERVICES) endings.follow(`mt5-${name}`);
    await project.edit('examples/reference-service/src/main.ts', 'started as', 'up and running as');

    expect(await deployAndCompare()).toEqual(REFERENCE_SERVICES);

    expect(await logsOf('mt5-market-data')).toContain('up and running as market-data');
    for (const name of REFERENCE_SERVICES) {
      expect(endings.printed(`mt5-${name}`)).toContain('received SIGTERM, stopping');
      expect([name, endings.exitCode(`mt5-${name}`)]).toEqual([name, 0]);
    }
  });

  test('keeps rows and keys when containers are killed', async () => {
    await query('CREATE TABLE kept AS SELECT n FROM generate_series(1, 1000) AS n');
    for (let key = 0; key < 20; key++) await redis('SET', `kept:${key}`, String(key));

    for (const name of ['db', 'redis']) {
      const { Pid } = (await containersOf('mt5')).get(name)?.State ?? { Pid: 0 };
      expect(Pid).toBeGreaterThan(1);
      // From outside, like a crash: after `docker kill` the engine considers the container stopped on purpose.
      process.kill(Pid, 'SIGKILL');
      await eventually(
        async () => (await containersOf('mt5')).get(name)?.State,
        (state) => state?.Health?.Status === 'healthy' && state.Pid !== Pid,
      );
    }

    await expectKept();
  });

  test('keeps rows and keys when containers are replaced', async () => {
    await project.edit('examples/mt5/stack.ts', "user: 'mt5_user'", "user: 'mt5_user', environment: { DESK: 'b' }");
    await project.edit(
      'examples/mt5/stack.ts',
      'purpose: RedisPurpose.CACHE',
      "purpose: RedisPurpose.CACHE, environment: { DESK: 'b' }",
    );

    expect(await deployAndCompare()).toEqual(['db', 'redis']);

    await expectKept();
  });

  test('deploys again after the checkout has moved to another folder', async () => {
    await project.move();
    await project.deploy('mt5');

    expect(await project.plannedChanges('mt5')).toEqual([]);
    await expectKept();
  });

  test('keeps rows and keys when the stack is destroyed and deployed again, and leaves nothing else behind', async () => {
    const destroyed = await project.script('destroy', 'mt5', '--yes');
    expect(destroyed.code).toBe(0);

    expect((await containersOf('mt5')).size).toBe(0);
    expect((await run('docker', ['network', 'inspect', 'mt5-net'])).code).not.toBe(0);
    // Another stack may be tested at the same time.
    expect((await volumes()).filter((name) => name.startsWith('mt5'))).toEqual([
      'mt5_grafana_data',
      'mt5_logs_volume',
      'mt5_postgres_data',
      'mt5_prometheus_data',
      'mt5_redis_data',
    ]);
    for (const service of SERVICES) {
      // 137 is SIGKILL: the grace period was too short, or there was none.
      expect([service, endings.exitCode(`mt5-${service}`)]).not.toEqual([service, 137]);
    }

    await project.deploy('mt5');
    await expectKept();
  });
});

/** A part of what the engine knows about an image. */
async function inspected(image: string, part: string): Promise<unknown> {
  return JSON.parse(await mustRun('docker', ['image', 'inspect', '--format', `{{json ${part}}}`, image]));
}

async function deployAndCompare(): Promise<string[]> {
  const before = idsOf(await containersOf('mt5'));
  await project.deploy('mt5');
  expect(await project.plannedChanges('mt5')).toEqual([]);
  return replaced(before, idsOf(await containersOf('mt5')));
}

async function expectKept(): Promise<void> {
  expect(await query('SELECT count(*), sum(n) FROM kept')).toBe('1000|500500');
  expect(await redis('GET', 'kept:19')).toBe('19');
  expect((await redis('KEYS', 'kept:*')).split('\n')).toHaveLength(20);
}

function query(sql: string): Promise<string> {
  return execute('mt5-db', 'psql', '-U', 'mt5_user', '-d', 'mt5', '-tA', '-c', sql);
}

function redis(...command: string[]): Promise<string> {
  const line = 'REDISCLI_AUTH="$(cat /run/secrets/redis_password)" exec redis-cli "$@"';
  return execute('mt5-redis', 'sh', '-c', line, 'sh', ...command);
}

async function upTargets(): Promise<string[]> {
  const response = await fetch('http://127.0.0.1:9091/api/v1/query?query=up');
  const answer = (await response.json()) as {
    data: { result: { metric: { job: string }; value: [number, string] }[] };
  };
  return answer.data.result
    .filter(({ value }) => value[1] === '1')
    .map(({ metric }) => metric.job)
    .sort();
}

function grafana(path: string, password: string): Promise<Response> {
  const authorization = `Basic ${Buffer.from(`admin:${password}`).toString('base64')}`;
  return fetch(`http://127.0.0.1:3000${path}`, { headers: { authorization } });
}

import { spawnSync } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { containersOf, eventually, execute, idsOf, logsOf, refuseExisting, replaced } from '../harness/engine';
import { Project } from '../harness/project';
import { mustRun, type Outcome, run } from '../harness/run';

/** Replaces the project's stacks: a broker, a time-series database, and two programs that use them. */
const APP = 'bin/trading.ts';
const STACK = 'examples/brokers/stack.ts';
/** Strings that must not appear anywhere except in their files. */
const CANARIES: Record<string, string> = {
  rabbitmq_password: 'canary-4hTz-broker-administrator',
  rabbitmq_risk_password: 'canary-9dWq-user-of-its-own/:@%',
  influxdb_password: 'canary-2mKe-password-of-people',
  influxdb_operator_token: 'canary-8vRb-operator-token',
};

/** Its stand-in is an imitation, which has no backups. */
const isInfluxReal =
  spawnSync('docker', ['image', 'inspect', '--format', '{{json .Config.Labels}}', 'influxdb:2.9-alpine'], {
    encoding: 'utf8',
  }).stdout.trim() === 'null';
if (!isInfluxReal) {
  const line = '!'.repeat(80);
  process.stderr.write(
    `\n${line}\nThe tests of backups of InfluxDB did NOT run: its image is an imitation.\n${line}\n`,
  );
}
const withInflux = isInfluxReal ? test : test.skip;

let project: Project;
let target: string;

beforeAll(async () => {
  await refuseExisting('brokers');
  target = await mkdtemp(join(tmpdir(), 'trading-stack-backups-'));
  await chmod(target, 0o777);
  project = await Project.copy('docker');
  const backedUp = isInfluxReal ? 'influx.backup({ to, schedule, retention });' : '';
  await project.write(STACK, BROKERS_STACK.replace('TARGET', target).replace('BACKUP_OF_INFLUX', backedUp));
  await project.edit(APP, "'../examples/mt5/stack'", "'../examples/brokers/stack'");
  await project.edit(APP, 'import { createMt5Stack }', 'import { createBrokersStack as createMt5Stack }');
  for (const [name, canary] of Object.entries(CANARIES)) await project.write(`.secrets/brokers/${name}`, canary);
});

afterAll(async () => {
  await project.destroy('brokers');
  await project.remove();
  await rm(target, { recursive: true, force: true });
});

describe('a broker and a time-series database', () => {
  test('are deployed with everything healthy and every job finished', async () => {
    await project.deploy('brokers');

    const containers = await containersOf('brokers');
    const states = [...containers].map(([name, { State }]) => [name, State.Health?.Status ?? State.ExitCode]);
    expect(Object.fromEntries(states)).toEqual({
      rabbitmq: 'healthy',
      'rabbitmq-backup': 'healthy',
      influxdb: 'healthy',
      ...(isInfluxReal && { 'influxdb-backup': 'healthy' }),
      'rabbitmq-topology': 0,
      'influxdb-buckets': 0,
      'influxdb-feed': 0,
      'influxdb-report': 0,
      feed: 0,
      report: 0,
    });
  });

  test('plan no change after that', async () => {
    expect(await project.plannedChanges('brokers')).toEqual([]);
  });

  test('run as their own user, without capabilities and without new privileges', async () => {
    for (const [, { Config, HostConfig }] of await containersOf('brokers')) {
      expect(['rabbitmq', 'influxdb', 'node', '1000:1000']).toContain(Config.User);
      expect(HostConfig.CapDrop).toEqual(['ALL']);
      expect(HostConfig.SecurityOpt).toContain('no-new-privileges:true');
    }
  });

  test('keep every password and token out of the output, plan, state, inspect and logs', async () => {
    const names = [...(await containersOf('brokers')).values()].map(({ Name }) => Name);
    const places: Record<string, string> = {
      'cdk.tf.json': await project.read('cdktf.out/stacks/brokers/cdk.tf.json'),
      plan: await project.terraform('brokers', 'show', '-json', 'review.plan'),
      state: await project.read('terraform.brokers.tfstate'),
      inspect: await mustRun('docker', ['inspect', ...names]),
      logs: (await Promise.all(names.map((name) => logsOf(name.slice(1))))).join('\n'),
    };
    const secrets = [...Object.values(CANARIES), await tokenOf('feed'), await tokenOf('report')];

    expect(new Set(secrets).size).toBe(6);
    for (const [place, text] of Object.entries(places)) {
      expect(text.length).toBeGreaterThan(1000);
      expect([place, secrets.filter((secret) => text.includes(secret))]).toEqual([place, []]);
    }
  });
});

describe('a user of the broker', () => {
  test('is in a URL that refers to the virtual host /', async () => {
    expect(await project.read('.secrets/brokers/rabbitmq_risk_url')).toBe(
      `amqp://risk:${encodeURIComponent(CANARIES.rabbitmq_risk_password ?? '')}@rabbitmq:5672/%2F`,
    );
  });

  test('publishes where it is permitted to', async () => {
    const answer = await publish('risk', 'orders', 'approved');

    expect(await answer.json()).toEqual({ routed: true });
  });

  test('is refused elsewhere, and cannot change anything', async () => {
    expect((await publish('risk', '', 'to any queue')).status).toBeGreaterThanOrEqual(400);
    expect((await management('risk', 'PUT', 'queues/%2F/mine', {})).status).toBeGreaterThanOrEqual(400);
    expect((await management('risk', 'POST', 'queues/%2F/orders/get', GET_ONE)).status).toBeGreaterThanOrEqual(400);
  });

  test('has permissions that a plan shows, together with exchanges, queues and policies', async () => {
    const plan = await project.terraform('brokers', 'show', '-json', 'review.plan');

    expect(plan).toContain(String.raw`\"user\": \"risk\"`);
  });

  test('cannot log in without its password, and there is no guest', async () => {
    expect((await management('risk', 'GET', 'whoami', undefined, 'wrong')).status).toBe(401);
    expect((await management('guest', 'GET', 'whoami', undefined, 'guest')).status).toBe(401);
  });
});

describe('a rotation', () => {
  test('changes the password of a user in the running broker, and replaces only what logs in with it', async () => {
    const old = CANARIES.rabbitmq_risk_password ?? '';
    const before = idsOf(await containersOf('brokers'));
    const rotated = await project.script('rotate', 'brokers', 'rabbitmq_risk_password', '--yes');

    const password = await project.read('.secrets/brokers/rabbitmq_risk_password');
    expect([rotated.code, rotated.stderr]).toEqual([0, '']);
    expect(replaced(before, idsOf(await containersOf('brokers')))).toEqual(['feed']);
    expect((await management('risk', 'GET', 'whoami', undefined, old)).status).toBe(401);
    expect((await management('risk', 'GET', 'whoami', undefined, password)).status).toBe(200);
    expect(await project.read('terraform.brokers.tfstate')).not.toContain(password);
    expect(rotated.stdout + (await logsOf('brokers-rabbitmq'))).not.toContain(password);
    expect(await project.plannedChanges('brokers')).toEqual([]);
    CANARIES.rabbitmq_risk_password = password;
  });
});

describe('messages and points', () => {
  test('are still there after more redeliveries than RabbitMQ allows by default', async () => {
    for (let delivery = 1; delivery <= 30; delivery += 1) {
      const rejected = await management('admin', 'POST', 'queues/%2F/orders/get', { ...GET_ONE, ackmode: REJECTED });
      expect([delivery, await rejected.json()]).toEqual([delivery, [expect.objectContaining({ payload: 'approved' })]]);
    }

    const kept = await management('admin', 'POST', 'queues/%2F/orders/get', GET_ONE);
    expect(await kept.json()).toEqual([expect.objectContaining({ payload: 'approved', redelivered: true })]);
  });

  test('survive the replacement of their servers', async () => {
    const before = idsOf(await containersOf('brokers'));
    await project.edit(STACK, 'consumer_timeout: 900_000', 'consumer_timeout: 600_000');
    await project.edit(STACK, "INFLUXD_LOG_LEVEL: 'info'", "INFLUXD_LOG_LEVEL: 'warn'");
    await project.deploy('brokers');

    expect(replaced(before, idsOf(await containersOf('brokers')))).toEqual(['influxdb', 'rabbitmq']);
    const message = await management('admin', 'POST', 'queues/%2F/orders/get', GET_ONE);
    expect(await message.json()).toEqual([expect.objectContaining({ payload: 'approved' })]);
    expect(await points('report')).toContain('101.5');
    expect(await project.plannedChanges('brokers')).toEqual([]);
  });

  test('are counted in the metrics', async () => {
    expect(await execute('brokers-influxdb', 'curl', '-s', 'http://127.0.0.1:8086/metrics')).toMatch(
      /^storage_writer_ok_points_sum/m,
    );
    expect(await execute('brokers-influxdb', 'curl', '-s', 'http://rabbitmq:15692/metrics')).toMatch(
      /^rabbitmq_queue_messages_ready \d/m,
    );
  });
});

describe('a queue that a client has declared with other arguments', () => {
  const ORDERS = 'queues/%2F/orders';

  test('fails the deploy', async () => {
    await management('admin', 'DELETE', ORDERS);
    await management('admin', 'PUT', ORDERS, { durable: true, arguments: { 'x-queue-type': 'classic' } });
    await mustRun('docker', ['rm', '--force', 'brokers-rabbitmq-topology']);
    const outcome = await project.script('deploy', 'brokers', '--yes');

    expect(outcome.code).not.toBe(0);
    expect(`${outcome.stdout}${outcome.stderr}`).toContain("inequivalent arg 'x-queue-type' for queue 'orders'");
  });

  test('is declared once it has been deleted, together with its bindings', async () => {
    await execute('brokers-rabbitmq', 'rabbitmqctl', 'delete_queue', 'orders');
    await project.deploy('brokers');

    expect(await (await management('admin', 'GET', ORDERS)).json()).toMatchObject({ type: 'quorum' });
    expect(await (await publish('risk', 'orders', 'approved')).json()).toEqual({ routed: true });
  });
});

describe('a token of its own', () => {
  test('cannot read with write permission only, and cannot write with read permission only', async () => {
    expect(await status('feed', 'query', QUERY)).toMatch(/^4\d\d$/);
    expect(await status('report', 'write', 'ticks price=1')).toMatch(/^4\d\d$/);
    expect(await status('feed', 'write', 'ticks price=1')).toBe('204');
  });

  test('gives no access to another bucket', async () => {
    expect(await status('feed', 'write', 'ticks price=1', 'reports')).toMatch(/^4\d\d$/);
  });

  test('keeps working while no replacement can be created', async () => {
    const report = await tokenOf('report');
    await project.edit(STACK, "token('report', { read: true }", "token('report', { read: true, write: true }");
    await project.edit(STACK, "bucket: 'quotes',", "bucket: 'quotes', user: 'nobody',");
    const outcome = await project.script('deploy', 'brokers', '--yes');

    expect(outcome.code).not.toBe(0);
    expect(`${outcome.stdout}${outcome.stderr}`).toContain('could not find user with name "nobody"');
    expect(await tokenOf('report')).toBe(report);
    expect(await status('report', 'query', QUERY)).toBe('200');
    await project.edit(STACK, "token('report', { read: true, write: true }", "token('report', { read: true }");
    await project.edit(STACK, " user: 'nobody',", '');
    await project.deploy('brokers');
    expect(await tokenOf('report')).toBe(report);
  });

  test('stays the same while its permissions do, and is replaced, also in its consumer, when they change', async () => {
    const [feed, report] = [await tokenOf('feed'), await tokenOf('report')];
    const before = idsOf(await containersOf('brokers'));
    await project.edit(STACK, "token('report', { read: true }", "token('report', { read: true, write: true }");
    await project.deploy('brokers');

    expect(replaced(before, idsOf(await containersOf('brokers')))).toEqual(['influxdb-report', 'report']);
    expect(await tokenOf('feed')).toBe(feed);
    expect(await tokenOf('report')).not.toBe(report);
    expect(await status('report', 'write', 'ticks price=2')).toBe('204');
    const old = ['-H', `Authorization: Token ${report}`, `${API}/query?org=brokers`, '-d', '{}'];
    expect(await execute('brokers-influxdb', ...CURL, ...old)).toBe('401');
    expect((await asOperator('influx auth list')).match(/brokers: report/g)).toHaveLength(1);
  });

  test('is kept when its job runs again', async () => {
    const token = await tokenOf('feed');
    await mustRun('docker', ['rm', '--force', '--volumes', 'brokers-influxdb-feed']);
    await project.deploy('brokers');

    expect(await logsOf('brokers-influxdb-feed')).toContain('the token is there');
    expect(await tokenOf('feed')).toBe(token);
  });
});

describe('the retention of a bucket', () => {
  test('can be shorter than the shard groups of the bucket that the setup creates', async () => {
    expect(await retention()).toMatch(/\t72h0m0s\t+24h0m0s\t/);
  });

  test('can be shortened on a volume that has data', async () => {
    await project.edit(STACK, 'retention: Duration.days(3)', 'retention: Duration.hours(12)');
    await project.deploy('brokers');

    expect(await retention()).toMatch(/\t12h0m0s\t+1h0m0s\t/);
    expect(await points('report')).toContain('101.5');
  });
});

describe('a backup', () => {
  test('of the broker has what clients have declared, and no hash of a password', async () => {
    await management('admin', 'PUT', 'vhosts/desk', {});
    await management('admin', 'PUT', 'queues/desk/fills', { durable: true, arguments: { 'x-queue-type': 'stream' } });
    await management('admin', 'PUT', 'exchanges/%2F/late', { type: 'topic', durable: true });
    await management('admin', 'POST', 'bindings/%2F/e/late/q/orders', { routing_key: 'eu.#', arguments: {} });
    await management('admin', 'PUT', 'users/person', { password: 'canary-person', tags: 'monitoring' });

    expect(await outputOf(project.script('backup', 'brokers', 'rabbitmq'))).toContain('is complete');
    await mustRun('docker', ['exec', 'brokers-rabbitmq-backup', 'sh', '/opt/backup/backup.sh', 'fetch', 'latest']);
    const dump = await execute(
      'brokers-rabbitmq-backup',
      'cat',
      '/backup/scratch/restore/backup/scratch/dump/definitions.json',
    );
    expect(dump).toContain('"name":"fills"');
    expect(dump.match(/"password_hash":"[^"]*"/g)).toEqual(Array(3).fill('"password_hash":""'));
  });

  test('of the broker is imported into a throw-away broker, and compared', async () => {
    const outcome = await mustRun('docker', [
      'exec',
      'brokers-rabbitmq-backup',
      'sh',
      '/opt/backup/backup.sh',
      'verify',
    ]);

    expect(outcome).toContain('was restored into a throw-away server and checked');
  });

  withInflux('of InfluxDB is restored into a throw-away server, and every block is read', async () => {
    expect(await outputOf(project.script('backup', 'brokers', 'influxdb'))).toContain('is complete');
    const outcome = await mustRun('docker', [
      'exec',
      'brokers-influxdb-backup',
      'sh',
      '/opt/backup/backup.sh',
      'verify',
    ]);

    expect(outcome).toContain('was restored into a throw-away server and checked');
  });

  test('of the broker brings back what is missing after a destroy with all volumes, and changes nothing else', async () => {
    const before = await definitions();
    await project.destroy('brokers');
    await project.deploy('brokers');
    await management('admin', 'PUT', 'exchanges/%2F/late', { type: 'fanout', durable: true });

    const restored = await outputOf(project.script('restore', 'brokers', 'rabbitmq', 'latest', '--yes'));

    expect(restored).toContain('added: queues "desk" "fills"');
    expect(restored).toContain('kept as is, differs from the backup: exchanges "/" "late"');
    expect(restored).toContain('the user person has no password');
    const after = await definitions();
    expect({ ...after, exchanges: [] }).toEqual({ ...before, exchanges: [] });
    expect(await (await publish('risk', 'orders', 'approved')).json()).toEqual({ routed: true });
    expect((await management('person', 'GET', 'whoami', undefined, 'canary-person')).status).toBe(401);
    expect((await management('person', 'GET', 'whoami', undefined, '')).status).toBe(401);
  });

  withInflux('of InfluxDB comes back with its points, and with tokens that its consumers can use', async () => {
    const stale = await tokenOf('report');
    const restored = await outputOf(project.script('restore', 'brokers', 'influxdb', 'latest', '--yes'));

    expect(restored).toContain('Ran brokers-influxdb-report again.');
    expect(await tokenOf('report')).not.toBe(stale);
    expect(await points('report')).toContain('101.5');
    expect(await status('feed', 'write', 'ticks price=1')).toBe('204');
  });

  withInflux('of InfluxDB is undone if its restore was killed', async () => {
    await status('feed', 'write', 'ticks,symbol=EURUSD price=777');
    const container = 'brokers-influxdb-backup';
    const half = [
      'export INFLUX_TOKEN=$(cat $INFLUX_TOKEN_FILE) INFLUX_CONFIGS_PATH=/tmp/configs',
      'influx backup --compression none /backup/scratch/before_20260101T000000Z',
      'echo /backup/scratch/before_20260101T000000Z > /backup/scratch/unfinished-restore',
      'sh /opt/backup/backup.sh fetch latest && influx restore --full /backup/scratch/restore/backup/scratch/dump/data',
    ];
    await execute(container, 'sh', '-c', half.join(' && '));
    expect(await points('report')).not.toContain('777');

    await mustRun('docker', ['restart', container]);

    await eventually(
      () => logsOf(container),
      (log) => log.includes('the data is as it was'),
    );
    expect(await points('report')).toContain('777');
  });

  test('of the broker that is damaged is refused', async () => {
    const damage =
      'for file in $(find /backup/repository/rabbitmq/data -type f); do chmod 600 $file; printf damage | dd of=$file bs=1 seek=40 conv=notrunc 2> /dev/null; done';
    await execute('brokers-rabbitmq-backup', 'sh', '-c', damage);

    const outcome = await run('docker', ['exec', 'brokers-rabbitmq-backup', 'sh', '/opt/backup/backup.sh', 'verify']);

    expect([outcome.code, outcome.stderr]).toEqual([1, expect.stringContaining('is damaged: it cannot be restored')]);
  });
});

/** The definitions of the broker in an order of their own, without what it says of itself. */
async function definitions(): Promise<Record<string, unknown[]>> {
  const all = (await (await management('admin', 'GET', 'definitions')).json()) as Record<string, unknown>;
  const lists = Object.entries(all).filter(([name, list]) => Array.isArray(list) && name !== 'global_parameters');
  const text = (one: unknown): string => JSON.stringify(one).replace(/"password_hash":"[^"]*"/, '"password_hash":""');
  return Object.fromEntries(lists.map(([name, list]) => [name, (list as unknown[]).map(text).sort()]));
}

async function outputOf(running: Promise<Outcome>): Promise<string> {
  const { code, stdout, stderr } = await running;
  if (code !== 0) throw new Error(`exited with ${code}:\n${stdout}\n${stderr}`);
  return stdout;
}

/** Counts as a delivery, unlike a negative acknowledgement. */
const REJECTED = 'reject_requeue_true';
const GET_ONE = { count: 1, ackmode: 'ack_requeue_true', encoding: 'auto' };
const API = 'http://127.0.0.1:8086/api/v2';
const CURL = ['curl', '-s', '-o', '/dev/null', '-w', '%{http_code}', '-H', 'Content-Type: application/json'];
const FLUX = 'from(bucket: "quotes") |> range(start: -1h) |> filter(fn: (r) => r._measurement == "ticks") |> max()';
const QUERY = JSON.stringify({ type: 'flux', query: FLUX });

/** Queries management as one of the users, with the password from its file. */
async function management(
  user: string,
  method: string,
  path: string,
  body?: object,
  password = user === 'admin' ? CANARIES.rabbitmq_password : CANARIES.rabbitmq_risk_password,
): Promise<Response> {
  const authorization = `Basic ${Buffer.from(`${user}:${password ?? ''}`).toString('base64')}`;
  return fetch(`http://127.0.0.1:45672/api/${path}`, {
    method,
    headers: { authorization, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}

/** Publishes as this user; without an exchange, directly to the queue. */
function publish(user: string, exchange: string, payload: string): Promise<Response> {
  const name = exchange === '' ? 'amq.default' : exchange;
  const message = { routing_key: 'orders', payload, payload_encoding: 'string', properties: { delivery_mode: 2 } };
  return management(user, 'POST', `exchanges/%2F/${name}/publish`, message);
}

/** The token of a consumer. */
async function tokenOf(consumer: string): Promise<string> {
  const image = 'influxdb:2.9-alpine';
  const volume = `brokers_influxdb_${consumer}_token:/t:ro`;
  const read = ['run', '--rm', '--network', 'none', '--volume', volume, '--entrypoint', 'sh', image];
  return (await mustRun('docker', [...read, '-c', 'cat /t/token-*'])).trim();
}

/** The status of a request with a consumer's token. */
async function status(consumer: string, what: 'query' | 'write', body: string, bucket = 'quotes'): Promise<string> {
  const header = `Authorization: Token ${await tokenOf(consumer)}`;
  return execute('brokers-influxdb', ...CURL, '-H', header, `${API}/${what}?org=brokers&bucket=${bucket}`, '-d', body);
}

async function points(consumer: string): Promise<string> {
  const header = `Authorization: Token ${await tokenOf(consumer)}`;
  const ask = ['curl', '-s', '-H', header, '-H', 'Content-Type: application/json', `${API}/query?org=brokers`];
  return execute('brokers-influxdb', ...ask, '-d', QUERY);
}

function retention(): Promise<string> {
  return asOperator('influx bucket list --org brokers --name quotes');
}

function asOperator(command: string): Promise<string> {
  return execute(
    'brokers-influxdb',
    'sh',
    '-c',
    `INFLUX_TOKEN="$(cat /run/secrets/influxdb_operator_token)" ${command}`,
  );
}

const BROKERS_STACK = `
import type { App } from 'cdktf';
import {
  BackupRetention, BackupSchedule, BackupTarget, Duration, type Engine, PublishedPort, Image, InfluxDb, Job, RabbitMqBroker,
  Size, TradingStack,
} from '../../lib';

export function createBrokersStack(app: App, { engine }: { engine: Engine }): TradingStack {
  const stack = new TradingStack(app, 'brokers', { engine });
  const broker = new RabbitMqBroker(stack, 'rabbitmq', {
    exchanges: [{ name: 'orders', type: 'fanout' }],
    queues: [{ name: 'orders', bindings: [{ exchange: 'orders' }] }],
    policies: [{ name: 'limits', pattern: '^orders$', appliesTo: 'queues', definition: { 'max-length': 1000 } }],
    settings: { consumer_timeout: 900_000 },
    ports: [PublishedPort.loopback(15672, { hostPort: 45672 })],
    resources: { memory: Size.mebibytes(512) },
  });
  const influx = new InfluxDb(stack, 'influxdb', {
    bucket: 'quotes',
    retention: Duration.days(3),
    buckets: [{ name: 'reports' }],
    environment: { INFLUXD_LOG_LEVEL: 'info' },
    resources: { memory: Size.mebibytes(256) },
  });
  const to = BackupTarget.hostFolder('TARGET');
  const schedule = BackupSchedule.daily('03:00');
  const retention = BackupRetention.of({ daily: 7 });
  broker.backup({ to, schedule, retention });
  BACKUP_OF_INFLUX
  const image = Image.fromRegistry('influxdb:2.9-alpine');
  const send = (path: string, data: string): string[] => [
    'sh', '-c', 'curl -fsS -H "Authorization: Token $(cat $INFLUXDB_TOKEN_FILE)" -H "Content-Type: application/json"' +
      ' "$INFLUXDB_URL/api/v2/' + path + '?org=$INFLUXDB_ORG&bucket=$INFLUXDB_BUCKET" -d "$0"', data,
  ];
  const risk = broker.user('risk', { write: '^orders$', tags: ['management'] });
  const feed = new Job(stack, 'feed', {
    image,
    uses: [risk, influx.token('feed', { write: true })],
    command: send('write', 'ticks,symbol=EURUSD price=101.5'),
  });
  new Job(stack, 'report', {
    image,
    uses: [feed, influx.token('report', { read: true })],
    command: send('query', '{"type":"flux","query":"from(bucket: \\\\"quotes\\\\") |> range(start: -1h) |> last()"}'),
  });
  return stack;
}
`;

import { containersOf, execute, idsOf, logsOf, refuseExisting, replaced } from './harness/engine';
import { Project } from './harness/project';
import { mustRun } from './harness/run';

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

let project: Project;

beforeAll(async () => {
  await refuseExisting('brokers');
  project = await Project.copy('docker');
  await project.write(STACK, BROKERS_STACK);
  await project.edit(APP, "'../examples/mt5/stack'", "'../examples/brokers/stack'");
  await project.edit(APP, 'import { createMt5Stack }', 'import { createBrokersStack as createMt5Stack }');
  for (const [name, canary] of Object.entries(CANARIES)) await project.write(`.secrets/brokers/${name}`, canary);
});

afterAll(async () => {
  await project.destroy('brokers');
  await project.remove();
});

describe('a broker and a time-series database', () => {
  test('are deployed with everything healthy and every job finished', async () => {
    await project.deploy('brokers');

    const containers = await containersOf('brokers');
    const states = [...containers].map(([name, { State }]) => [name, State.Health?.Status ?? State.ExitCode]);
    expect(Object.fromEntries(states)).toEqual({
      rabbitmq: 'healthy',
      influxdb: 'healthy',
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
import { Duration, type Engine, PublishedPort, Image, InfluxDb, Job, RabbitMqBroker, Size, TradingStack } from '../../lib';

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

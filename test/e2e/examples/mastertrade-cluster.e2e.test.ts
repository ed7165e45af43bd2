import { Cluster, type NodeName } from '../harness/cluster';
import { eventually } from '../harness/engine';
import { CHECKED_FILLS } from '../harness/fills';
import { Project } from '../harness/project';
import { mustRun, run } from '../harness/run';
import { timed } from '../harness/timed';

/** Every service with its number of replicas. */
const SERVICES: Readonly<Record<string, number>> = {
  'mastertrade-postgres-exporter': 1,
  'mastertrade-redis-exporter': 1,
  mastertrade_alerts: 1,
  mastertrade_api_gateway: 1,
  mastertrade_arbitrage_service: 1,
  mastertrade_data_access_api: 1,
  mastertrade_executor: 1,
  mastertrade_grafana: 1,
  mastertrade_market_data: 3,
  mastertrade_postgres: 1,
  mastertrade_prometheus: 1,
  mastertrade_rabbitmq: 1,
  mastertrade_redis: 1,
  mastertrade_risk: 1,
  mastertrade_strategy: 5,
  mastertrade_ui: 1,
};

/** The services with a volume. */
const DATA = [
  'mastertrade_grafana',
  'mastertrade_postgres',
  'mastertrade_prometheus',
  'mastertrade_rabbitmq',
  'mastertrade_redis',
];

const DATA_IMAGES = [
  'postgres:15-alpine',
  'rabbitmq:4.3-management-alpine',
  'redis:7-alpine',
  'prom/prometheus:v3.13.2',
  'grafana/grafana:12.4.9',
];
const EXPORTER_IMAGES = ['quay.io/prometheuscommunity/postgres-exporter:v0.20.1', 'oliver006/redis_exporter:v1.88.0'];

/** Built on this machine, because the nodes cannot reach the npm registry. */
const BUILT = 'trading-stack-e2e/reference-service:built';

// Two gigabytes of images are copied, pushed and pulled, and sixteen services converge one after another.
jest.setTimeout(25 * 60_000);

let cluster: Cluster;
let project: Project;
/** When the deploy began, in the unit of `Date.now()`. */
let deployed: number;

beforeAll(async () => {
  cluster = await timed('two nodes', () => Cluster.start(EXPORTER_IMAGES));
  project = await Project.copy('swarm', cluster.environment());
  await mustRun('docker', ['build', '--tag', BUILT, project.path('examples/reference-service')]);
  await project.write('examples/reference-service/Dockerfile', `FROM ${BUILT}\n`);
  await project.write('bin/trading.ts', APP.replace('REGISTRY', cluster.registry));
  await timed('images of the manager', async () => {
    for (const image of [...DATA_IMAGES, BUILT]) await cluster.load(image, ['manager']);
  });
});

afterAll(async () => {
  await cluster.remove();
  await project.remove();
  await run('docker', ['image', 'rm', BUILT]);
});

describe('MasterTrade on two nodes', () => {
  test('converges with every service and replica healthy', async () => {
    deployed = Date.now();
    await timed('deploy', () => project.deploy('mastertrade'));

    expect(countByService(await tasks())).toEqual(SERVICES);
    expect([...(await troubled('manager')), ...(await troubled('worker'))]).toEqual([]);
  });

  test('has its data on the node with the label', async () => {
    expect((await servicesWithVolumes()).sort()).toEqual(DATA);
    const elsewhere = (await tasks()).filter(({ service, node }) => DATA.includes(service) && node !== 'manager');
    expect(elsewhere).toEqual([]);
    expect(await cluster.docker('worker', 'volume', 'ls', '--quiet', '--filter', 'name=mastertrade_')).toBe('');
  });

  test('plans no change after that', async () => {
    expect(await project.plannedChanges('mastertrade')).toEqual([]);
  });

  test('carries a price across the nodes to a fill that the risk manager approved', async () => {
    await fillsBeyond(0);
    // The first fill comes before the last services are up.
    const first = Number(await query('SELECT extract(epoch FROM min(filled_at)) FROM fills'));
    process.stderr.write(`first fill: ${Math.round(first - deployed / 1000)} s after the deploy began\n`);
    process.stderr.write(`${describeTasks(await tasks())}\n`);
    // The broker and the database of these orders are on the other node.
    const orders = await eventually(ordersOfWorker, ({ length }) => length > 0, 300);
    const known = await query(`${CHECKED_FILLS} AND order_id IN (${orders.map((id) => `'${id}'`).join(', ')})`);
    expect(Number(known)).toBe(orders.length);
    process.stderr.write(
      `orders of a strategy on the worker that were filled: ${orders.length}, ${orders[0] ?? ''} the first\n`,
    );
  });

  test('keeps trading without the node that has no data, and loses no fill', async () => {
    await fillsBeyond(3);
    const before = await fills();
    const started = Date.now();
    await cluster.fail('worker');
    await timed('node stopped until all services are back', () =>
      eventually(
        async () => countByService((await tasks()).filter(({ node }) => node === 'manager')),
        (counts) => JSON.stringify(counts) === JSON.stringify(SERVICES),
        600,
      ),
    );
    expect(await troubled('manager')).toEqual([]);

    await timed('next fill after that', async () => fillsBeyond(await checkedFills()));
    process.stderr.write(`node stopped until the next fill: ${Math.round((Date.now() - started) / 1000)} s\n`);
    const after = await fills();
    expect(before.filter((fill) => !after.includes(fill))).toEqual([]);
    expect(after.length).toBeGreaterThan(before.length);
    process.stderr.write(`fills: ${before.length} before, all there, ${after.length} after\n`);
  });
});

interface RunningTask {
  readonly service: string;
  readonly node: string;
}

/** All running tasks, according to the manager. A task with a health check is running when it is healthy. */
async function tasks(): Promise<RunningTask[]> {
  const services = Object.keys(SERVICES);
  const format = ['--filter', 'desired-state=running', '--format', '{{.Name}} {{.Node}} {{.CurrentState}}'];
  const listed = await cluster.docker('manager', 'service', 'ps', ...format, ...services);
  return listed
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([, , state]) => state === 'Running')
    .map(([name = '', node = '']) => ({ service: name.replace(/\.\d+$/, ''), node }));
}

function countByService(placed: readonly RunningTask[]): Record<string, number> {
  const count = (name: string): number => placed.filter(({ service }) => service === name).length;
  return Object.fromEntries(Object.keys(SERVICES).map((name) => [name, count(name)]));
}

/** The containers of a node that do not pass their probe. */
async function troubled(node: NodeName): Promise<string[]> {
  const format = ['--filter', 'name=^mastertrade[-_]', '--format', '{{.Names}} {{.Status}}'];
  const running = (await cluster.docker(node, 'ps', ...format)).split('\n');
  return running.filter((line) => /\((unhealthy|health: starting)\)/.test(line));
}

async function servicesWithVolumes(): Promise<string[]> {
  const names = Object.keys(SERVICES);
  const inspected = JSON.parse(await cluster.docker('manager', 'service', 'inspect', ...names)) as {
    Spec: { TaskTemplate: { ContainerSpec: { Mounts?: { Type: string }[] } } };
  }[];
  const hasVolume = (index: number): boolean =>
    (inspected[index]?.Spec.TaskTemplate.ContainerSpec.Mounts ?? []).some(({ Type }) => Type === 'volume');
  return names.filter((_, index) => hasVolume(index));
}

/** Filled orders, according to a strategy on the worker. */
async function ordersOfWorker(): Promise<string[]> {
  const container = await cluster.containerOf('mastertrade_strategy', 'worker');
  const log = await cluster.docker('worker', 'logs', container);
  return [...log.matchAll(/order (\S+) filled/g)].map(([, id = '']) => id);
}

async function checkedFills(): Promise<number> {
  return Number(await query(CHECKED_FILLS));
}

async function fillsBeyond(count: number): Promise<void> {
  await eventually(checkedFills, (now) => now > count, 300);
}

/** All columns of each fill. */
async function fills(): Promise<string[]> {
  return (await query('SELECT * FROM fills')).split('\n');
}

async function query(sql: string): Promise<string> {
  const login = ['--username', 'mastertrade', '--dbname', 'mastertrade'];
  const database = await cluster.containerOf('mastertrade_postgres');
  return cluster.docker('manager', 'exec', database, 'psql', ...login, '-tA', '-c', sql);
}

/** A report of the tasks on each node. */
function describeTasks(placed: readonly RunningTask[]): string {
  const on = (name: NodeName): string =>
    placed
      .filter(({ node }) => node === name)
      .map(({ service }) => service)
      .sort()
      .join(', ');
  return `manager: ${on('manager')}\nworker: ${on('worker')}`;
}

const APP = `
import { App } from 'cdktf';
import { createMasterTradeStack } from '../examples/mastertrade/stack';
import { Engine } from '../lib';

export function createApp(options: { readonly outdir?: string } = {}): App {
  const app = new App(options);
  const engine = Engine.swarm({ cluster: { dataNode: { 'trading.data': 'true' }, registry: 'REGISTRY' } });
  const small = { reservations: false, nodeCores: 2 };
  createMasterTradeStack(app, { engine, strategyServices: 5, marketDataServices: 3, ...small });
  return app;
}
`;

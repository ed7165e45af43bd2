import { readdir } from 'node:fs/promises';
import { refuseExisting } from '../harness/engine';
import { Project } from '../harness/project';

/** Ports of the servers, which nothing else commonly uses. */
const PORTS = { db: 15_432, redis: 16_379, rabbitmq: 15_673 };
const APP = 'bin/trading.ts';
const FOLDER = 'examples/reference-service';

let project: Project;

beforeAll(async () => {
  await refuseExisting('servers');
  project = await Project.copy('docker');
  await project.write('examples/servers/stack.ts', SERVERS_STACK);
  await project.edit(APP, "'../examples/mt5/stack'", "'../examples/servers/stack'");
  await project.edit(APP, 'import { createMt5Stack }', 'import { createServersStack as createMt5Stack }');
  await project.deploy('servers');
});

afterAll(async () => {
  await project.destroy('servers');
  await project.remove();
});

/** The reference service has tests that need servers, and skips them if there are none. */
describe('the reference service', () => {
  test('passes its own tests with a real PostgreSQL, Redis and RabbitMQ, and skips none', async () => {
    const installed = await project.run('npm', ['ci', '--prefix', FOLDER]);
    expect(installed).toMatchObject({ code: 0 });

    const test = ['--require', 'ts-node/register', '--test', ...(await testsWithServers())];
    const { stdout, code } = await project.runIn(FOLDER, 'node', test, {
      DATABASE_TEST_URL: `postgresql://tests:${await password('db')}@127.0.0.1:${PORTS.db}/tests`,
      REDIS_TEST_URL: `redis://:${await password('redis')}@127.0.0.1:${PORTS.redis}`,
      RABBITMQ_TEST_URL: `amqp://admin:${await password('rabbitmq')}@127.0.0.1:${PORTS.rabbitmq}/%2F`,
    });

    const failures = stdout.split('\n').filter((line) => /^\s*not ok/.test(line));
    expect({ code, failures, counts: counts(stdout) }).toMatchObject({
      code: 0,
      failures: [],
      counts: { fail: 0, skipped: 0 },
    });
  });
});

/** The others need none, and a test run of their own. */
async function testsWithServers(): Promise<string[]> {
  const names = (await readdir(project.path(`${FOLDER}/test`))).filter((name) => name.endsWith('.test.ts'));
  const texts = await Promise.all(names.map((name) => project.read(`${FOLDER}/test/${name}`)));
  return names.filter((_, index) => texts[index]?.includes('_TEST_URL')).map((name) => `test/${name}`);
}

async function password(server: string): Promise<string> {
  return (await project.read(`.secrets/servers/${server}_password`)).trim();
}

/** The counts of node:test: `# pass 12`, `# skipped 0`. */
function counts(output: string): Record<string, number> {
  return Object.fromEntries(
    [...output.matchAll(/^(?:#|ℹ) (\w+) (\d+)$/gm)].map(([, name = '', number]) => [name, Number(number)]),
  );
}

const SERVERS_STACK = `
import type { App } from 'cdktf';
import { type Engine, PublishedPort, PostgresDb, RabbitMqBroker, RedisCache, Size, TradingStack } from '../../lib';

export function createServersStack(app: App, { engine }: { engine: Engine }): TradingStack {
  const stack = new TradingStack(app, 'servers', { engine, network: { subnet: '10.98.11.0/24' } });
  new PostgresDb(stack, 'db', {
    database: 'tests',
    user: 'tests',
    resources: { memory: Size.mebibytes(512) },
    ports: [PublishedPort.loopback(5432, { hostPort: ${PORTS.db} })],
  });
  new RedisCache(stack, 'redis', { ports: [PublishedPort.loopback(6379, { hostPort: ${PORTS.redis} })] });
  new RabbitMqBroker(stack, 'rabbitmq', { ports: [PublishedPort.loopback(5672, { hostPort: ${PORTS.rabbitmq} })] });
  return stack;
}
`;

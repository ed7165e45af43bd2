import { containersOf, eventually, execute, refuseExisting, volumes } from './harness/engine';
import { CHECKED_FILLS, UNCHECKED_FILLS } from './harness/fills';
import { type Answer, askPanels, excuse } from './harness/panels';
import { Project } from './harness/project';
import { run } from './harness/run';
import { timed } from './harness/timed';

/** The systems, each with its network and the query command of its database. */
const SYSTEMS = [
  { stack: 'mt5', network: 'mt5-net', database: 'mt5-db', login: ['mt5_user', 'mt5'] },
  { stack: 'binance', network: 'trading_network', database: 'binance-db', login: ['trading', 'trading'] },
  { stack: 'alpaca', network: 'trading-net', database: 'alpaca-db', login: ['trading_bot_user', 'trading_bot'] },
  {
    stack: 'mastertrade',
    network: 'mastertrade_network',
    database: 'mastertrade_postgres',
    login: ['mastertrade', 'mastertrade'],
  },
  {
    stack: 'platform',
    network: 'platform',
    database: 'platform-postgres',
    login: ['postgres', 'trading_platform'],
  },
] as const;

/** The systems with a Grafana, and the host port of it. */
const DASHBOARDS = [
  ['mt5', 3000],
  ['binance', 3100],
  ['mastertrade', 3301],
] as const;

type System = (typeof SYSTEMS)[number];

let project: Project;

beforeAll(async () => {
  for (const { stack } of SYSTEMS) await refuseExisting(stack);
  project = await Project.copy('docker');
  // No document asks for the metrics of the machine.
  await project.edit('examples/mastertrade/stack.ts', "(stack, 'monitoring', {", "(stack, 'monitoring', { host: {},");
});

afterAll(async () => {
  for (const { stack } of SYSTEMS) await project.destroy(stack);
  await project.remove();
});

describe.each(SYSTEMS)('$stack by itself', (system) => {
  test('deploys with every service healthy', async () => {
    await timed(`deploy of ${system.stack}`, () => project.deploy(system.stack));

    expect(await unhealthy(system.stack)).toEqual([]);
  });

  test('plans no change after that', async () => {
    expect(await project.plannedChanges(system.stack)).toEqual([]);
  });

  test('carries a price to a fill in PostgreSQL that the risk manager approved', async () => {
    await timed(`first fill of ${system.stack}`, () => filled(system));
  });

  test('is destroyed except for its retained volumes', async () => {
    const destroyed = await timed(`destroy of ${system.stack}`, () => project.script('destroy', system.stack, '--yes'));

    expect(destroyed.code).toBe(0);
    expect([...(await containersOf(system.stack)).keys()]).toEqual([]);
    expect((await run('docker', ['network', 'inspect', system.network])).code).not.toBe(0);
    expect((await volumes()).filter((name) => name.startsWith(`${system.stack}_`))).not.toEqual([]);
  });
});

describe('all five systems on one engine', () => {
  test('are deployed side by side', async () => {
    await timed('deploy of all five', async () => {
      for (const { stack } of SYSTEMS) await project.deploy(stack);
    });

    for (const { stack } of SYSTEMS) expect([stack, await unhealthy(stack)]).toEqual([stack, []]);
  });

  test('trade side by side', async () => {
    for (const system of SYSTEMS) await filled(system);
  });

  test.each(DASHBOARDS)('fill every panel of the dashboards of %s', async (stack, port) => {
    const password = (await project.read(`.secrets/${stack}/grafana_admin_password`)).trim();
    let answers: readonly Answer[] = [];
    await timed(`panels of ${stack}`, () =>
      eventually(
        async () => {
          answers = await askPanels({ port, password });
          return answers.filter((answer) => answer.problem !== undefined && excuse(answer) === undefined);
        },
        (wrong) => wrong.length === 0,
        120,
      ),
    );

    const unproven = answers.filter(({ problem }) => problem !== undefined);
    expect(answers.length).toBeGreaterThan(5 * unproven.length);
    process.stderr.write(`panels of ${stack}: ${answers.length - unproven.length} queries have data\n`);
    for (const answer of unproven) process.stderr.write(`NOT PROVEN, as ${excuse(answer)}: ${answer.query}\n`);
  });

  test('plan no change', async () => {
    for (const { stack } of SYSTEMS) expect([stack, await project.plannedChanges(stack)]).toEqual([stack, []]);
  });
});

/** Waits until one more order has been filled, and makes sure that none was filled without approval. */
async function filled({ database, login: [user, name] }: System): Promise<void> {
  const count = async (statement: string): Promise<number> =>
    Number(await execute(database, 'psql', '-U', user, '-d', name, '-tA', '-c', statement));
  const before = await count(CHECKED_FILLS);
  await eventually(
    () => count(CHECKED_FILLS),
    (fills) => fills > before,
    180,
  );
  expect(await count(UNCHECKED_FILLS)).toBe(0);
}

/** Services that do not run or fail their probe, and jobs that did not exit with 0. */
async function unhealthy(stack: string): Promise<string[]> {
  const containers = [...(await containersOf(stack)).values()];
  if (containers.length === 0) return ['nothing runs'];
  return containers
    .filter(({ State: { Status, ExitCode, Health } }) =>
      Status === 'running' ? (Health?.Status ?? 'healthy') !== 'healthy' : Status !== 'exited' || ExitCode !== 0,
    )
    .map(({ Name, State }) => `${Name}: ${State.Status} ${State.Health?.Status ?? ''} ${State.ExitCode}`);
}

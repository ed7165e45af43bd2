import { containersOf, eventually, refuseExisting, volumes } from './harness/engine';
import { type Answer, askPanels, excuse } from './harness/panels';
import { Project } from './harness/project';
import { run } from './harness/run';
import { SYSTEMS, uncheckedAfterFill, unhealthy } from './harness/systems';
import { timed } from './harness/timed';

/** The systems with a Grafana, and the host port of it. */
const DASHBOARDS = [
  ['mt5', 3000],
  ['binance', 3100],
  ['mastertrade', 3301],
] as const;

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
    expect(await timed(`first fill of ${system.stack}`, () => uncheckedAfterFill(system))).toBe(0);
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
    for (const system of SYSTEMS) expect([system.stack, await uncheckedAfterFill(system)]).toEqual([system.stack, 0]);
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

import { containersOf, eventually, execute, refuseExisting, volumes } from '../harness/engine';
import { describeLoad, Load, type LoadResult } from '../harness/load';
import { type Answer, askAlerts, askPanels, downTargets, excuse } from '../harness/panels';
import { Project } from '../harness/project';
import { firingAlerts } from '../harness/prometheus';
import { run } from '../harness/run';
import { Runbook } from '../harness/runbook';
import { logsIn, passwordOf } from '../harness/logins';
import { type System, SYSTEMS, uncheckedAfterFill, unhealthy } from '../harness/systems';
import { timed } from '../harness/timed';

/** The systems with a Grafana, and the host port of it. */
const DASHBOARDS = [
  ['mt5', 3000],
  ['binance', 3100],
  ['mastertrade', 3301],
] as const;

const BACKUP = 'mastertrade_postgres_backup';
/** Overwrites some bytes of every file with data. */
const DAMAGE =
  'find "$RESTIC_REPOSITORY/data" -type f | while read -r file; do chmod u+w "$file"; ' +
  'printf damaged | dd of="$file" bs=1 seek=$(($(stat -c %s "$file") / 2)) conv=notrunc; done';

/** How long a client may wait for its service: until the services that start before it have been replaced too. */
const LONGEST_GAP_MS = 120_000;

/** Whether to run every command of every runbook, which takes half an hour longer: `npm run test:e2e:runbooks`. */
const RUNS_ALL = process.env['TRADING_STACK_RUNBOOKS'] === 'all';
/** What is run otherwise of the commands that take long: one rotation of each kind of server, and one way back. */
const LONG_COMMANDS = [
  'npm run rotate -- mt5 db_password',
  'npm run rotate -- mt5 redis_password',
  'npm run rotate -- mt5 grafana_admin_password',
  'npm run rotate -- mastertrade rabbitmq_password',
  'npm run rotate -- platform influxdb_password',
  'npm run rollback -- alpaca',
  'npm run images -- alpaca --prune',
];

let project: Project;
let runbooks: ReadonlyMap<string, Runbook>;

beforeAll(async () => {
  for (const { stack } of SYSTEMS) await refuseExisting(stack);
  project = await Project.copy('docker');
  // No document asks for the metrics of the machine.
  await project.edit('examples/mastertrade/stack.ts', "(stack, 'monitoring', {", "(stack, 'monitoring', { host: {},");
  const written = new Map<string, Runbook>();
  for (const { stack } of SYSTEMS) written.set(stack, await Runbook.write(project, stack));
  runbooks = written;
});

afterAll(async () => {
  for (const { stack } of SYSTEMS) await project.destroy(stack);
  await project.remove();
});

describe.each(SYSTEMS)('$stack', (system) => {
  test('deploys with every service healthy', async () => {
    await timed(`deploy of ${system.stack}`, () => runbookOf(system.stack).runAll('deploy'));

    expect(await unhealthy(system.stack)).toEqual([]);
  });

  test('carries a price to a fill in PostgreSQL that the risk manager approved', async () => {
    expect(await timed(`first fill of ${system.stack}`, () => uncheckedAfterFill(system))).toBe(0);
  });
});

describe('all five systems on one engine', () => {
  test('are healthy and trade side by side', async () => {
    for (const { stack } of SYSTEMS) expect([stack, await unhealthy(stack)]).toEqual([stack, []]);
    for (const system of SYSTEMS) expect([system.stack, await uncheckedAfterFill(system)]).toEqual([system.stack, 0]);
  });

  test.each(DASHBOARDS)('scrape every target, and fill every panel of the dashboards of %s', async (stack, port) => {
    const password = await passwordOf(project, stack, 'grafana_admin_password');
    let answers: readonly Answer[] = [];
    await timed(`panels of ${stack}`, () =>
      eventually(
        async () => {
          answers = await askPanels({ port, password });
          return unexcused(answers);
        },
        (wrong) => wrong.length === 0,
        120,
      ),
    );

    expect(await downTargets({ port, password })).toEqual([]);
    expect(answers.length).toBeGreaterThan(5 * report(`panels of ${stack}`, answers));
  });

  test.each(DASHBOARDS)('load every alert, about metrics that exist, of %s', async (stack, port) => {
    const password = await passwordOf(project, stack, 'grafana_admin_password');
    const answers = await askAlerts({ port, password });

    expect(unexcused(answers)).toEqual([]);
    expect(answers.length).toBeGreaterThan(30);
    report(`alerts of ${stack}`, answers);
  });

  test(
    'have runbooks whose commands succeed, also those that rotate a password under load',
    async () => {
      const [longest, others] = [['mastertrade'], ['mt5', 'binance', 'alpaca', 'platform']];
      // Two at once, as a rotation mostly waits for health checks.
      const ends = await timed('commands of the runbooks', () => Promise.allSettled([longest, others].map(runEach)));
      expect(ends.filter(({ status }) => status === 'rejected')).toEqual([]);
    },
    (RUNS_ALL ? 60 : 20) * 60_000,
  );

  test('plan no change', async () => {
    for (const { stack } of SYSTEMS) {
      expect([stack, await unhealthy(stack)]).toEqual([stack, []]);
      expect([stack, await project.plannedChanges(stack)]).toEqual([stack, []]);
    }
  });
});

test('a damaged backup is refused by its verification, and fires an alert', async () => {
  await execute(BACKUP, 'sh', '-c', DAMAGE);
  const verified = await run('docker', ['exec', BACKUP, 'sh', '/opt/backup/backup.sh', 'verify']);

  expect([verified.code, verified.stderr]).toEqual([1, expect.stringContaining('it cannot be restored')]);
  await timed('alert after a failed verification', () =>
    eventually(
      () => firingAlerts('mastertrade_prometheus'),
      (firing) => firing.some((alert) => alert.endsWith('/BackupVerificationFailed')),
    ),
  );
});

describe.each(SYSTEMS)('$stack', ({ stack, network }) => {
  test('is destroyed except for its retained volumes', async () => {
    await timed(`destroy of ${stack}`, () => runbookOf(stack).runAll('destroy'));

    expect([...(await containersOf(stack)).keys()]).toEqual([]);
    expect((await run('docker', ['network', 'inspect', network])).code).not.toBe(0);
    expect((await volumes()).filter((name) => name.startsWith(`${stack}_`))).not.toEqual([]);
  });

  test('is destroyed with its volumes', async () => {
    await runbookOf(stack).runAll('destroy data');

    expect((await volumes()).filter((name) => name.startsWith(`${stack}_`))).toEqual([]);
  });
});

test('of the commands of all runbooks, at least one of each form was run', () => {
  const left = [...runbooks.values()].flatMap((runbook) => runbook.notRun());

  expect(left.filter((line) => RUNS_ALL || !Runbook.wasFormRun(line))).toEqual([]);
  process.stderr.write(`NOT RUN, as another one of the same form was:\n${left.join('\n')}\n`);
});

function isToBeRun(line: string): boolean {
  return RUNS_ALL || LONG_COMMANDS.includes(line);
}

function runbookOf(stack: string): Runbook {
  const runbook = runbooks.get(stack);
  if (runbook === undefined) throw new Error(`There is no runbook of ${stack}.`);
  return runbook;
}

async function runEach(stacks: readonly string[]): Promise<void> {
  for (const system of SYSTEMS.filter(({ stack }) => stacks.includes(stack))) {
    const runbook = runbookOf(system.stack);
    for (const stage of ['read', 'change'] as const) await (RUNS_ALL ? runbook.runAll(stage) : runbook.runNew(stage));
    for (const line of runbook.notRun('rotate').filter(isToBeRun)) await rotate(system, line);
    for (const line of runbook.notRun('go back').filter(isToBeRun)) await goBack(system.stack, line);
  }
}

/** Of Alpaca with other code since its first deploy; of the others, to the deploy before the last rotation. */
async function goBack(stack: string, line: string): Promise<void> {
  const [before, after] = ["SYMBOLS: 'AAPL,MSFT,SPY'", "SYMBOLS: 'AAPL,MSFT'"];
  const needsChange = line === 'npm run rollback -- alpaca';
  if (needsChange) {
    await project.edit(`examples/${stack}/stack.ts`, before, after);
    await project.deploy(stack);
  }
  await runbookOf(stack).run(line);
  if (needsChange) await project.edit(`examples/${stack}/stack.ts`, after, before);
}

/** Rotates a password, and counts the requests of a client that failed. */
async function rotate(system: System, line: string): Promise<void> {
  const { stack } = system;
  const secret = line.split(' ').at(-1) ?? '';
  const old = await passwordOf(project, stack, secret);
  const load = new Load(system.reading);
  const started = Date.now();
  let result: LoadResult;
  try {
    await runbookOf(stack).run(line);
  } finally {
    result = await load.end();
  }
  const seconds = Math.round((Date.now() - started) / 1000);
  process.stderr.write(`rotation of ${secret} of ${stack}: ${seconds} s, ${describeLoad(result)}\n`);

  expect([stack, secret, result.longestGapMs < LONGEST_GAP_MS]).toEqual([stack, secret, true]);
  expect([stack, secret, await logsIn(system, secret, old)]).toEqual([stack, secret, false]);
  expect([stack, secret, await logsIn(system, secret, await passwordOf(project, stack, secret))]).toEqual([
    stack,
    secret,
    true,
  ]);
}

function unexcused(answers: readonly Answer[]): Answer[] {
  return answers.filter((answer) => answer.problem !== undefined && excuse(answer) === undefined);
}

/** @returns the number of queries that are not proven */
function report(what: string, answers: readonly Answer[]): number {
  const unproven = answers.filter(({ problem }) => problem !== undefined);
  process.stderr.write(`${what}: ${answers.length - unproven.length} queries have data or metrics\n`);
  for (const answer of unproven) process.stderr.write(`NOT PROVEN, as ${excuse(answer)}: ${answer.query}\n`);
  return unproven.length;
}

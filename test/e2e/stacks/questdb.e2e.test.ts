import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { questDbMetrics } from '../../../lib/services/questdb/metrics';
import { containersOf, eventually, execute, logsOf, refuseExisting } from '../harness/engine';
import { describeLoad, Load } from '../harness/load';
import { Project } from '../harness/project';
import { missingFrom } from '../harness/prometheus';
import { mustRun, run } from '../harness/run';

/** Replaces the project's stacks: a database and a client of it. */
const APP = 'bin/trading.ts';
const STACK = 'examples/questdb/stack.ts';
const IMAGE = 'questdb/questdb:10.0.1';
/** A string that must not appear anywhere except in files of secrets; clients have to escape some of it. */
const CANARY = 'canary-6jXs;of-the/database:@%';

/** On a busy machine, with the shutdown of the server before it. */
const LONGEST_RESTART_MS = 60_000;

const ROWS = 'select symbol, price, timestamp from trades order by timestamp';

/** Its stand-in needs Maven Central, which other tests do not. */
const isProvided = spawnSync('docker', ['image', 'inspect', IMAGE]).status === 0;
if (!isProvided) {
  process.stderr.write(
    `\n${'!'.repeat(80)}\nThe tests of QuestDB did NOT run: ${IMAGE} is missing.\n${'!'.repeat(80)}\n`,
  );
}
const withImage = isProvided ? describe : describe.skip;

withImage('QuestDB', () => {
  let project: Project;
  let target: string;

  beforeAll(async () => {
    await refuseExisting('ticks');
    target = await mkdtemp(join(tmpdir(), 'trading-stack-backups-'));
    await chmod(target, 0o777);
    project = await Project.copy('docker');
    await project.write(STACK, TICKS_STACK.replace('TARGET', target));
    await project.edit(APP, "'../examples/mt5/stack'", "'../examples/questdb/stack'");
    await project.edit(APP, 'import { createMt5Stack }', 'import { createTicksStack as createMt5Stack }');
    await project.write('.secrets/ticks/questdb_password', CANARY);
  });

  afterAll(async () => {
    await project.destroy('ticks');
    await project.remove();
    await rm(target, { recursive: true, force: true });
  });

  test('is deployed with a read-only root file system, and planned without a change after that', async () => {
    await project.deploy('ticks');

    const server = (await containersOf('ticks')).get('questdb');
    expect(await statusOfServer()).toBe('healthy');
    expect(server?.Config.User).toBe('questdb');
    expect(server?.HostConfig).toMatchObject({ ReadonlyRootfs: true, CapDrop: ['ALL'] });
    expect(await project.plannedChanges('ticks')).toEqual([]);
  });

  test('is read over each protocol, whichever wrote the rows', async () => {
    const lines = ['trades,symbol=BTC price=101.5 1', 'trades,symbol=ETH price=101.5 2'].join('\n');
    const written = await http('/write?precision=s', CANARY, lines);
    await sql("insert into trades (symbol, price, timestamp) values ('SOL', 7.25, '2026-11-30T00:00:00Z')");

    expect(written.status).toBe(204);
    await eventually(countRows, (rows) => rows === '3');
    const answer = await http(`/exec?query=${encodeURIComponent('select symbol, price from trades')}`, CANARY);
    expect(await answer.json()).toMatchObject({
      dataset: [
        ['BTC', 101.5],
        ['ETH', 101.5],
        ['SOL', 7.25],
      ],
    });
  });

  test('gives its own clients a configuration string in which the password is escaped', async () => {
    expect(await execute('ticks-client', 'sh', '-c', 'cat $QDB_CLIENT_CONF_FILE')).toBe(
      `http::addr=questdb:9000;username=admin;password=${CANARY.replace(';', ';;')};`,
    );
  });

  test("refuses a wrong password, and QuestDB's own, on every protocol", async () => {
    for (const password of ['wrong', 'quest']) {
      expect((await http('/exec?query=select+1', password)).status).toBe(401);
      expect((await http('/write', password, 'trades price=1')).status).toBe(401);
      const login = `postgresql://admin:${password}@questdb:8812/qdb`;
      const outcome = await run('docker', ['exec', 'ticks-client', 'psql', '-Atc', 'select 1', login]);
      expect([outcome.code, outcome.stderr]).toEqual([2, expect.stringContaining('invalid username/password')]);
    }
    const lineOverTcp = ['exec', 'ticks-questdb', 'bash', '-c', '</dev/tcp/127.0.0.1/9009'];
    expect((await run('docker', lineOverTcp)).stderr).toContain('Connection refused');
  });

  test('keeps the password out of the output, plan, state, inspect, logs and the history of the image', async () => {
    const names = ['ticks-questdb', 'ticks-client'];
    const places: Record<string, string> = {
      'cdk.tf.json': await project.read('cdktf.out/stacks/ticks/cdk.tf.json'),
      plan: await project.terraform('ticks', 'show', '-json', 'review.plan'),
      state: await project.read('terraform.ticks.tfstate'),
      inspect: await mustRun('docker', ['inspect', ...names]),
      logs: await logsOf('ticks-questdb'),
      history: await mustRun('docker', ['history', '--no-trunc', IMAGE]),
    };
    for (const [place, text] of Object.entries(places)) {
      expect(text.length).toBeGreaterThan(500);
      expect([place, text.includes('canary-6jXs')]).toEqual([place, false]);
    }
  });

  test('has every metric that panels and alerts ask for', async () => {
    const metrics = await (await fetch('http://127.0.0.1:49003/metrics')).text();

    expect(missingFrom(metrics, questDbMetrics('questdb', 'questdb'))).toEqual([]);
  });

  test('keeps its rows over a restart, and over a destroy and a deploy with other settings', async () => {
    await mustRun('docker', ['restart', 'ticks-questdb']);
    await eventually(statusOfServer, (status) => status === 'healthy');
    expect(await countRows()).toBe('3');

    expect((await project.script('destroy', 'ticks', '--yes')).code).toBe(0);
    await project.edit(STACK, "'query.timeout': '2m'", "'query.timeout': '3m'");
    await project.deploy('ticks');

    expect(await countRows()).toBe('3');
  });

  test('has the same rows after a backup, a destroy with all volumes, a deploy and a restore', async () => {
    const rows = await sql(ROWS);
    const made = await project.script('backup', 'ticks', 'questdb');
    expect([made.code, made.stdout]).toEqual([0, expect.stringContaining('is complete')]);
    await project.destroy('ticks');
    await project.deploy('ticks');
    await sql('create table since_then as (select 1 as id)');

    const restored = await project.script('restore', 'ticks', 'questdb', 'latest', '--yes');

    expect([restored.code, restored.stdout]).toEqual([0, expect.stringContaining('Stopped ticks-questdb.')]);
    await eventually(statusOfServer, (status) => status === 'healthy');
    expect(await sql(ROWS)).toBe(rows);
    expect(await sql('select table_name from tables()')).toBe('trades');
    expect(await execute('ticks-questdb', 'sh', '-c', 'ls -d db_before_*')).toMatch(/^db_before_\w+$/);
  });

  test('has its rows again when the container of the backup starts after a restore that was killed', async () => {
    const rows = await sql(ROWS);
    await mustRun('docker', ['stop', 'ticks-questdb']);
    const half = [
      'cd /var/lib/questdb && rm -rf db_before_* && mv db db_before_20260101T000000Z && mkdir db',
      'echo /var/lib/questdb/db_before_20260101T000000Z > /backup/scratch/unfinished-restore',
    ];
    await execute('ticks-questdb-backup', 'sh', '-c', half.join(' && '));

    await mustRun('docker', ['restart', 'ticks-questdb-backup']);

    await eventually(
      () => logsOf('ticks-questdb-backup'),
      (log) => log.includes('the data is as it was'),
    );
    await mustRun('docker', ['start', 'ticks-questdb']);
    await eventually(statusOfServer, (status) => status === 'healthy');
    expect(await sql(ROWS)).toBe(rows);
  });

  test('accepts only the new password after a rotation under load', async () => {
    const file = project.path('.secrets/ticks/questdb_password');
    const load = new Load('http://127.0.0.1:49000/exec?query=select+1', () => login(readFileSync(file, 'utf8').trim()));
    const { code } = await project.script('rotate', 'ticks', 'questdb_password', '--yes');
    const result = await load.end();
    process.stderr.write(`rotation of questdb_password of ticks: ${describeLoad(result)}\n`);

    expect(code).toBe(0);
    expect((await http('/exec?query=select+1', CANARY)).status).toBe(401);
    expect(await sql('select 1')).toBe('1');
    expect(result.longestGapMs).toBeLessThan(LONGEST_RESTART_MS);
  });
});

/** A request over HTTP; with lines it writes them. */
function http(path: string, password: string, lines?: string): Promise<Response> {
  const body = lines === undefined ? {} : { method: 'POST', body: lines };
  return fetch(`http://127.0.0.1:49000${path}`, { headers: login(password), ...body });
}

function login(password: string): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(`admin:${password}`).toString('base64')}` };
}

/** A statement over the PostgreSQL wire protocol, as the client logs in with what it got. */
function sql(statement: string): Promise<string> {
  return execute('ticks-client', 'sh', '-c', 'psql -Atc "$0" "$(cat $QUESTDB_URL_FILE)"', statement);
}

async function statusOfServer(): Promise<string | undefined> {
  return (await containersOf('ticks')).get('questdb')?.State.Health?.Status;
}

function countRows(): Promise<string> {
  return sql('select count() from trades');
}

const TICKS_STACK = `
import type { App } from 'cdktf';
import { BackupRetention, BackupSchedule, BackupTarget, type Engine, HealthCheck, Image, PublishedPort, QuestDb, Size, TradingStack, Workload } from '../../lib';

export function createTicksStack(app: App, { engine }: { engine: Engine }): TradingStack {
  const stack = new TradingStack(app, 'ticks', { engine });
  const questdb = new QuestDb(stack, 'questdb', {
    settings: { 'query.timeout': '2m' },
    ports: [PublishedPort.loopback(9000, { hostPort: 49000 }), PublishedPort.loopback(9003, { hostPort: 49003 })],
    resources: { memory: Size.mebibytes(640) },
  });
  questdb.backup({
    to: BackupTarget.hostFolder('TARGET'),
    schedule: BackupSchedule.daily('03:00'),
    retention: BackupRetention.of({ last: 3 }),
  });
  new Workload(stack, 'client', {
    image: Image.fromRegistry('postgres:17-alpine'),
    uses: [questdb, questdb.clientConfiguration()],
    command: ['sleep', 'infinity'],
    healthCheck: HealthCheck.none(),
  });
  return stack;
}
`;

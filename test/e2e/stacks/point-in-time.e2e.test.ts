import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { containersOf, eventually, execute, logsOf, refuseExisting } from '../harness/engine';
import { Project } from '../harness/project';
import { mustRun, type Outcome, run } from '../harness/run';

const APP = 'bin/trading.ts';
const STACK = 'examples/points/stack.ts';

let project: Project;
let target: string;
/** A time under load, and the rows of that moment. */
let time: string;
let checksum: string;

beforeAll(async () => {
  await refuseExisting('points');
  target = await mkdtemp(join(tmpdir(), 'trading-stack-points-'));
  await chmod(target, 0o777);
  project = await Project.copy('docker');
  await project.write(STACK, stackWith(target));
  await project.edit(APP, "'../examples/mt5/stack'", "'../examples/points/stack'");
  await project.edit(APP, 'import { createMt5Stack }', 'import { createPointsStack as createMt5Stack }');
});

afterAll(async () => {
  await project.destroy('points');
  await project.remove();
  await rm(target, { recursive: true, force: true });
});

test('the server is restored to a time under 200 transactions a second, with each commit up to then and none after', async () => {
  await project.deploy('points');
  await eventually(
    () => logsOf('points-db-backup'),
    (log) => log.includes('was restored into a throw-away server'),
  );
  await sql('CREATE TABLE trades AS SELECT i AS id, md5(i::text) AS note FROM generate_series(1, 100000) i');
  await sql('CREATE TABLE ticks (id serial, note text)');
  const writing = run('docker', [
    'exec',
    'points-client',
    'sh',
    '-c',
    `psql -Xq -c "${WRITES}" "$(cat $DATABASE_URL_FILE)"`,
  ]);
  await eventually(
    () => sql('SELECT count(*) > 400 FROM ticks'),
    (enough) => enough === 't',
  );
  time = await sql('SELECT to_char(clock_timestamp() AT TIME ZONE \'UTC\', \'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"\')');
  await sql('SELECT pg_sleep(1)');
  await sql('DROP TABLE trades');
  await writing;
  const committed = await sql(`SELECT ${CHECKSUM} FROM ticks WHERE pg_xact_commit_timestamp(xmin) <= '${time}'`);
  checksum = `${committed}|${await sql("SELECT md5(string_agg(md5(i::text), ',' ORDER BY i)) FROM generate_series(1, 100000) i")}`;

  const restored = await outputOf(project.script('restore', 'points', 'db', '--at', time, '--yes'));

  expect(restored).toContain(`was rolled forward to ${time} in a throw-away server`);
  expect(restored).toMatch(/Stopped points-client\.[^]*Started points-client\./);
  expect(await rows()).toBe(checksum);
  const [kept = ''] = /points_before_\w+/.exec(restored) ?? [];
  expect(await asAdmin(kept, 'SELECT count(*) FROM ticks')).toBe('2000');
  expect(await statusOfBackup()).toBe('healthy');
  expect(await project.plannedChanges('points')).toEqual([]);
});

test('that is also possible after a destroy with all volumes and a deploy, which begins with another cluster', async () => {
  await project.destroy('points');
  await project.deploy('points');
  expect(await sql("SELECT count(*) FROM pg_tables WHERE tablename = 'trades'")).toBe('0');

  await eventually(
    () => project.script('restore', 'points', 'db', '--at', time, '--yes'),
    // The first backup of the new server may run.
    ({ code }) => code === 0,
  );

  expect(await rows()).toBe(checksum);
  const made = await backups();
  expect(made).toHaveLength(2);
  expect(made.map(({ points }) => points !== null)).toEqual([true, true]);
});

test('a part of the log that was never received is reported, and a new backup begins what can be restored', async () => {
  await mustRun('docker', ['stop', 'points-db-backup']);
  await asAdmin('template1', "SELECT pg_drop_replication_slot('trading_stack_backup')");
  for (let count = 0; count < 3; count += 1) {
    await asAdmin('points', `CREATE TABLE since_${count} (id int)`);
    await asAdmin('points', 'SELECT pg_switch_wal()');
    await asAdmin('points', 'CHECKPOINT');
  }

  await mustRun('docker', ['start', 'points-db-backup']);

  await eventually(
    () => logsOf('points-db-backup'),
    (log) =>
      log.includes('before the next backup, which begins now: it does not have the write-ahead log that would be next'),
  );
  await eventually(backups, (made) => made.length === 3 && made.every(({ points }) => points !== null));
  expect(Number(await metric('backup_recovery_gap_timestamp_seconds'))).toBeGreaterThan(Date.now() / 1000 - 120);
  expect(Number(await metric('backup_recovery_point_timestamp_seconds'))).toBeGreaterThan(Date.now() / 1000 - 60);
  const [, before, after] = await backups();
  const missing = new Date((Date.parse(before?.points?.until ?? '') + Date.parse(after?.points?.from ?? '')) / 2);
  const refused = await project.script('restore', 'points', 'db', '--at', missing.toISOString(), '--yes');
  expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('is missing around that time')]);
});

/** 200 transactions a second for ten seconds. */
const WRITES =
  'DO \\$\\$ BEGIN FOR i IN 1..2000 LOOP INSERT INTO ticks (note) VALUES (md5(i::text)); COMMIT; PERFORM pg_sleep(0.005); END LOOP; END \\$\\$';

const CHECKSUM = "count(*) || '|' || md5(string_agg(id || note, ',' ORDER BY id))";

/** The rows of both tables. */
async function rows(): Promise<string> {
  return `${await sql(`SELECT ${CHECKSUM} FROM ticks`)}|${await sql("SELECT md5(string_agg(note, ',' ORDER BY id)) FROM trades")}`;
}

interface Made {
  readonly points: { readonly from: string; readonly until: string } | null;
}

async function backups(): Promise<readonly Made[]> {
  const output = await outputOf(project.script('backups', 'points', 'db', '--json'));
  return (JSON.parse(output) as { readonly backups: readonly Made[] }).backups;
}

/** A statement, as the client logs in with what it got. */
function sql(statement: string): Promise<string> {
  return execute('points-client', 'sh', '-c', 'psql -XAtqc "$0" "$(cat $DATABASE_URL_FILE)"', statement);
}

function asAdmin(database: string, statement: string): Promise<string> {
  return execute('points-db', 'psql', '-XAtqU', 'points', '-d', database, '-c', statement);
}

async function outputOf(running: Promise<Outcome>): Promise<string> {
  const { code, stdout, stderr } = await running;
  expect([code, stderr]).toEqual([0, expect.anything()]);
  return stdout;
}

async function statusOfBackup(): Promise<string | undefined> {
  return (await containersOf('points')).get('db-backup')?.State.Health?.Status;
}

async function metric(name: string): Promise<string | undefined> {
  const metrics = await (await fetch('http://127.0.0.1:49101/metrics')).text();
  return new RegExp(`^${name} (.*)$`, 'm').exec(metrics)?.[1];
}

function stackWith(folder: string): string {
  return `
import type { App } from 'cdktf';
import {
  BackupRetention, BackupSchedule, BackupTarget, Duration, type Engine, HealthCheck, Image, PostgresDb, PublishedPort,
  TradingStack, Workload,
} from '../../lib';

export function createPointsStack(app: App, { engine }: { engine: Engine }): TradingStack {
  const stack = new TradingStack(app, 'points', { engine });
  const settings = { track_commit_timestamp: 'on', min_wal_size: '32MB', max_wal_size: '64MB' };
  const database = new PostgresDb(stack, 'db', { database: 'points', settings });
  database.backup({
    to: BackupTarget.hostFolder('${folder}'),
    schedule: BackupSchedule.daily('03:00'),
    retention: BackupRetention.of({ last: 20 }),
    recoveryPointEvery: Duration.seconds(10),
    ports: [PublishedPort.loopback(9101, { hostPort: 49101 })],
  });
  new Workload(stack, 'client', {
    image: Image.fromRegistry('postgres:17-alpine'),
    uses: [database],
    command: ['sleep', 'infinity'],
    healthCheck: HealthCheck.none(),
  });
  return stack;
}
`;
}

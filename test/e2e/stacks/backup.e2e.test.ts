import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { backupMetrics } from '../../../lib/backup/metrics';
import { containersOf, eventually, execute, logsOf, refuseExisting } from '../harness/engine';
import { Project } from '../harness/project';
import { missingFrom } from '../harness/prometheus';
import { mustRun, type Outcome, run } from '../harness/run';

/** Replaces the project's stacks: a database, a client of it, and its backup. */
const APP = 'bin/trading.ts';
const STACK = 'examples/backup/stack.ts';
/** Strings that must not appear anywhere except in files of secrets. */
const CANARY = 'canary-6jXs-of-the-database';
const KEY_CANARY = 'canary-6jXs-of-the-repository';
/** Clients that take it for a connection string would connect to another server, with the password of this one. */
const ODD_NAME = ' host=203.0.113.9 connect_timeout=2 dbname=x';
/** A target of a few MiB. */
const SMALL_VOLUME = 'vault-e2e-small';
/** Host ports of the metrics of both backups. */
const DATABASE_METRICS = 49101;
const CACHE_METRICS = 49102;

let project: Project;
let target: string;
/** What is in the volume when it is backed up. */
let journal: string;
/** Of a backup without a write-ahead log. */
const FACTS = { server: 'db', interval: 1, verifyEvery: 1, pointEvery: undefined };
/** The number of orders at the start and at the end of the backup under load. */
let meanwhile = { before: NaN, after: NaN };

beforeAll(async () => {
  await refuseExisting('vault');
  target = await mkdtemp(join(tmpdir(), 'trading-stack-backups-'));
  await chmod(target, 0o777);
  project = await Project.copy('docker');
  await project.write(STACK, stackWith(`BackupTarget.hostFolder('${target}')`));
  await project.edit(APP, "'../examples/mt5/stack'", "'../examples/backup/stack'");
  await project.edit(APP, 'import { createMt5Stack }', 'import { createVaultStack as createMt5Stack }');
  await project.write('.secrets/vault/db_password', CANARY);
  await project.write('.secrets/vault/db_backup_password', KEY_CANARY);
  await project.write('.secrets/vault/redis_password', `${CANARY}-redis`);
});

afterAll(async () => {
  await project.destroy('vault');
  await project.remove();
  await run('docker', ['volume', 'rm', SMALL_VOLUME]);
  await rm(target, { recursive: true, force: true });
});

test('a deploy starts the container, which makes a first backup and restores it into a throw-away server', async () => {
  await project.deploy('vault');

  await eventually(
    () => logsOf('vault-db-backup'),
    (log) => log.includes('was restored into a throw-away server'),
  );
  const container = (await containersOf('vault')).get('db-backup');
  expect(container?.HostConfig).toMatchObject({ ReadonlyRootfs: true, CapDrop: ['ALL'] });
  expect(container?.Config.User).toBe('postgres');
  expect(await project.plannedChanges('vault')).toEqual([]);
  expect(await metric('backup_last_run_successful')).toBe('1');
  expect(await metric('backup_verify_successful')).toBe('1');
  expect(Number(await metric('backup_last_success_timestamp_seconds'))).toBeGreaterThan(Date.now() / 1000 - 120);
});

test('each backup has every metric that its panels and alerts ask for', async () => {
  const asked = backupMetrics('db-backup', 'db-backup', FACTS);
  for (const port of [DATABASE_METRICS, CACHE_METRICS]) {
    // That of Redis has been started last.
    const page = await eventually(
      () => pageOf(port),
      (text) => text.includes('backup_count'),
    );
    expect([port, missingFrom(page, asked)]).toEqual([port, []]);
  }
});

test('a backup under 200 writes a second has every transaction completely or not at all', async () => {
  await sql(
    'CREATE TABLE trades AS SELECT i AS id, i * 1.5 AS price, md5(i::text) AS note FROM generate_series(1, 100000) i',
  );
  await sql('CREATE TABLE orders (id int); CREATE TABLE fills (id int)');
  await sql(`CREATE DATABASE "${ODD_NAME}"`);
  const writing = run('docker', [
    'exec',
    'vault-client',
    'sh',
    '-c',
    `psql -Xq -c "${WRITES}" "$(cat $DATABASE_URL_FILE)"`,
  ]);
  await eventually(
    () => sql('SELECT count(*) > 100 FROM orders'),
    (enough) => enough === 't',
  );
  const [before, started] = [Number(await sql('SELECT count(*) FROM orders')), Date.now()];

  expect(await outputOf(project.script('backup', 'vault', 'db'))).toContain('is complete');

  const after = Number(await sql('SELECT count(*) FROM orders'));
  // Each transaction writes two rows.
  const perSecond = Math.round((2 * (after - before)) / ((Date.now() - started) / 1000));
  process.stderr.write(`backup under ${perSecond} writes a second\n`);
  expect(perSecond).toBeGreaterThan(200);
  meanwhile = { before, after };
  await writing;
});

test('after a destroy with all volumes, a deploy and a restore, the rows are the same', async () => {
  const checksum = await sql(CHECKSUM);
  await redis('EVAL', FILL_KEYS, '0');
  await redis('SET', 'session', 'open', 'EX', '3600');
  expect(await outputOf(project.script('backup', 'vault', 'redis'))).toContain('is complete');
  await execute('vault-client', 'sh', '-c', FILL_JOURNAL);
  journal = await execute('vault-client', 'sh', '-c', LIST_JOURNAL);
  expect(await outputOf(project.script('backup', 'vault', 'journal'))).toContain('is complete');
  await project.destroy('vault');
  await project.deploy('vault');
  await sql('CREATE TABLE since_then AS SELECT 1 AS id');
  const startedAt = await inspected('vault-client', '{{.State.StartedAt}}');

  const restored = await outputOf(project.script('restore', 'vault', 'db', 'latest', '--yes'));

  expect(restored).toContain('Stopped vault-client.');
  expect(restored).toContain('Started vault-client.');
  expect(await sql(CHECKSUM)).toBe(checksum);
  expect(await sql('SELECT count(*) FROM trades')).toBe('100000');
  const orders = Number(await sql('SELECT count(*) FROM orders'));
  expect(orders).toBeGreaterThanOrEqual(meanwhile.before);
  expect(orders).toBeLessThanOrEqual(meanwhile.after);
  expect(Number(await sql('SELECT count(*) FROM fills'))).toBe(orders);
  expect(await sql(`SELECT count(*) FROM pg_database WHERE datname = '${ODD_NAME}'`)).toBe('1');
  const [kept = ''] = /vault_before_\w+/.exec(restored) ?? [];
  expect(await mustRun('docker', ['exec', 'vault-db', ...PSQL, kept, '-c', 'SELECT id FROM since_then'])).toBe('1\n');
  expect(await inspected('vault-client', '{{.State.StartedAt}}')).not.toBe(startedAt);
});

test('the keys of Redis are the same after that, and what was there is kept', async () => {
  await redis('SET', 'since_then', '1');

  const restored = await outputOf(project.script('restore', 'vault', 'redis', 'latest', '--yes'));

  expect(restored).toContain('Stopped vault-redis.');
  expect(restored).toContain('the data is restored: 100001 keys');
  await eventually(
    () => redis('DBSIZE').catch(String),
    (keys) => keys === '100001',
  );
  expect(await redis('EVAL', SUM_OF_KEYS, '0')).toBe('5000050000');
  expect(Number(await redis('TTL', 'session'))).toBeGreaterThan(3000);
  const [kept = ''] = /\/data\/before_\w+/.exec(restored) ?? [];
  expect(await execute('vault-redis', 'ls', kept)).toContain('appendonlydir');
  // It starts from its append-only file again.
  await mustRun('docker', ['restart', 'vault-redis']);
  await eventually(
    () => redis('DBSIZE').catch(String),
    (keys) => keys === '100001',
  );
});

test('the files of a volume come back with their owners, modes, times and links, and what was there is kept', async () => {
  await execute('vault-client', 'sh', '-c', 'echo new > /data/journal/since-then; chmod 777 /data/journal');

  const restored = await outputOf(project.script('restore', 'vault', 'journal', 'latest', '--yes'));

  expect(restored).toContain('Stopped vault-client.');
  expect(journal.split('\n').length).toBeGreaterThan(8);
  expect(await execute('vault-client', 'sh', '-c', LIST_JOURNAL)).toBe(journal);
  const [kept = ''] = /\/backup\/scratch\/before_\w+/.exec(restored) ?? [];
  expect(await execute('vault-journal-backup', 'cat', `${kept}/journal/since-then`)).toBe('new');
});

test('the files that a killed restore has moved are put back when the container starts again', async () => {
  const half = [
    'cd /volumes/journal && old=.before_20260101T000000Z && mkdir $old .restored_20260101T000000Z',
    'chown 1000:1000 $old && chmod 750 $old && mv orders .hidden again link pipe closed $old/',
    'mkdir orders && echo half > orders/one && chmod 777 . && echo rest > .restored_20260101T000000Z/rest',
    "printf '%s\\n' 20260101T000000Z put-new > /backup/scratch/unfinished-restore",
  ];
  await execute('vault-journal-backup', 'sh', '-c', half.join(' && '));

  await mustRun('docker', ['restart', 'vault-journal-backup']);

  await eventually(
    () => logsOf('vault-journal-backup'),
    (log) => log.includes('the volumes are as they were'),
  );
  expect(await execute('vault-client', 'sh', '-c', LIST_JOURNAL)).toBe(journal);
});

test('a restore that fails leaves the data as it was, and starts again what it stopped', async () => {
  // Valid until it is restored: the function does not find its table on the search path of a restore.
  await sql(
    "CREATE FUNCTION few() RETURNS boolean LANGUAGE plpgsql AS 'BEGIN RETURN (SELECT count(*) < 9 FROM since_then); END'; " +
      'CREATE TABLE since_then (id int CHECK (few())); INSERT INTO since_then VALUES (1)',
  );
  const made = await project.script('backup', 'vault', 'db');
  expect([made.code, made.stdout]).toEqual([1, expect.stringContaining('restored into a throw-away server: see the')]);
  await sql('INSERT INTO since_then VALUES (2)');

  const outcome = await project.script('restore', 'vault', 'db', 'latest', '--yes');

  expect([outcome.code, outcome.stdout]).toEqual([1, expect.stringContaining('the databases are as they were')]);
  expect(outcome.stdout).toContain('Started vault-client.');
  expect(outcome.stderr).toContain('could not be restored, and the data is as it was');
  expect(await sql('SELECT count(*) FROM since_then')).toBe('2');
  expect(await sql('SELECT count(*) FROM trades')).toBe('100000');
  await sql('DROP TABLE since_then');
  expect(await outputOf(project.script('backup', 'vault', 'db'))).toContain('was restored into a throw-away server');
});

test('the data that a killed restore has renamed is put back when the container starts again', async () => {
  const renamed = 'vault_before_20260101T000000Z';
  const asAdmin = (statement: string): Promise<string> =>
    mustRun('docker', ['exec', 'vault-db', ...PSQL, 'template1', '-c', statement]);
  await asAdmin(`ALTER DATABASE vault RENAME TO "${renamed}"`);
  await asAdmin('CREATE DATABASE vault');
  // It was killed just before it renamed this one.
  await asAdmin('ALTER DATABASE reports WITH ALLOW_CONNECTIONS false');
  const pairs = `vault ${renamed} reports reports_before_20260101T000000Z`;
  const journal = `printf '%s\\n' ${pairs} > /backup/scratch/unfinished-restore`;
  await execute('vault-db-backup', 'sh', '-c', journal);

  await mustRun('docker', ['restart', 'vault-db-backup']);

  await eventually(
    () => sql('SELECT count(*) FROM trades').catch(String),
    (rows) => rows === '100000',
  );
  await eventually(
    () => logsOf('vault-db-backup'),
    (log) => log.includes('the databases are as they were'),
  );
  expect(await asAdmin("SELECT datallowconn FROM pg_database WHERE datname = 'reports'")).toBe('t\n');
});

test('a database that cannot be renamed stays as it is when its restore fails', async () => {
  await sql('CREATE TABLE only_copy AS SELECT 1 AS id');
  await sql("BEGIN; INSERT INTO only_copy VALUES (2); PREPARE TRANSACTION 'open'");

  const outcome = await project.script('restore', 'vault', 'db', 'latest', '--yes');

  expect(outcome.code).toBe(1);
  expect(outcome.stdout).toContain('There is 1 prepared transaction using the database');
  await eventually(
    () => sql('SELECT count(*) FROM only_copy').catch(String),
    (rows) => rows === '1',
  );
  await sql("ROLLBACK PREPARED 'open'");
});

test('keeps the passwords out of the output, state, inspect, logs and the history of the image', async () => {
  const names = ['vault-db', 'vault-db-backup', 'vault-client', 'vault-redis', 'vault-redis-backup'];
  const image = await inspected('vault-db-backup', '{{.Config.Image}}');
  const places: Record<string, string> = {
    'cdk.tf.json': await project.read('cdktf.out/stacks/vault/cdk.tf.json'),
    state: await project.read('terraform.vault.tfstate'),
    inspect: await mustRun('docker', ['inspect', ...names]),
    logs: (await Promise.all(names.map(logsOf))).join(''),
    history: await mustRun('docker', ['history', '--no-trunc', image]),
  };
  for (const [place, text] of Object.entries(places)) {
    expect(text.length).toBeGreaterThan(300);
    expect([place, text.includes('canary-6jXs')]).toEqual([place, false]);
  }
});

test('a damaged repository is refused by a verification, and the container becomes unhealthy', async () => {
  await damage(join(target, 'db', 'data'));

  const outcome = await run('docker', ['exec', 'vault-db-backup', 'sh', '/opt/backup/backup.sh', 'verify']);

  expect([outcome.code, outcome.stderr]).toEqual([1, expect.stringContaining('is damaged: it cannot be restored')]);
  await eventually(statusOfBackup, (status) => status === 'unhealthy');
  expect(await metric('backup_verify_successful')).toBe('0');
  const refused = await project.script('restore', 'vault', 'db', 'latest', '--yes');
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain('Nothing was changed.');
});

test('a damaged repository of a volume is refused too', async () => {
  await damage(join(target, 'journal', 'data'));

  const outcome = await run('docker', ['exec', 'vault-journal-backup', 'sh', '/opt/backup/backup.sh', 'verify']);

  expect([outcome.code, outcome.stderr]).toEqual([1, expect.stringContaining('is damaged: it cannot be restored')]);
});

test('a full target fails loudly, and the older backups stay', async () => {
  const small = ['--opt', 'type=tmpfs', '--opt', 'device=tmpfs', '--opt', 'o=size=24m,mode=1777'];
  await mustRun('docker', ['volume', 'create', ...small, SMALL_VOLUME]);
  await project.write(STACK, stackWith(`BackupTarget.volume(Volume.fromName('${SMALL_VOLUME}'))`));
  await project.deploy('vault');
  await eventually(
    () => logsOf('vault-db-backup'),
    (log) => log.includes('is complete'),
  );
  const older = await outputOf(project.script('backups', 'vault', 'db'));

  await sql(
    "CREATE TABLE big AS SELECT encode(sha256(i::text::bytea), 'hex') AS hash FROM generate_series(1, 1000000) i",
  );
  const failed = await project.script('backup', 'vault', 'db');

  expect(failed.code).toBe(1);
  expect(failed.stdout).toContain('no space left on device');
  expect(failed.stdout).toContain('Older backups are untouched. If the target is full');
  expect(await outputOf(project.script('backups', 'vault', 'db'))).toBe(older);
  await eventually(statusOfBackup, (status) => status === 'unhealthy');
  expect(await metric('backup_last_run_successful')).toBe('0');
});

const CHECKSUM = "SELECT md5(string_agg(id || '|' || price || '|' || note, ',' ORDER BY id)) FROM trades";

const FILL_JOURNAL =
  'cd /data/journal && mkdir -p orders .hidden && echo 1 > orders/one && echo 2 > ".hidden/two words" && ln orders/one again && ' +
  'ln -s orders/one link && mkfifo pipe && chown -h 1000:2000 orders/one link && chown 70 .hidden && chmod 2750 .hidden && ' +
  'chmod 4711 orders/one && echo 3 > closed && chmod 000 closed && touch -d 2020-01-31T12:00:00Z closed && chown 1000:1000 . && chmod 750 .';
/** Without the times of folders, which change with what is in them. */
const LIST_JOURNAL =
  'cd /data/journal && stat -c "%f %u %g %n" .hidden . orders && find . ! -type d ! -type l -exec stat -c "%f %u %g %s %h %Y %n" {} + | sort && ' +
  'find . -type f -exec sha256sum {} + | sort && readlink link && stat -c "%u %g" link';

const FILL_KEYS = "for i = 1, 100000 do redis.call('SET', 'key:' .. i, i) end";
const SUM_OF_KEYS = "local sum = 0; for i = 1, 100000 do sum = sum + redis.call('GET', 'key:' .. i) end; return sum";

/** 200 transactions a second for ten seconds, each with a row in both tables. */
const WRITES =
  'DO \\$\\$ BEGIN FOR i IN 1..2000 LOOP INSERT INTO orders VALUES (i); INSERT INTO fills VALUES (i); COMMIT; ' +
  'PERFORM pg_sleep(0.005); END LOOP; END \\$\\$';

const PSQL = ['psql', '-XAtqU', 'vault', '-d'];

/** A statement, as the client logs in with what it got. */
function sql(statement: string): Promise<string> {
  return execute('vault-client', 'sh', '-c', 'psql -XAtqc "$0" "$(cat $DATABASE_URL_FILE)"', statement);
}

async function redis(...words: string[]): Promise<string> {
  const script = 'REDISCLI_AUTH=$(cat /run/secrets/redis_password) redis-cli "$@"';
  return (await execute('vault-redis', 'sh', '-c', script, 'sh', ...words)).trim();
}

async function inspected(container: string, format: string): Promise<string> {
  return (await mustRun('docker', ['inspect', '--format', format, container])).trim();
}

async function outputOf(running: Promise<Outcome>): Promise<string> {
  const { code, stdout, stderr } = await running;
  expect([code, stderr]).toEqual([0, expect.anything()]);
  return stdout;
}

async function statusOfBackup(): Promise<string | undefined> {
  return (await containersOf('vault')).get('db-backup')?.State.Health?.Status;
}

async function metric(name: string): Promise<string | undefined> {
  return new RegExp(`^${name} (.*)$`, 'm').exec(await pageOf(DATABASE_METRICS))?.[1];
}

/** The metrics of a backup. */
async function pageOf(port: number): Promise<string> {
  return (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
}

/** Changes one byte in the middle of every file. */
async function damage(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const content = await readFile(path);
    const middle = Math.floor(content.length / 2);
    content[middle] = (content[middle] ?? 0) ^ 0xff;
    await chmod(path, 0o600);
    await writeFile(path, content);
  }
}

function stackWith(to: string): string {
  return `
import type { App } from 'cdktf';
import {
  BackupRetention, BackupSchedule, BackupTarget, type Engine, HealthCheck, Image, PostgresDb, PublishedPort, RedisCache,
  TradingStack, Volume, VolumeBackup, Workload,
} from '../../lib';

export const target = [BackupTarget, Volume];

export function createVaultStack(app: App, { engine }: { engine: Engine }): TradingStack {
  const stack = new TradingStack(app, 'vault', { engine });
  const databases = [{ name: 'reports' }];
  const settings = { max_prepared_transactions: 2 };
  const database = new PostgresDb(stack, 'db', { database: 'vault', databases, settings });
  database.backup({
    to: ${to},
    schedule: BackupSchedule.daily('03:00'),
    retention: BackupRetention.of({ last: 20, daily: 7 }),
    ports: [PublishedPort.loopback(9101, { hostPort: ${DATABASE_METRICS} })],
  });
  const cache = new RedisCache(stack, 'redis');
  cache.backup({
    to: ${to},
    schedule: BackupSchedule.daily('03:00'),
    retention: BackupRetention.of({ daily: 7 }),
    ports: [PublishedPort.loopback(9101, { hostPort: ${CACHE_METRICS} })],
  });
  const journal = Volume.retained('journal');
  new Workload(stack, 'client', {
    image: Image.fromRegistry('postgres:17-alpine'),
    uses: [database, cache],
    volumes: [journal.mountAt('/data/journal')],
    command: ['sleep', 'infinity'],
    healthCheck: HealthCheck.none(),
  });
  new VolumeBackup(stack, 'journal', {
    of: [journal],
    to: ${to},
    schedule: BackupSchedule.daily('03:00'),
    retention: BackupRetention.of({ daily: 7 }),
  });
  return stack;
}
`;
}

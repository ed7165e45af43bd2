import { Cpu, DatabaseMigration, FeatureApi, Image, TimescaleDb, type TimescaleDbProps } from '../../../lib';
import { containerNamed, ENGINES, synthesizeStack, type Terraform } from '../../setup/synthesize';
import { TemporaryProject } from '../../workload/temporary-project';
import { BOT, environmentOf, fileOf } from '../fixtures';

const project = TemporaryProject.forEveryTest();

function stackWith(props: TimescaleDbProps = {}): Terraform {
  return synthesizeStack((stack) => new TimescaleDb(stack, 'ticks', props));
}

/** The settings on the command line of the server, the last value of each. */
function settings(props: TimescaleDbProps = {}): Record<string, string> {
  const command = containerNamed(stackWith(props), 'desk-ticks').command as readonly string[];
  const pairs = command.filter((word) => word.includes('=')).map((word) => word.split(/=(.*)/s, 2) as [string, string]);
  return Object.fromEntries(pairs);
}

const EXTENSION_SCRIPT = '/docker-entrypoint-initdb.d/extension.sh';

describe('extension', () => {
  test('a job creates the extension in every database and in postgres, and updates it in a session of its own', () => {
    const terraform = stackWith({ database: 'ticks', databases: [{ name: 'bars' }] });

    expect(fileOf(containerNamed(terraform, 'desk-ticks-extension'), EXTENSION_SCRIPT)).toMatchSnapshot();
  });

  test.each(ENGINES)('the job has to succeed before anything uses the server on $engineName', ({ createEngine }) => {
    const terraform = synthesizeStack((stack) => new TimescaleDb(stack, 'ticks'), { engine: createEngine() });

    expect(containerNamed(terraform, 'desk-ticks-extension')).toMatchObject({
      command: ['/bin/sh', EXTENSION_SCRIPT],
      must_run: false,
      lifecycle: { postcondition: [{ condition: '${self.exit_code == 0}' }] },
    });
  });

  test('the job starts after the databases exist, and everything that uses one after the job', () => {
    const terraform = synthesizeStack((stack) => {
      const ticks = new TimescaleDb(stack, 'ticks', { databases: [{ name: 'bars' }] });
      const command = ['alembic', 'upgrade', 'head'];
      new DatabaseMigration(stack, 'migrate', { image: BOT, command, database: ticks });
      new FeatureApi(stack, 'api', { image: BOT, uses: [ticks.endpointFor({ database: 'bars' })] });
    });

    expect(containerNamed(terraform, 'desk-ticks-extension').depends_on).toEqual(['docker_container.desk-ticks-roles']);
    expect(containerNamed(terraform, 'desk-migrate').depends_on).toEqual(['docker_container.desk-ticks-extension']);
    expect(containerNamed(terraform, 'desk-api').depends_on).toEqual(['docker_container.desk-ticks-extension']);
  });
});

describe('image', () => {
  test.each(['postgres:17-alpine', 'docker.io/pgvector/pgvector:pg17'])('%s is refused', (name) => {
    const create = () => stackWith({ image: Image.fromRegistry(name) });

    expect(create).toThrowCode('image-version-unsupported', `${name} does not contain TimescaleDB`);
  });

  test('an image that is only based on one without TimescaleDB may contain it', () => {
    project.write('ticks/Dockerfile', 'FROM postgres:17\nRUN apt-get install -y timescaledb-2-postgresql-17');
    const baseImage = 'postgres:17-alpine';

    expect(() => stackWith({ image: Image.fromBuild('ticks') })).not.toThrow();
    expect(() => stackWith({ image: Image.fromRegistry('ghcr.io/desk/ticks:4', { baseImage }) })).not.toThrow();
    expect(() => stackWith({ image: Image.fromRegistry('timescale/timescaledb-ha:pg17') })).not.toThrow();
  });
});

describe('settings', () => {
  test.each(['timescaledb.max_background_workers', 'max_parallel_workers'])('%s has to be a number', (name) => {
    expect(() => stackWith({ settings: { [name]: 'lots' } })).toThrowCode('invalid-value', `settings.${name}`, 'lots');
  });

  test.each([
    ['pg_stat_statements', 'timescaledb,pg_stat_statements'],
    ['pg_stat_statements, timescaledb', 'pg_stat_statements,timescaledb'],
    ['', 'timescaledb'],
  ])('the libraries %p of the user are loaded with that of TimescaleDB', (given, loaded) => {
    expect(settings({ settings: { 'Shared-Preload-Libraries': given } })).toMatchObject({
      shared_preload_libraries: loaded,
    });
    expect(settings({ settings: { 'Shared-Preload-Libraries': given } })).not.toHaveProperty(
      'Shared-Preload-Libraries',
    );
  });

  test.each([
    [0.5, 7, 1, 11],
    [2, 7, 2, 12],
    [8, 19, 8, 30],
  ])(
    '%d cores have %d workers for jobs, %d for queries, and processes for all of them',
    (cores, jobs, queries, all) => {
      expect(settings({ resources: { cpus: Cpu.cores(cores) } })).toMatchObject({
        'timescaledb.max_background_workers': String(jobs),
        max_parallel_workers: String(queries),
        max_worker_processes: String(all),
      });
    },
  );

  test('more workers for jobs of the user get processes, too, and each database has a worker more', () => {
    expect(settings({ settings: { 'timescaledb.max_background_workers': 40 } })).toMatchObject({
      max_worker_processes: '44',
    });
    expect(settings({ databases: [{ name: 'bars' }] })).toMatchObject({ 'timescaledb.max_background_workers': '8' });
  });

  test('telemetry is off until the user turns it on', () => {
    expect(settings()).toMatchObject({ 'timescaledb.telemetry_level': 'off' });
    expect(settings({ settings: { 'timescaledb.telemetry_level': 'basic' } })).toMatchObject({
      'timescaledb.telemetry_level': 'basic',
    });
  });

  test('the image does not tune the server on its first start, unless the user lets it', () => {
    expect(environmentOf(containerNamed(stackWith(), 'desk-ticks'))).toMatchObject({ NO_TS_TUNE: 'true' });
    const environment = { NO_TS_TUNE: '' };
    expect(environmentOf(containerNamed(stackWith({ environment }), 'desk-ticks'))).toMatchObject(environment);
  });
});

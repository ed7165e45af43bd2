import { runInNewContext } from 'node:vm';
import {
  BindMount,
  HealthCheck,
  Image,
  Job,
  RedisCache,
  Secret,
  Size,
  StrategyRunner,
  Volume,
  Workload,
  type WorkloadOptions,
} from '../../../lib';
import { isRuntime, KNOWN_IMAGES, knownImage } from '../../../lib/workload/images/catalog/catalog';
import { createStack } from '../../setup/synthesize';
import { warningsOf } from '../../services/fixtures';
import { TemporaryProject } from '../temporary-project';

const project = TemporaryProject.forEveryTest();

/** The warnings about a workload with a published image. */
function warningsAbout(image: string, options: WorkloadOptions = {}): string[] {
  return warningsOf(createStack((desk) => new Workload(desk, 'one', { image: Image.fromRegistry(image), ...options })));
}

const KEPT = { volumes: [Volume.retained('one').mountAt('/var/lib/kafka/data')] };

describe('the catalogue', () => {
  test.each([
    ['redis:7.4-alpine', 'Redis'],
    ['docker.io/library/redis:7.4', 'Redis'],
    ['registry.example.com/library/redis:7.4', 'Redis'],
    ['registry.example.com:5000/redis:7.4', 'Redis'],
    ['localhost/redis:7.4', 'Redis'],
    ['public.ecr.aws/docker/library/redis:7.4', 'Redis'],
    ['registry.example.com/docker-hub/clickhouse/clickhouse-server:25.3', 'ClickHouse'],
    ['clickhouse:23.8.16', 'ClickHouse before 24.1'],
    ['clickhouse:24.1', 'ClickHouse'],
    [`clickhouse@sha256:${'0'.repeat(64)}`, 'ClickHouse'],
    ['postgres:17-alpine', 'PostgreSQL before 18'],
    ['postgres:9.6', 'PostgreSQL before 18'],
    ['postgres:18', 'PostgreSQL 18'],
    ['postgres:bookworm', 'PostgreSQL, other tags'],
    ['timescale/timescaledb:2.21.1-pg17', 'TimescaleDB before PostgreSQL 18'],
    ['timescale/timescaledb:2.24.0-pg18', 'TimescaleDB on PostgreSQL 18'],
    ['timescale/timescaledb-ha:pg16', 'TimescaleDB HA'],
    ['postgis/postgis:17-3.5', 'PostGIS before PostgreSQL 18'],
    ['postgis/postgis:18-3.6-alpine', 'PostGIS on PostgreSQL 18'],
    ['pgvector/pgvector:pg17', 'pgvector before PostgreSQL 18'],
    ['pgvector/pgvector:0.8.1-pg18-trixie', 'pgvector on PostgreSQL 18'],
    ['pgvector/pgvector:0.8.1', 'pgvector, other tags'],
    ['rabbitmq:3.8', 'RabbitMQ, other tags'],
    ['rabbitmq:3.9.4-management', 'RabbitMQ'],
    ['rabbitmq:3.13', 'RabbitMQ'],
    ['questdb/questdb:8.2.1', 'QuestDB before 9.3.3'],
    ['questdb/questdb:9.3.2', 'QuestDB before 9.3.3'],
    ['questdb/questdb:9.3.3', 'QuestDB'],
    ['questdb/questdb:9.3.10', 'QuestDB'],
    ['questdb/questdb:10.0.0', 'QuestDB'],
    ['influxdb:1.12', 'InfluxDB 1'],
    ['influxdb:2.9-alpine', 'InfluxDB 2'],
    ['ghcr.io/gnzsnz/ib-gateway:10.37.1l', 'IB Gateway'],
    ['quay.io/prometheus/node-exporter:v1.9.1', 'node-exporter'],
    ['gcr.io/cadvisor/cadvisor:v0.52.1', 'cAdvisor'],
    ['quay.io/jupyter/scipy-notebook:2026-08-03', 'Jupyter'],
  ])('knows %s as %s', (image, name) => {
    expect(knownImage(image)?.name).toBe(name);
  });

  test.each(['bitnami/redis:7.4', 'ghcr.io/desk/redis:1.0', 'desk/redis-exporter:1', 'my-redis:1', 'influxdb:3-core'])(
    'does not know %s',
    (image) => {
      expect(knownImage(image)).toBeUndefined();
    },
  );

  test.each([
    ['python:3.13-slim', true],
    ['registry.example.com/library/node:24-slim', true],
    ['gcr.io/distroless/python3-debian12:nonroot-amd64', true],
    ['ghcr.io/desk/python:1', false],
  ])('%s is a runtime: %s', (image, expected) => {
    expect(isRuntime(image)).toBe(expected);
  });

  test.each(KNOWN_IMAGES.map((one) => [one.name, one] as const))('the entry of %s can be used', (_name, image) => {
    expect(image.sources.filter((source) => !source.startsWith('https://'))).toEqual([]);
    expect(image.sources).not.toEqual([]);
    expect(image.asOf).toMatch(/^202\d-\d\d-\d\d$/);
    // A secret that the image does not read is exported by a shell, which has to start what the image starts.
    if (image.secrets?.plain !== undefined) expect([...image.entrypoint, ...image.command]).not.toEqual([]);
    const paths = (image.data ?? []).flatMap(({ path, declared = path }) => [path, declared]);
    expect(paths.filter((path) => !path.startsWith('/') || path.endsWith('/'))).toEqual([]);
  });

  test.each(KNOWN_IMAGES.flatMap(({ name, healthCheck }) => (healthCheck === undefined ? [] : [[name, healthCheck]])))(
    'the health check of %s is code: %s',
    (_name, code = '') => {
      const check: unknown = runInNewContext(code, { HealthCheck });
      expect(check).toBeInstanceOf(HealthCheck);
    },
  );

  test('no two entries are for all other tags of a repository', () => {
    const repositories = KNOWN_IMAGES.filter(({ tags }) => tags === undefined).flatMap((one) => one.repositories);
    expect(repositories.filter((one, index) => repositories.indexOf(one) !== index)).toEqual([]);
  });

  test('no two entries are for the same tag of a repository', () => {
    const tags = [9, 10, 17, 18].flatMap((major) => [
      `${major}`,
      `${major}-3.5`,
      `pg${major}`,
      `2.30.2-pg${major}-oss`,
    ]);
    tags.push('1.12', '2.9-alpine', '3.8', '3.9', '4.3', '8.2.1', '9.3.2', '9.3.3', '23.8.16', '24.1', '2.11-alpine');
    const matching = KNOWN_IMAGES.flatMap(({ repositories, tags: own }) =>
      repositories.flatMap((repository) =>
        tags.filter((tag) => own?.test(tag) === true).map((tag) => `${repository}:${tag}`),
      ),
    );
    expect(matching).toEqual(expect.arrayContaining(['postgres:17', 'questdb/questdb:9.3.2', 'influxdb:1.12']));
    expect(matching.filter((one, index) => matching.indexOf(one) !== index)).toEqual([]);
  });
});

describe('the data of an image', () => {
  test('raises a warning with the volume for it if nothing is mounted', () => {
    expect(warningsAbout('questdb/questdb:9.3.4')).toEqual([
      "/var/lib/questdb: volumes: [Volume.retained('one').mountAt('/var/lib/questdb')] [data-not-kept]",
    ]);
  });

  test.each<[string, WorkloadOptions]>([
    ['a volume', { volumes: [Volume.retained('one').mountAt('/data')] }],
    ['a mount of the host', { bindMounts: [BindMount.writable('data', '/data')] }],
    ['a file system in memory', { tmpfs: [{ path: '/data' }] }],
    [
      'a volume elsewhere that the command names',
      {
        volumes: [Volume.retained('one').mountAt('/var/cache/redis')],
        command: ['redis-server', '--dir', '/var/cache/redis'],
      },
    ],
  ])('is kept by %s', (_name, options) => {
    project.write('data/.keep', '');
    expect(warningsAbout('redis:7.4-alpine', options)).toEqual([]);
  });

  test.each<[string, WorkloadOptions]>([
    ['postgres:17', { tmpfs: [{ path: '/run' }], environment: { POSTGRES_PASSWORD_FILE: '/run/secrets/password' } }],
    ['postgres:17', { tmpfs: [{ path: '/tmp' }], environment: { TMPDIR: '/tmp/x' } }],
    ['postgres:17', { volumes: [Volume.retained('logs').mountAt('/logs')], environment: { LOG_DIR: '/logs' } }],
    ['postgres:17', { tmpfs: [{ path: '/data' }], environment: { FEED: 'http://feed/database' } }],
    ['postgres:17', { tmpfs: [{ path: '/srv/pg' }], environment: { PGDATA: '/srv/pgdata' } }],
    ['redis:7.4', { tmpfs: [{ path: '/logs' }], command: ['redis-server', '--logfile', '/logs/redis.log'] }],
  ])('is not kept by another mount of %s: %j', (image, options) => {
    expect(warningsAbout(image, options)).toEqual([expect.stringContaining('[data-not-kept]')]);
  });

  test('is not kept by a mount that is read-only', () => {
    project.write('data/.keep', '');
    const bindMounts = [BindMount.readOnly('data', '/data')];
    expect(warningsAbout('redis:7.4-alpine', { bindMounts })).toHaveLength(1);
  });

  test('is not kept above the VOLUME of the image, where Docker mounts an anonymous one', () => {
    const volumes = [Volume.retained('one').mountAt('/var/lib/postgresql')];
    expect(warningsAbout('postgres:17-alpine', { volumes })).toEqual([
      expect.stringContaining('/var/lib/postgresql/data: '),
    ]);
    expect(warningsAbout('postgres:18-alpine', { volumes })).toEqual([]);
  });

  test('is not kept by a volume at the path of an older version', () => {
    const volumes = [Volume.retained('one').mountAt('/var/lib/postgresql/data')];
    expect(warningsAbout('postgres:17-alpine', { volumes })).toEqual([]);
    expect(warningsAbout('postgres:18-alpine', { volumes })).toHaveLength(1);
  });

  test.each<[string, WorkloadOptions]>([
    ['postgres:17-alpine', { environment: { PGDATA: '/srv/kept/data' } }],
    ['postgres:17-alpine', { command: ['-D', '/srv/kept'] }],
    ['redis:7.4', { command: ['sh', '-c', 'exec redis-server --dir "/srv/kept"'] }],
    ['prom/prometheus:v3.13.2', { command: ['--storage.tsdb.path=/srv/kept'] }],
    ['minio/minio:RELEASE.2025-09-07T16-13-09Z', { command: ['server', '--console-address', ':9001', '/srv/kept'] }],
    ['freqtradeorg/freqtrade:2026.7', { command: ['trade', '--db-url', 'sqlite:////srv/kept/trades.sqlite'] }],
  ])('is kept where the user moves that of %s: %j', (image, options) => {
    const volumes = [Volume.retained('one').mountAt('/srv/kept')];
    expect(warningsAbout(image, { ...options, volumes })).toEqual([]);
  });

  test('of Kafka needs a variable, too', () => {
    const resources = { memory: Size.gibibytes(2) };
    expect(warningsAbout('apache/kafka:4.1.0', { ...KEPT, resources })).toEqual([
      expect.stringContaining("environment: { KAFKA_LOG_DIRS: '/var/lib/kafka/data' }"),
    ]);
    const environment = { KAFKA_LOG_DIRS: '/var/lib/kafka/data' };
    expect(warningsAbout('apache/kafka:4.1.0', { ...KEPT, resources, environment })).toEqual([]);
    expect(warningsAbout('apache/kafka:4.1.0', { resources, environment })).toHaveLength(1);
  });

  test.each<[string, WorkloadOptions]>([
    ['postgres:17-alpine', { command: ['pg_dump', '-h', 'db'] }],
    ['postgres:17-alpine', { entrypoint: ['pg_dump'] }],
    ['apache/kafka:4.1.0', { command: ['/opt/kafka/bin/kafka-topics.sh', '--list'] }],
  ])('does not matter to another program of %s: %j', (image, options) => {
    expect(warningsAbout(image, options)).toEqual([]);
  });

  test.each<[string, readonly string[]]>([
    ['redis:7.4-alpine', ['redis-server', '--appendonly', 'yes']],
    ['redis:7.4-alpine', ['--appendonly', 'yes']],
    ['freqtradeorg/freqtrade:2026.7', ['webserver', '--config', 'config.json']],
    ['minio/minio:RELEASE.2025-09-07T16-13-09Z', ['server', '/data']],
  ])('matters to the server of %s with %j', (image, command) => {
    expect(warningsAbout(image, { command })).toEqual([expect.stringContaining('[data-not-kept]')]);
  });
});

describe('the memory of an image', () => {
  test('raises a warning if the default is too little', () => {
    expect(warningsAbout('confluentinc/cp-kafka:8.0.0', KEPT)).toEqual([
      '512 MiB, but Confluent Kafka needs 1280 MiB (a heap of 1 GiB): ' +
        'resources: { memory: Size.mebibytes(1280) } [memory-low]',
    ]);
  });

  test.each<[string, WorkloadOptions]>([
    ['the limit is high enough', { resources: { memory: Size.mebibytes(1280) } }],
    ['the heap is set', { environment: { KAFKA_HEAP_OPTS: '-Xmx256m' } }],
  ])('raises none if %s', (_name, options) => {
    expect(warningsAbout('confluentinc/cp-kafka:8.0.0', { ...KEPT, ...options })).toEqual([]);
  });
});

test('constructs of this library and programs of the user raise none of these warnings', () => {
  const image = Image.fromRegistry('redis:7.4-alpine');
  const stack = createStack((desk) => {
    const secrets = { API_KEY: Secret.generated(desk, 'key') };
    new RedisCache(desk, 'cache', { image });
    new Job(desk, 'job', { image, secrets });
    new StrategyRunner(desk, 'runner', { image: Image.fromRegistry('ghcr.io/desk/bot:2.4'), secrets });
  });
  expect(warningsOf(stack)).toEqual([]);
});

test('a long name of a variable is checked at once for every image', () => {
  const patterns = KNOWN_IMAGES.flatMap(({ secrets }) => (secrets?.plain === undefined ? [] : [secrets.plain]));
  const prefixes = patterns.flatMap(({ source }) => source.match(/[A-Z]+_+/g) ?? []);
  const started = performance.now();
  for (const pattern of patterns) {
    for (const prefix of new Set(prefixes)) {
      for (const end of ['', '!', 'SECRET']) pattern.test(`${prefix}${'_'.repeat(20_000)}${end}`);
    }
  }
  expect(performance.now() - started).toBeLessThan(1000);
});

import type { KnownImage } from './known-image';

const POSTGRES = {
  entrypoint: ['docker-entrypoint.sh'],
  command: ['postgres'],
  secrets: {
    files: ['POSTGRES_PASSWORD', 'POSTGRES_USER', 'POSTGRES_DB', 'POSTGRES_INITDB_ARGS'],
    plain: /^PGPASSWORD$/,
  },
  healthCheck: "HealthCheck.command(['pg_isready', '-q', '-h', '127.0.0.1'])",
} as const;
/** PostgreSQL 18 moved the volume up, so that `pg_upgrade` can link files. */
const MOVED_BY = ['PGDATA', '-D'] as const;
const BEFORE_18 = [
  { path: '/var/lib/postgresql/data', declared: '/var/lib/postgresql/data', movedBy: MOVED_BY },
] as const;
const SINCE_18 = [
  { path: '/var/lib/postgresql/18/docker', declared: '/var/lib/postgresql', movedBy: MOVED_BY },
] as const;

const POSTGRES_IMAGE = {
  ...POSTGRES,
  repositories: ['postgres'],
  sources: [
    'https://github.com/docker-library/postgres/blob/master/18/bookworm/Dockerfile',
    'https://github.com/docker-library/postgres/blob/master/17/bookworm/Dockerfile',
    'https://github.com/docker-library/postgres/blob/master/docker-entrypoint.sh',
  ],
  asOf: '2026-02-26',
} as const;

const POSTGIS_IMAGE = {
  ...POSTGRES,
  repositories: ['postgis/postgis'],
  sources: ['https://github.com/postgis/docker-postgis/blob/master/18-3.6/Dockerfile', ...POSTGRES_IMAGE.sources],
  asOf: '2026-11-30',
} as const;

const PGVECTOR_IMAGE = {
  ...POSTGRES,
  repositories: ['pgvector/pgvector'],
  sources: ['https://github.com/pgvector/pgvector/blob/master/Dockerfile', ...POSTGRES_IMAGE.sources],
  asOf: '2026-11-30',
} as const;

const TIMESCALE_IMAGE = {
  ...POSTGRES,
  repositories: ['timescale/timescaledb'],
  sources: ['https://github.com/timescale/timescaledb-docker/blob/main/Dockerfile', ...POSTGRES_IMAGE.sources],
  asOf: '2026-05-02',
} as const;

const CLICKHOUSE_IMAGE = {
  name: 'ClickHouse',
  repositories: ['clickhouse', 'clickhouse/clickhouse-server'],
  sources: [
    'https://github.com/ClickHouse/ClickHouse/blob/master/docker/server/Dockerfile.ubuntu',
    'https://github.com/ClickHouse/ClickHouse/blob/master/docker/server/entrypoint.sh',
    'https://github.com/ClickHouse/ClickHouse/pull/58583',
  ],
  asOf: '2026-11-30',
  entrypoint: ['/entrypoint.sh'],
  command: [],
  data: [{ path: '/var/lib/clickhouse', declared: '/var/lib/clickhouse', movedBy: ['--path'] }],
  healthCheck: "HealthCheck.http(8123, { path: '/ping' })",
} as const;

/** The ports open before the server answers. The entry point of the image needs bash, too. */
const QUESTDB_STATUS = String.raw`HealthCheck.command(['bash', '-c', "exec 3<>/dev/tcp/127.0.0.1/9003 && printf 'GET /status HTTP/1.0\\r\\n\\r\\n' >&3 && read -r status <&3 && [[ $status == *' 200 '* ]]"])`;

const QUESTDB_IMAGE = {
  name: 'QuestDB',
  repositories: ['questdb/questdb'],
  sources: [
    'https://github.com/questdb/questdb/blob/master/core/docker-entrypoint.sh',
    'https://questdb.com/docs/configuration/overview/',
    'https://github.com/questdb/questdb/pull/6719',
  ],
  asOf: '2026-11-30',
  entrypoint: ['/docker-entrypoint.sh'],
  command: [],
  data: [{ path: '/var/lib/questdb', movedBy: ['QUESTDB_DATA_DIR', '-d'] }],
  healthCheck: QUESTDB_STATUS,
} as const;

const INFLUXDB_IMAGE = {
  name: 'InfluxDB',
  repositories: ['influxdb'],
  asOf: '2026-08-06',
  entrypoint: ['/entrypoint.sh'],
  command: ['influxd'],
} as const;

/** Images of databases. */
export const DATABASES: readonly KnownImage[] = [
  { ...POSTGRES_IMAGE, name: 'PostgreSQL before 18', tags: /^(9|1[0-7])(\D|$)/, data: BEFORE_18 },
  { ...POSTGRES_IMAGE, name: 'PostgreSQL 18', tags: /^18(\D|$)/, data: SINCE_18 },
  { ...POSTGRES_IMAGE, name: 'PostgreSQL, other tags' },
  { ...POSTGIS_IMAGE, name: 'PostGIS before PostgreSQL 18', tags: /^(9|1[0-7])(\D|$)/, data: BEFORE_18 },
  { ...POSTGIS_IMAGE, name: 'PostGIS on PostgreSQL 18', tags: /^18(\D|$)/, data: SINCE_18 },
  { ...POSTGIS_IMAGE, name: 'PostGIS, other tags' },
  { ...PGVECTOR_IMAGE, name: 'pgvector before PostgreSQL 18', tags: /\bpg(9|1[0-7])(\D|$)/, data: BEFORE_18 },
  { ...PGVECTOR_IMAGE, name: 'pgvector on PostgreSQL 18', tags: /\bpg18(\D|$)/, data: SINCE_18 },
  { ...PGVECTOR_IMAGE, name: 'pgvector, other tags' },
  { ...TIMESCALE_IMAGE, name: 'TimescaleDB before PostgreSQL 18', tags: /pg(9|1[0-7])(\D|$)/, data: BEFORE_18 },
  { ...TIMESCALE_IMAGE, name: 'TimescaleDB on PostgreSQL 18', tags: /pg18(\D|$)/, data: SINCE_18 },
  { ...TIMESCALE_IMAGE, name: 'TimescaleDB, other tags' },
  {
    ...POSTGRES,
    name: 'TimescaleDB HA',
    repositories: ['timescale/timescaledb-ha'],
    sources: [
      'https://github.com/timescale/timescaledb-docker-ha/blob/master/Dockerfile',
      'https://github.com/timescale/timescaledb-docker-ha/blob/master/docker-entrypoint.sh',
    ],
    asOf: '2026-06-30',
    entrypoint: ['/docker-entrypoint.sh'],
    data: [{ path: '/home/postgres/pgdata/data', movedBy: MOVED_BY }],
  },
  {
    name: 'MySQL',
    repositories: ['mysql'],
    sources: [
      'https://github.com/docker-library/mysql/blob/master/8.4/Dockerfile.oracle',
      'https://github.com/docker-library/mysql/blob/master/8.4/docker-entrypoint.sh',
    ],
    asOf: '2026-06-16',
    entrypoint: ['docker-entrypoint.sh'],
    command: ['mysqld'],
    secrets: { files: ['MYSQL_ROOT_PASSWORD', 'MYSQL_PASSWORD', 'MYSQL_USER', 'MYSQL_DATABASE', 'MYSQL_ROOT_HOST'] },
    data: [{ path: '/var/lib/mysql', declared: '/var/lib/mysql', movedBy: ['--datadir'] }],
    healthCheck: "HealthCheck.command(['mysqladmin', 'ping', '-h', '127.0.0.1'])",
  },
  {
    name: 'MariaDB',
    repositories: ['mariadb'],
    sources: [
      'https://github.com/MariaDB/mariadb-docker/blob/master/11.8/Dockerfile',
      'https://github.com/MariaDB/mariadb-docker/blob/master/11.8/docker-entrypoint.sh',
      'https://github.com/MariaDB/mariadb-docker/blob/master/11.8/healthcheck.sh',
    ],
    asOf: '2026-05-29',
    entrypoint: ['docker-entrypoint.sh'],
    command: ['mariadbd'],
    secrets: {
      files: [
        ...['ROOT_PASSWORD', 'PASSWORD', 'USER', 'DATABASE', 'ROOT_HOST'].flatMap((one) => [
          `MARIADB_${one}`,
          `MYSQL_${one}`,
        ]),
        ...['PASSWORD_HASH', 'ROOT_PASSWORD_HASH', 'REPLICATION_USER', 'REPLICATION_PASSWORD'].map(
          (one) => `MARIADB_${one}`,
        ),
      ],
    },
    data: [{ path: '/var/lib/mysql', declared: '/var/lib/mysql', movedBy: ['--datadir'] }],
    healthCheck: "HealthCheck.command(['healthcheck.sh', '--connect', '--innodb_initialized'])",
  },
  {
    name: 'MongoDB',
    repositories: ['mongo'],
    sources: [
      'https://github.com/docker-library/mongo/blob/master/8.0/Dockerfile',
      'https://github.com/docker-library/mongo/blob/master/8.0/docker-entrypoint.sh',
    ],
    asOf: '2026-06-11',
    entrypoint: ['docker-entrypoint.sh'],
    command: ['mongod'],
    secrets: { files: ['MONGO_INITDB_ROOT_USERNAME', 'MONGO_INITDB_ROOT_PASSWORD'] },
    data: [{ path: '/data/db', declared: '/data/db', movedBy: ['--dbpath'] }],
    healthCheck: `HealthCheck.command(['mongosh', '--quiet', '--eval', 'db.adminCommand("ping")'])`,
  },
  {
    ...CLICKHOUSE_IMAGE,
    name: 'ClickHouse before 24.1',
    tags: /^(1\d|2[0-3])\./,
    secrets: { plain: /^CLICKHOUSE_(USER|PASSWORD)$/ },
  },
  { ...CLICKHOUSE_IMAGE, secrets: { files: ['CLICKHOUSE_PASSWORD'], plain: /^CLICKHOUSE_USER$/ } },
  {
    ...QUESTDB_IMAGE,
    name: 'QuestDB before 9.3.3',
    tags: /^([0-8](\D|$)|9\.[0-2](\D|$)|9\.3\.[0-2](\D|$))/,
    secrets: { plain: /^QDB_/ },
  },
  {
    ...QUESTDB_IMAGE,
    secrets: { files: ['QDB_PG_PASSWORD', 'QDB_PG_READONLY_PASSWORD', 'QDB_HTTP_PASSWORD'], plain: /^QDB_/ },
  },
  {
    ...INFLUXDB_IMAGE,
    name: 'InfluxDB 1',
    tags: /^1\./,
    sources: [
      'https://github.com/influxdata/influxdata-docker/blob/master/influxdb/1.12/Dockerfile',
      'https://github.com/influxdata/influxdata-docker/blob/master/influxdb/1.12/init-influxdb.sh',
    ],
    secrets: { plain: /^INFLUXDB_((ADMIN|READ|WRITE)_)?(USER_|)?(USER|PASSWORD)$/ },
    data: [{ path: '/var/lib/influxdb', declared: '/var/lib/influxdb', movedBy: ['INFLUXDB_DATA_DIR'] }],
  },
  {
    ...INFLUXDB_IMAGE,
    name: 'InfluxDB 2',
    tags: /^2(\D|$)/,
    sources: [
      'https://github.com/influxdata/influxdata-docker/blob/master/influxdb/2.9/alpine/Dockerfile',
      'https://github.com/influxdata/influxdata-docker/blob/master/influxdb/2.9/alpine/entrypoint.sh',
    ],
    secrets: {
      files: ['DOCKER_INFLUXDB_INIT_USERNAME', 'DOCKER_INFLUXDB_INIT_PASSWORD', 'DOCKER_INFLUXDB_INIT_ADMIN_TOKEN'],
    },
    data: [
      {
        path: '/var/lib/influxdb2',
        declared: '/var/lib/influxdb2',
        movedBy: ['INFLUXD_ENGINE_PATH', '--engine-path'],
      },
    ],
    healthCheck: 'HealthCheck.http(8086)',
  },
];

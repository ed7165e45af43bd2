import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  AppService,
  Backup,
  type BackupOptions,
  BackupRetention,
  BackupSchedule,
  BackupTarget,
  Cpu,
  Dependency,
  Duration,
  Engine,
  Image,
  InfluxDb,
  Placement,
  type PostgresBackupOptions,
  PostgresDb,
  QuestDb,
  RabbitMqBroker,
  RedisCache,
  Secret,
  SecretDelivery,
  Size,
  TimescaleDb,
  type TradingStack,
  Volume,
  VolumeBackup,
  type VolumeBackupProps,
  Workload,
  type TradingStackError,
} from '../../lib';
import { collectErrors } from '../../lib/internal';
import { jobsOf } from '../../lib/command-line/backups/jobs';
import { usersOf } from '../../lib/command-line/backups/users';
import { environmentOf, secretsOf } from '../services/fixtures';
import { containerNamed, createStack, serviceNamed, synthesizeStack, type TerraformBlock } from '../setup/synthesize';

const OPTIONS: BackupOptions = {
  to: BackupTarget.hostFolder('/srv/backups'),
  schedule: BackupSchedule.daily('03:00'),
  retention: BackupRetention.of({ daily: 7, weekly: 4, monthly: 6 }),
};

/** The container of the backup of a database. */
function containerWith(options: Partial<BackupOptions> = {}): TerraformBlock {
  const terraform = synthesizeStack((stack) => {
    new PostgresDb(stack, 'db', { database: 'desk' }).backup({ ...OPTIONS, ...options });
  });
  return containerNamed(terraform, 'desk-db-backup');
}

describe('schedule', () => {
  test('a daily backup is made at seconds after midnight in UTC', () => {
    expect(environmentOf(containerWith({ schedule: BackupSchedule.daily('03:30') }))).toMatchObject({
      BACKUP_DAILY_AT: '12600',
      BACKUP_INTERVAL: '86400',
    });
  });

  test('an interval starts with the last backup', () => {
    expect(environmentOf(containerWith({ schedule: BackupSchedule.every(Duration.hours(6)) }))).toMatchObject({
      BACKUP_DAILY_AT: 'none',
      BACKUP_INTERVAL: '21600',
    });
  });

  test.each(['24:00', '3:00', '03:60', 'noon', '03:00:00'])('%s is no time of a day', (time) => {
    expect(() => BackupSchedule.daily(time)).toThrow(`the time cannot be '${time}'`);
  });

  test('an interval below a minute is refused', () => {
    expect(() => BackupSchedule.every(Duration.seconds(59))).toThrow('a minute or more');
  });
});

describe('retention', () => {
  test('is passed on as restic takes it', () => {
    expect(environmentOf(containerWith()).BACKUP_KEEP).toBe(
      '--keep-daily 7 --keep-weekly 4 --keep-monthly 6 --keep-within 1d',
    );
  });

  test.each([{ daily: 0 }, { weekly: -1 }, { last: 1.5 }, { daily: 1e21 }, { hourly: 1_000_001 }, {}])(
    '%j keeps nothing that can be counted',
    (options) => {
      expect(() => BackupRetention.of(options)).toThrow('[invalid-value]');
    },
  );
});

describe('target', () => {
  test('a folder of the host is mounted, and each server has its own folder in it', () => {
    const container = containerWith();

    expect(environmentOf(container).RESTIC_REPOSITORY).toBe('/backup/repository/db');
    expect(container.mounts).toContainEqual(
      expect.objectContaining({ type: 'bind', source: '/srv/backups', target: '/backup/repository' }),
    );
  });

  test('a volume can be shared by several servers', () => {
    const to = BackupTarget.volume(Volume.retained('backups'));
    const terraform = synthesizeStack((stack) => {
      new PostgresDb(stack, 'orders').backup({ ...OPTIONS, to });
      new PostgresDb(stack, 'ticks').backup({ ...OPTIONS, to });
    });

    for (const name of ['desk-orders-backup', 'desk-ticks-backup']) {
      expect(containerNamed(terraform, name).volumes).toContainEqual(
        expect.objectContaining({ volume_name: 'desk_backups', container_path: '/backup/repository' }),
      );
    }
  });

  test('an object store gets the keys as files', () => {
    const terraform = synthesizeStack((stack) => {
      new PostgresDb(stack, 'db').backup({ ...OPTIONS, to: bucketOf(stack) });
    });
    const container = containerNamed(terraform, 'desk-db-backup');

    expect(environmentOf(container)).toMatchObject({
      RESTIC_REPOSITORY: 's3:https://s3.example/desk-backups/db',
      AWS_ACCESS_KEY_ID_FILE: '/run/secrets/access_key',
      AWS_SECRET_ACCESS_KEY_FILE: '/run/secrets/secret_key',
    });
    expect(secretsOf(container)).toContain('/run/secrets/secret_key');
  });

  test.each(['backups', './backups', '/', '/srv/a\nb', '/srv/\u007f', '/srv/../etc', '/..', `/${'a'.repeat(4096)}`])(
    'what is no folder of the host is refused, case %#',
    (path) => {
      expect(() => BackupTarget.hostFolder(path)).toThrowCode('invalid-path', 'BackupTarget.hostFolder');
    },
  );

  test.each(['/srv/a..b/...', `/${'a'.repeat(4095)}`])('a folder can have an unusual name', (path) => {
    expect(BackupTarget.hostFolder(path).access.bindMounts).toHaveLength(1);
  });

  test('an endpoint with a path is refused, as restic would take it for the bucket', () => {
    const stack = createStack();

    expect(() => BackupTarget.s3({ ...keysOf(stack), endpoint: 'https://s3.example/desk', bucket: 'desk-1' })).toThrow(
      "endpoint cannot be 'https://s3.example/desk'",
    );
    expect(() => BackupTarget.s3({ ...keysOf(createStack()), endpoint: 'https://s3.example', bucket: 'D' })).toThrow(
      "bucket cannot be 'D'",
    );
  });
});

describe('container', () => {
  test('is built on the image of the server, and runs as its user with least rights', () => {
    const terraform = synthesizeStack((stack) => {
      new PostgresDb(stack, 'db', { image: Image.fromRegistry('postgres:18-alpine') }).backup(OPTIONS);
    });

    expect(Object.values(terraform.resource.docker_image ?? {})).toContainEqual(
      expect.objectContaining({
        build: expect.objectContaining({ build_args: { SERVER: 'postgres:18-alpine' } }) as unknown,
      }),
    );
    expect(containerNamed(terraform, 'desk-db-backup')).toMatchObject({
      user: 'postgres',
      read_only: true,
      capabilities: { drop: ['ALL'] },
    });
  });

  test('has passwords as files only', () => {
    const { PGPASSWORD, RESTIC_PASSWORD, ...variables } = environmentOf(containerWith());

    expect([PGPASSWORD, RESTIC_PASSWORD]).toEqual([undefined, undefined]);
    expect(variables).toMatchObject({
      PGPASSWORD_FILE: '/run/secrets/db_password',
      RESTIC_PASSWORD_FILE: '/run/secrets/db_backup_password',
    });
  });

  test('the options of a workload apply to it', () => {
    const container = containerWith({
      labels: { team: 'desk' },
      environment: { TZ: 'UTC' },
      resources: { cpus: Cpu.cores(2), memory: Size.gibibytes(2) },
    });

    expect(container).toMatchObject({ memory: 2048 });
    expect(container.labels).toContainEqual({ label: 'team', value: 'desk' });
    expect(environmentOf(container).TZ).toBe('UTC');
  });

  test('is created for TimescaleDB after the job that creates the extension', () => {
    const terraform = synthesizeStack((stack) => {
      new TimescaleDb(stack, 'ticks').backup(OPTIONS);
    });

    expect(containerNamed(terraform, 'desk-ticks-backup').depends_on).toContainEqual(
      expect.stringContaining('ticks-extension'),
    );
  });

  test('runs where its server runs on a Swarm, unless it has a placement of its own', () => {
    const terraform = synthesizeStack(
      (stack) => {
        const placement = [Placement.nodeLabel('disk', 'ssd')];
        new PostgresDb(stack, 'db', { placement }).backup(OPTIONS);
        new PostgresDb(stack, 'ticks', { placement }).backup({ ...OPTIONS, placement: [Placement.manager()] });
      },
      { engine: Engine.swarm() },
    );

    expect(JSON.stringify(serviceNamed(terraform, 'desk-db-backup'))).toContain('node.labels.disk == ssd');
    expect(JSON.stringify(serviceNamed(terraform, 'desk-ticks-backup'))).not.toContain('node.labels.disk == ssd');
  });

  test('a second backup of a server is refused', () => {
    createStack((stack) => {
      const database = new PostgresDb(stack, 'db');
      database.backup(OPTIONS);

      expect(() => database.backup(OPTIONS)).toThrow('[duplicate-id]');
    });
  });

  test('a server whose image is built with the stack is refused, with the image to use', () => {
    createStack((stack) => {
      const image = Image.fromBuild('lib/backup/container', { baseImage: 'postgres:17-alpine' });
      const database = new PostgresDb(stack, 'db', { image });

      expect(() => database.backup(OPTIONS)).toThrow('[option-conflict]');
    });
  });

  test('a missing option is an error with an example', () => {
    createStack((stack) => {
      const options = { to: OPTIONS.to, schedule: OPTIONS.schedule } as BackupOptions;

      expect(() => new PostgresDb(stack, 'db').backup(options)).toThrow('retention: BackupRetention.of(');
    });
  });

  test('its metrics have a panel for each that its script writes, except for those that only alerts use', () => {
    createStack((stack) => {
      const { metrics } = new PostgresDb(stack, 'db').backup(OPTIONS);
      const script = readFileSync(resolve(__dirname, '../../lib/backup/container/backup.sh'), 'utf8');
      const used = [metrics.upQuery, ...metrics.panels.map(({ query }) => query)].flatMap(
        (query) => query.match(/backup_\w+/g) ?? [],
      );

      expect(used.filter((name) => !script.includes(`# TYPE ${name} gauge`))).toEqual([]);
      expect(used.length).toBeGreaterThan(5);
    });
  });

  test('the files of its image are in the package', () => {
    const { files } = JSON.parse(readFileSync(resolve(__dirname, '../../package.json'), 'utf8')) as {
      readonly files: readonly string[];
    };

    expect(files).toContain('lib');
    expect(existsSync(resolve(__dirname, '../../lib/backup/container/Dockerfile'))).toBe(true);
  });
});

test('a restore stops what uses the server, also without waiting for it, and neither jobs nor the server', () => {
  const stack = createStack();
  const database = new PostgresDb(stack, 'db', { database: 'desk', databases: [{ name: 'reports' }] });
  const image = Image.fromRegistry('ghcr.io/desk/bot:1.4.0');
  new AppService(stack, 'orders', { image, uses: [database] });
  new AppService(stack, 'reports', { image, uses: [database.endpointFor({ database: 'reports' })] });
  new AppService(stack, 'later', { image, uses: [Dependency.optional(database)] });
  new AppService(stack, 'other', { image });
  const backup = database.backup(OPTIONS);

  expect(backup).toBeInstanceOf(Backup);
  expect(usersOf(backup, stack).map(({ spec }) => spec.name)).toEqual(['desk-orders', 'desk-reports', 'desk-later']);
});

describe('point-in-time recovery', () => {
  const every = (recoveryPointEvery: Duration): PostgresBackupOptions => ({ ...OPTIONS, recoveryPointEvery });

  test('the container stores the write-ahead log at its interval, and does not without the option', () => {
    const terraform = synthesizeStack((stack) => {
      new PostgresDb(stack, 'db').backup(every(Duration.minutes(1)));
      new TimescaleDb(stack, 'ticks').backup(OPTIONS);
    });

    expect(environmentOf(containerNamed(terraform, 'desk-db-backup'))).toMatchObject({ BACKUP_POINT_EVERY: '60' });
    expect(environmentOf(containerNamed(terraform, 'desk-ticks-backup')).BACKUP_POINT_EVERY).toBeUndefined();
  });

  test('an interval below ten seconds is refused', () => {
    createStack((stack) => {
      expect(() => new PostgresDb(stack, 'db').backup(every(Duration.seconds(9)))).toThrow('10 seconds or more');
    });
  });

  test.each([
    { wal_level: 'minimal' },
    { 'wal-level': 'minimal' },
    { max_wal_senders: 2 },
    { max_replication_slots: 0 },
  ])('the settings %j, which leave no log for it, are refused', (settings) => {
    createStack((stack) => {
      const database = new PostgresDb(stack, 'db', { settings });

      expect(() => database.backup(every(Duration.minutes(1)))).toThrow('[option-conflict]');
      expect(() => new PostgresDb(stack, 'plain', { settings }).backup(OPTIONS)).not.toThrow();
    });
  });

  test('settings that are enough for it are accepted', () => {
    const settings = { wal_level: 'logical', max_wal_senders: 3, max_slot_wal_keep_size: '20GB' };
    createStack((stack) => {
      expect(() => new PostgresDb(stack, 'db', { settings }).backup(every(Duration.minutes(1)))).not.toThrow();
    });
  });

  test('the option of another server is unknown', () => {
    createStack((stack) => {
      const options = every(Duration.minutes(1)) as BackupOptions;

      expect(() => new RedisCache(stack, 'redis').backup(options)).toThrow('[unknown-option]');
    });
  });

  test('it has a panel and alerts of its own, from metrics that its script writes', () => {
    createStack((stack) => {
      const plain = new PostgresDb(stack, 'plain').backup(OPTIONS).metrics;
      const { panels, alerts } = new PostgresDb(stack, 'db').backup(every(Duration.minutes(1))).metrics;
      const script = readFileSync(resolve(__dirname, '../../lib/backup/container/point-in-time.sh'), 'utf8');

      expect(panels).toHaveLength(plain.panels.length + 1);
      expect(alerts?.map(({ name }) => name)).toEqual(expect.arrayContaining(['RecoveryPointTooOld', 'RecoveryGap']));
      const used = alerts?.flatMap(({ expr }) => expr.match(/backup_recovery\w+/g) ?? []) ?? [];
      expect(used.filter((name) => !script.includes(`# TYPE ${name} gauge`))).toEqual([]);
      expect(new Set(used).size).toBe(2);
    });
  });
});

describe('QuestDB', () => {
  test('the container has the volume of the server and its login, and runs as its user', () => {
    const terraform = synthesizeStack((stack) => {
      new QuestDb(stack, 'ticks', { user: 'desk', runAs: '4000:4000' }).backup(OPTIONS);
    });
    const container = containerNamed(terraform, 'desk-ticks-backup');

    expect(container).toMatchObject({ user: '4000:4000', memory: 640 });
    expect(container.volumes).toContainEqual(
      expect.objectContaining({ volume_name: 'desk_ticks_data', container_path: '/var/lib/questdb' }),
    );
    expect(environmentOf(container)).toMatchObject({
      BACKUP_SERVER: 'questdb',
      QUESTDB_HOST: 'ticks',
      QUESTDB_USER: 'desk',
      QUESTDB_PASSWORD_FILE: '/run/secrets/ticks_password',
    });
  });

  test('the volume is still refused for any other workload', () => {
    const volume = Volume.retained('ticks');

    createStack((stack) => {
      new QuestDb(stack, 'ticks', { volume }).backup(OPTIONS);

      expect(() => new QuestDb(stack, 'other', { volume })).toThrow('[volume-taken]');
    });
  });

  test('a restore stops the server too, after everything that uses it', () => {
    const stack = createStack();
    const ticks = new QuestDb(stack, 'ticks');
    const image = Image.fromRegistry('ghcr.io/desk/bot:1.4.0');
    new AppService(stack, 'orders', { image, uses: [ticks] });
    const backup = ticks.backup(OPTIONS);

    expect(usersOf(backup, stack).map(({ spec }) => spec.name)).toEqual(['desk-ticks', 'desk-orders']);
  });
});

describe('Redis', () => {
  test('the container has the volume of the server, its login and the files that it starts with', () => {
    const terraform = synthesizeStack((stack) => {
      const settings = { dbfilename: 'desk.rdb', appenddirname: 'log', databases: 32 };
      new RedisCache(stack, 'redis', { settings, resources: { memory: Size.mebibytes(400) } }).backup(OPTIONS);
    });
    const container = containerNamed(terraform, 'desk-redis-backup');

    expect(container).toMatchObject({ user: 'redis', memory: 400 });
    expect(container.volumes).toContainEqual(
      expect.objectContaining({ volume_name: 'desk_redis_data', container_path: '/data' }),
    );
    expect(environmentOf(container)).toMatchObject({
      REDIS_HOST: 'redis',
      REDIS_PASSWORD_FILE: '/run/secrets/redis_password',
      REDIS_APPENDS: 'yes',
      REDIS_SNAPSHOT: 'desk.rdb',
      REDIS_APPEND_FILE: 'appendonly.aof',
      REDIS_APPEND_FOLDER: 'log',
      REDIS_DATABASES: '32',
    });
  });

  test('a server without append-only files and without a password says so to its backup', () => {
    const terraform = synthesizeStack((stack) => {
      new RedisCache(stack, 'redis', { appendOnly: false, withoutPassword: true }).backup(OPTIONS);
    });
    const variables = environmentOf(containerNamed(terraform, 'desk-redis-backup'));

    expect(variables).toMatchObject({ REDIS_APPENDS: 'no' });
    expect(Object.keys(variables)).not.toContain('REDIS_PASSWORD_FILE');
  });

  test('a restore stops the server and what uses it', () => {
    const stack = createStack();
    const cache = new RedisCache(stack, 'redis');
    new AppService(stack, 'orders', { image: Image.fromRegistry('ghcr.io/desk/bot:1.4.0'), uses: [cache] });

    expect(usersOf(cache.backup(OPTIONS), stack).map(({ spec }) => spec.name)).toEqual(['desk-redis', 'desk-orders']);
  });

  test('a restore stops what connects without a password and without waiting, and what only gets the password', () => {
    const stack = createStack();
    const image = Image.fromRegistry('ghcr.io/desk/bot:1.4.0');
    const open = new RedisCache(stack, 'open', { withoutPassword: true });
    const closed = new RedisCache(stack, 'closed');
    new AppService(stack, 'orders', { image, uses: [Dependency.optional(open)] });
    const secrets = { PASSWORD: closed.password.deliveredAs(SecretDelivery.ENVIRONMENT) };
    new AppService(stack, 'reports', { image, secrets });
    const usersOfServer = (server: RedisCache): string[] =>
      usersOf(server.backup(OPTIONS), stack).map(({ spec }) => spec.name);

    expect(usersOfServer(open)).toEqual(['desk-open', 'desk-orders']);
    expect(usersOfServer(closed)).toEqual(['desk-closed', 'desk-reports']);
  });
});

describe('RabbitMQ', () => {
  test('the container logs in as the first user, has room for a throw-away broker, and no volume of the broker', () => {
    const terraform = synthesizeStack((stack) => {
      new RabbitMqBroker(stack, 'broker', { user: 'desk' }).backup(OPTIONS);
    });
    const container = containerNamed(terraform, 'desk-broker-backup');

    expect(container).toMatchObject({ user: 'rabbitmq', memory: 512, capabilities: { drop: ['ALL'] } });
    expect(JSON.stringify(container.volumes)).not.toContain('desk_broker_data');
    expect(environmentOf(container)).toMatchObject({
      BACKUP_SERVER: 'rabbitmq',
      RABBITMQ_HOST: 'broker',
      RABBITMQ_USER: 'desk',
      RABBITMQ_PASSWORD_FILE: '/run/secrets/broker_password',
    });
  });

  test.each([{ management: false }, { settings: { 'management.path_prefix': '/mq' } }])(
    'a broker whose HTTP API is disabled or elsewhere cannot be backed up: %j',
    (props) => {
      createStack((stack) => {
        const broker = new RabbitMqBroker(stack, 'broker', props);

        expect(() => broker.backup(OPTIONS)).toThrow('[option-conflict]');
      });
    },
  );

  test('a restore stops consumers, also those with a user of their own, and not the broker', () => {
    const stack = createStack();
    const broker = new RabbitMqBroker(stack, 'broker');
    const image = Image.fromRegistry('ghcr.io/desk/bot:1.4.0');
    new AppService(stack, 'orders', { image, uses: [broker.user('orders', { read: '^orders$' })] });
    const backup = broker.backup(OPTIONS);

    expect(usersOf(backup, stack).map(({ spec }) => spec.name)).toEqual(['desk-orders']);
    expect(jobsOf(backup, stack)).toEqual([]);
  });
});

describe('InfluxDB', () => {
  test('the container has the operator token as a file', () => {
    const terraform = synthesizeStack((stack) => {
      new InfluxDb(stack, 'influx').backup(OPTIONS);
    });

    expect(containerNamed(terraform, 'desk-influx-backup').user).toBe('influxdb');
    expect(environmentOf(containerNamed(terraform, 'desk-influx-backup'))).toMatchObject({
      BACKUP_SERVER: 'influxdb',
      INFLUX_HOST: 'http://influx:8086',
      INFLUX_TOKEN_FILE: '/run/secrets/influx_operator_token',
    });
  });

  test('a restore stops consumers, and runs the jobs again that create buckets and tokens', () => {
    const stack = createStack();
    const influx = new InfluxDb(stack, 'influx', { buckets: [{ name: 'reports' }] });
    const image = Image.fromRegistry('ghcr.io/desk/bot:1.4.0');
    const backup = influx.backup(OPTIONS);
    new AppService(stack, 'feed', { image, uses: [influx.token('feed', { write: true })] });

    expect(usersOf(backup, stack).map(({ spec }) => spec.name)).toEqual(['desk-feed']);
    expect(jobsOf(backup, stack).map(({ spec }) => spec.name)).toEqual(['desk-influx-buckets', 'desk-influx-feed']);
  });
});

describe('volumes', () => {
  const image = Image.fromRegistry('ghcr.io/desk/bot:1.4.0');
  const journal = Volume.retained('journal');

  test('each is in a folder of its own, for a root that can only read and restore files of any owner', () => {
    const terraform = synthesizeStack((stack) => {
      const models = Volume.ephemeral('models');
      const volumes = [journal.mountAt('/data/journal'), models.mountAt('/data/models', { readOnly: true })];
      new AppService(stack, 'bot', { image, volumes });
      new VolumeBackup(stack, 'files', { ...OPTIONS, of: [journal, models] });
    });
    const container = containerNamed(terraform, 'desk-files-backup');

    expect(container).not.toHaveProperty('user');
    expect(container).toMatchObject({
      read_only: true,
      capabilities: { drop: ['ALL'], add: ['CAP_CHOWN', 'CAP_DAC_OVERRIDE', 'CAP_FOWNER', 'CAP_FSETID'] },
    });
    expect(container.volumes).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ volume_name: 'desk_journal', container_path: '/volumes/journal' }),
        expect.objectContaining({ container_path: '/volumes/models' }),
      ]),
    );
    expect(container.depends_on).toContainEqual(expect.stringContaining('bot'));
    expect(environmentOf(container)).toMatchObject({ BACKUP_SERVER: 'volumes', BACKUP_NAME: 'files' });
  });

  test('a user and capabilities of its own replace root and its capabilities', () => {
    const terraform = synthesizeStack((stack) => {
      new AppService(stack, 'bot', { image, volumes: [journal.mountAt('/data')] });
      new VolumeBackup(stack, 'files', { ...OPTIONS, of: [journal], runAs: '1000:1000', capabilities: [] });
    });

    expect(containerNamed(terraform, 'desk-files-backup')).toMatchObject({
      user: '1000:1000',
      capabilities: { drop: ['ALL'], add: [] },
    });
  });

  test('a restore stops every service that mounts one of them', () => {
    const stack = createStack();
    new AppService(stack, 'bot', { image, volumes: [journal.mountAt('/data')] });
    new AppService(stack, 'other', { image });
    const { backup } = new VolumeBackup(stack, 'files', { ...OPTIONS, of: [journal] });
    new AppService(stack, 'reader', { image, volumes: [journal.mountAt('/data', { readOnly: true })] });

    expect(usersOf(backup, stack).map(({ spec }) => spec.name)).toEqual(['desk-bot', 'desk-reader']);
  });

  test('on a Swarm they are read where the service runs that mounts them', () => {
    const terraform = synthesizeStack(
      (stack) => {
        const placement = [Placement.nodeLabel('disk', 'ssd')];
        new AppService(stack, 'bot', { image, placement, volumes: [journal.mountAt('/data')] });
        new VolumeBackup(stack, 'files', { ...OPTIONS, of: [journal] });
      },
      { engine: Engine.swarm() },
    );

    expect(JSON.stringify(serviceNamed(terraform, 'desk-files-backup'))).toContain('node.labels.disk == ssd');
  });

  test('services that may run on different nodes are refused, unless the backup says where it runs', () => {
    createStack(
      (stack) => {
        const placement = [Placement.nodeLabel('disk', 'ssd')];
        new AppService(stack, 'bot', { image, placement, volumes: [journal.mountAt('/data')] });
        const volumes = [journal.mountAt('/data', { readOnly: true })];
        new AppService(stack, 'reader', { image, placement: [Placement.node('other')], volumes });

        expect(() => new VolumeBackup(stack, 'files', { ...OPTIONS, of: [journal] })).toThrow('[option-conflict]');
        expect(() => new VolumeBackup(stack, 'own', { ...OPTIONS, placement, of: [journal] })).not.toThrow();
      },
      { engine: Engine.swarm() },
    );
  });

  test('options of another type are reported, and missing ones', () => {
    createStack((stack) => {
      expect(() => new VolumeBackup(stack, 'none', undefined as unknown as VolumeBackupProps)).toThrow('[');
      expect(() => new VolumeBackup(stack, 'files', { of: [journal] } as unknown as VolumeBackupProps)).toThrow(
        '[missing-option]',
      );
    });
  });

  test('one that no service mounts is refused, and so is an empty list', () => {
    createStack((stack) => {
      expect(() => new VolumeBackup(stack, 'files', { ...OPTIONS, of: [journal] })).toThrow('[unknown-reference]');
      expect(() => new VolumeBackup(stack, 'none', { ...OPTIONS, of: [] })).toThrow('[invalid-value]');
    });
  });

  test('that of a database is refused, whether it has a construct or not, and one for its dumps is not', () => {
    createStack((stack) => {
      const [data, mysql, dumps] = (['data', 'mysql', 'dumps'] as const).map((name) => Volume.retained(name)) as [
        Volume,
        Volume,
        Volume,
      ];
      new PostgresDb(stack, 'db', { volume: data });
      const volumes = [mysql.mountAt('/var/lib/mysql'), dumps.mountAt('/dumps')];
      new Workload(stack, 'mysql', { image: Image.fromRegistry('mysql:8.4'), volumes });

      expect(() => new VolumeBackup(stack, 'a', { ...OPTIONS, of: [data] })).toThrow('[option-conflict]');
      expect(() => new VolumeBackup(stack, 'b', { ...OPTIONS, of: [mysql] })).toThrow('[option-conflict]');
      expect(new VolumeBackup(stack, 'c', { ...OPTIONS, of: [dumps] }).metrics.job).toBe('c_backup');
    });
  });
});

function keysOf(stack: TradingStack): { readonly accessKey: Secret; readonly secretKey: Secret } {
  return {
    accessKey: Secret.provided(stack, 'access_key', { description: 'the id of the key' }),
    secretKey: Secret.provided(stack, 'secret_key', { description: 'the secret of the key' }),
  };
}

function bucketOf(stack: TradingStack): BackupTarget {
  return BackupTarget.s3({ ...keysOf(stack), endpoint: 'https://s3.example/', bucket: 'desk-backups' });
}

test('a schedule or a retention of another type is reported once', () => {
  for (const wrong of [{ schedule: '03:00' }, { retention: { daily: 7 } }]) {
    const errors: TradingStackError[] = [];
    const backUp = (): unknown =>
      createStack((stack) => new PostgresDb(stack, 'db').backup({ ...OPTIONS, ...wrong } as unknown as BackupOptions));

    expect(() => collectErrors(backUp, errors)).toThrow(TypeError);
    expect(errors.map(({ code }) => code)).toEqual(['wrong-type']);
  }
});

import { fileOf, volumesOf } from '../../test/services/fixtures';
import { met, replaced } from '../requirement';
import { masterTrade, secretsOf } from './mastertrade-system';

const system = masterTrade();
const secrets = secretsOf().contents;

/** The definitions that the broker imports at its start: users, then permissions and queues. */
const { users } = JSON.parse(secrets['rabbitmq_users.json'] ?? '') as {
  readonly users: readonly {
    readonly name: string;
    readonly tags: readonly string[];
    readonly password_hash: string;
  }[];
};
const definitions = JSON.parse(fileOf(system.container('rabbitmq'), '/etc/rabbitmq/definitions.json')) as {
  readonly vhosts: readonly object[];
};

const NO_SIZE = 'a local volume cannot have a size';

describe('PostgreSQL of MasterTrade', () => {
  met('S3-5', 'postgres:15-alpine runs as mastertrade_postgres and is always restarted', () => {
    expect(system.image('postgres').name).toBe('postgres:15-alpine');
    expect(system.container('postgres')).toMatchObject({ name: 'mastertrade_postgres', restart: 'always' });
  });

  replaced(
    'S3-6',
    'database, user and PGDATA are those of the document; the password is generated and passed in a file',
    'everyone who has read the document knows mastertrade123 (B-12)',
    () => {
      expect(system.environment('postgres')).toEqual({
        POSTGRES_DB: 'mastertrade',
        POSTGRES_USER: 'mastertrade',
        PGDATA: '/var/lib/postgresql/data/pgdata',
        POSTGRES_PASSWORD_FILE: '/run/secrets/postgres_password',
      });
      expect(secrets.postgres_password).toMatch(/^[\w-]{30,}$/);
    },
  );

  met(
    'S3-7',
    'PostgreSQL is on 127.0.0.1:5432, its data in mastertrade_postgres_data at the path of the document, on mastertrade_network',
    () => {
      const { networks_advanced } = system.container('postgres');

      expect(volumesOf(system.container('postgres'))).toEqual({
        '/var/lib/postgresql/data': 'mastertrade_postgres_data',
      });
      expect(system.ports('postgres')).toEqual(['127.0.0.1:5432:5432']);
      expect(networks_advanced).toMatchObject([{ aliases: ['postgres'] }]);
      expect(Object.values(system.terraform.resource.docker_network ?? {})).toMatchObject([
        { name: 'mastertrade_network' },
      ]);
      expect(secrets.postgres_url).toContain('@postgres:5432/mastertrade');
    },
  );

  replaced(
    'S3-8',
    'pg_isready connects over TCP to the database, every 10 s, with a timeout of 5 s and 5 retries',
    'on the socket the server is ready during initialization, before clients can reach it (B-03)',
    () => {
      expect(system.container('postgres').healthcheck).toEqual({
        test: ['CMD', 'pg_isready', '-q', '-h', '127.0.0.1', '-U', 'mastertrade', '-d', 'mastertrade'],
        interval: '10s',
        timeout: '5s',
        retries: 5,
        start_period: '30s',
        start_interval: '500ms',
      });
    },
  );

  replaced(
    'S3-9',
    'the volume is retained when the stack is destroyed, and its size is on the dashboard',
    NO_SIZE,
    () => {
      expect(volumesOf(system.container('postgres'))).toEqual({
        '/var/lib/postgresql/data': 'mastertrade_postgres_data',
      });
      // Without a resource, so that no destroy removes it: only the scratch space of the backup is one.
      expect(Object.keys(system.terraform.resource.docker_volume ?? {})).toEqual([
        'volume_mastertrade_postgres_backup_scratch',
      ]);
      expect(system.panels).toContainEqual(
        expect.objectContaining({ dashboard: 'Resource Usage', query: 'pg_database_size_bytes{job="postgres"}' }),
      );
    },
  );

  met('S3-10', 'PostgreSQL is backed up every day at 2:00 UTC (backup.e2e.test.ts)', () => {
    expect(system.environment('postgres_backup')).toMatchObject({
      BACKUP_SERVER: 'postgres',
      PGHOST: 'postgres',
      BACKUP_DAILY_AT: String(2 * 60 * 60),
    });
  });
});

describe('RabbitMQ of MasterTrade', () => {
  replaced(
    'S3-11',
    'rabbitmq:4.3-management-alpine runs as mastertrade_rabbitmq with a fixed host name, and is always restarted',
    '3.12 no longer gets fixes (B-15)',
    () => {
      expect(system.image('rabbitmq').name).toBe('rabbitmq:4.3-management-alpine');
      expect(system.container('rabbitmq')).toMatchObject({
        name: 'mastertrade_rabbitmq',
        hostname: 'rabbitmq',
        restart: 'always',
      });
    },
  );

  replaced(
    'S3-12',
    'definitions create the administrator mastertrade and the virtual host /, with a generated password',
    'with a definitions.json the image ignores RABBITMQ_DEFAULT_USER (B-30)',
    () => {
      expect(users[0]).toMatchObject({ name: 'mastertrade', tags: ['administrator'] });
      expect(users.map(({ name }) => name)).not.toContain('guest');
      expect(definitions.vhosts).toEqual([{ name: '/' }]);
      expect(secrets.rabbitmq_password).toMatch(/^[\w-]{30,}$/);
      expect(secrets['rabbitmq_users.json']).not.toContain(secrets.rabbitmq_password);
      expect(system.environment('rabbitmq')).toEqual({});
    },
  );

  met('S3-13', 'AMQP is on 127.0.0.1:5672, and management on 127.0.0.1:15672', () => {
    const configuration = fileOf(system.container('rabbitmq'), '/etc/rabbitmq/conf.d/90-stack.conf');

    expect(configuration).toContain('listeners.tcp.default = 5672\n');
    expect(configuration).toContain('management.tcp.port = 15672\n');
    expect(system.ports('rabbitmq')).toEqual(['127.0.0.1:5672:5672', '127.0.0.1:15672:15672']);
  });

  replaced(
    'S3-14',
    'mastertrade_rabbitmq_data is at /var/lib/rabbitmq and is found again, because the host name is fixed',
    `${NO_SIZE}; the broker blocks publishers while less than 2 GiB of the disk are free`,
    () => {
      const broker = system.container('rabbitmq');

      expect(volumesOf(broker)).toEqual({ '/var/lib/rabbitmq': 'mastertrade_rabbitmq_data' });
      expect(broker.hostname).toBe('rabbitmq');
      expect(fileOf(broker, '/etc/rabbitmq/conf.d/90-stack.conf')).toContain('disk_free_limit.absolute = 2147483648\n');
    },
  );

  replaced(
    'S3-15',
    'settings in the current format and definitions are generated from the code, and the settings load the definitions',
    'the document does not show the files (B-09); rabbitmq.config is the format before 3.7 (B-30)',
    () => {
      const broker = system.container('rabbitmq');

      expect(fileOf(broker, '/etc/rabbitmq/conf.d/90-stack.conf')).toContain(
        'load_definitions = /run/secrets/rabbitmq_users.json\n' +
          'definitions.import_backend = local_filesystem\n' +
          'definitions.local.path = /etc/rabbitmq/definitions.json\n',
      );
      expect(broker.mounts).toContainEqual({
        type: 'bind',
        target: '/run/secrets/rabbitmq_users.json',
        source: '${abspath("${path.root}/../../../.secrets/mastertrade/rabbitmq_users.json")}',
        read_only: true,
      });
      expect(users.map(({ name }) => name)).toEqual([
        'mastertrade',
        'market_data_service',
        'strategy_service',
        'risk_manager',
        'order_executor',
        'alert_system',
        'arbitrage_service',
        'api_gateway',
      ]);
    },
  );

  replaced(
    'S3-16',
    'a connection to the AMQP port every 30 s, with a timeout of 10 s and 5 retries',
    'the ping of rabbitmq-diagnostics succeeds before the port is open, so services would start too early',
    () => {
      expect(system.container('rabbitmq').healthcheck).toEqual({
        test: ['CMD-SHELL', expect.stringContaining('5672')],
        interval: '30s',
        timeout: '10s',
        retries: 5,
        start_period: '1m0s',
        start_interval: '500ms',
      });
    },
  );

  met('S3-61', 'management is on host port 15672, and the user mastertrade may read /api/definitions', () => {
    expect(system.published()).toContain('127.0.0.1:15672 -> mastertrade_rabbitmq:15672');
    expect(fileOf(system.container('rabbitmq'), '/etc/rabbitmq/enabled_plugins')).toContain('rabbitmq_management]');
    expect(users).toContainEqual(expect.objectContaining({ name: 'mastertrade', tags: ['administrator'] }) as unknown);
    expect(secrets.rabbitmq_password).toMatch(/^[\w-]{30,}$/);
  });
});

describe('Redis of MasterTrade', () => {
  const command = system.container('redis').command as readonly string[];

  met('S3-17', 'redis:7-alpine runs as mastertrade_redis and is always restarted', () => {
    expect(system.image('redis').name).toBe('redis:7-alpine');
    expect(system.container('redis')).toMatchObject({ name: 'mastertrade_redis', restart: 'always' });
  });

  replaced(
    'S3-18',
    'redis-server writes every change to a file, evicts the least recently used keys, and uses half of its 2 GiB',
    'with maxmemory 2gb in a 2 GB container, saving copies what changes, and the kernel kills the server (B-32)',
    () => {
      const limit = Number(system.container('redis').memory) * 1024 ** 2;

      expect(command).toEqual([
        'redis-server',
        '/run/secrets/redis_auth.conf',
        '--maxmemory',
        expect.any(String) as unknown,
        '--maxmemory-policy',
        'allkeys-lru',
        '--appendonly',
        'yes',
      ]);
      expect(limit).toBe(2 * 1024 ** 3);
      expect(Number(command[3]) / limit).toBeCloseTo(0.5, 2);
    },
  );

  met('S3-19', 'Redis is on 127.0.0.1:6379, and its data in mastertrade_redis_data at /data', () => {
    expect(volumesOf(system.container('redis'))).toEqual({ '/data': 'mastertrade_redis_data' });
    expect(system.ports('redis')).toEqual(['127.0.0.1:6379:6379']);
    expect(secrets.redis_url).toMatch(/@redis:6379$/);
  });

  replaced(
    'S3-20',
    'redis-cli ping with the password, whose answer is checked, every 10 s, with a timeout of 3 s and 5 retries',
    'redis-cli exits with 0 when the server returns an error, so a refused login would look healthy',
    () => {
      expect(system.container('redis').healthcheck).toEqual({
        test: [
          'CMD-SHELL',
          `REDISCLI_AUTH="$(cat /run/secrets/redis_password)" redis-cli ping | grep -qE 'PONG|MISCONF'`,
        ],
        interval: '10s',
        timeout: '3s',
        retries: 5,
        start_period: '30s',
        start_interval: '500ms',
      });
    },
  );
});

import {
  Image,
  PostgresDb,
  Secret,
  SecretDelivery,
  StrategyRunner,
  Workload,
  type WorkloadOptions,
} from '../../../lib';
import { containerNamed, createStack, synthesize, type TerraformBlock } from '../../setup/synthesize';
import { warningsOf } from '../../services/fixtures';
import { TemporaryProject } from '../temporary-project';

const project = TemporaryProject.forEveryTest();

type Options = (secret: Secret) => WorkloadOptions;

function containerOf(image: Image, options: Options): TerraformBlock {
  const stack = createStack((desk) => {
    new Workload(desk, 'one', { image, ...options(Secret.generated(desk, 'secret')) });
  });
  return containerNamed(synthesize(stack), 'desk-one');
}

/** Variables of which the warnings ask for the delivery. */
function asked(image: Image, options: Options): string[] {
  const stack = createStack((desk) => {
    new Workload(desk, 'one', { image, ...options(Secret.generated(desk, 'secret')) });
  });
  return warningsOf(stack).filter((one) => one.endsWith('[secret-delivery-unknown]'));
}

const fromRegistry = (name: string): Image => Image.fromRegistry(name);

describe('a secret in a file that the image does not read', () => {
  test.each([
    ['clickhouse/clickhouse-server:23.8', 'CLICKHOUSE_PASSWORD'],
    ['registry.example.com/hub/clickhouse/clickhouse-server:23.8', 'CLICKHOUSE_PASSWORD'],
    ['questdb/questdb:9.1.0', 'QDB_PG_PASSWORD'],
    ['rabbitmq:4.2', 'RABBITMQ_DEFAULT_PASS'],
    ['apache/kafka:4.1.0', 'KAFKA_SASL_JAAS_CONFIG'],
    ['emqx/emqx:5.8.6', 'EMQX_DASHBOARD__DEFAULT_PASSWORD'],
    ['freqtradeorg/freqtrade:2026.7', 'FREQTRADE__EXCHANGE__SECRET'],
    ['apache/airflow:3.1.0', 'AIRFLOW__CORE__FERNET_KEY'],
    ['mher/flower:2.0.1', 'FLOWER_BASIC_AUTH'],
    ['ghcr.io/gnzsnz/ib-gateway:10.37.1l', 'TWS_USERID'],
  ])('is refused for %s and %s, and the fix is to export it', (image, variable) => {
    expect(() => containerOf(fromRegistry(image), (secret) => ({ secrets: { [variable]: secret } }))).toThrow(
      `secrets: { ${variable}: secret.deliveredAs(SecretDelivery.EXPORTED) }. [secret-not-read]`,
    );
  });

  test('is refused for programs of the user, too', () => {
    expect(() =>
      createStack((desk) => {
        const secrets = { FREQTRADE__EXCHANGE__KEY: Secret.generated(desk, 'secret') };
        new StrategyRunner(desk, 'bot', { image: fromRegistry('freqtradeorg/freqtrade:2026.7'), secrets });
      }),
    ).toThrow('[secret-not-read]');
  });

  test('is refused for the URL of a connection', () => {
    expect(() =>
      createStack((desk) => {
        const url = new PostgresDb(desk, 'db').endpoint.url({ variable: 'AIRFLOW__DATABASE__SQL_ALCHEMY_CONN' });
        new Workload(desk, 'airflow', { image: fromRegistry('apache/airflow:3.1.0'), uses: [url] });
      }),
    ).toThrow("{ variable: 'AIRFLOW__DATABASE__SQL_ALCHEMY_CONN', delivery: SecretDelivery.EXPORTED }");
  });

  test('is refused with a subcommand of the image, too', () => {
    const options: Options = (secret) => ({ secrets: { AIRFLOW__CORE__FERNET_KEY: secret }, command: ['scheduler'] });
    expect(() => containerOf(fromRegistry('apache/airflow:3.1.0'), options)).toThrow('[secret-not-read]');
  });

  test('of Grafana gets the name that it reads', () => {
    const board = fromRegistry('grafana/grafana:12.4.0');
    expect(() => containerOf(board, (secret) => ({ secrets: { GF_SECURITY_ADMIN_PASSWORD: secret } }))).toThrow(
      'secrets: { GF_SECURITY_ADMIN_PASSWORD__FILE: secret }',
    );
    const container = containerOf(board, (secret) => ({ secrets: { GF_SECURITY_ADMIN_PASSWORD__FILE: secret } }));
    expect(container.env).toEqual(['GF_SECURITY_ADMIN_PASSWORD__FILE=/run/secrets/secret']);
  });

  test('of Redis is set by its construct, as an argument would show it to everyone on the host', () => {
    const cache = fromRegistry('redis:7.4-alpine');
    expect(() => containerOf(cache, (secret) => ({ secrets: { REDIS_PASSWORD: secret } }))).toThrow(
      "new RedisCache(stack, 'cache')",
    );
  });

  test.each<[string, Options]>([
    [
      'the delivery is chosen',
      (secret) => ({ secrets: { CLICKHOUSE_PASSWORD: secret.deliveredAs(SecretDelivery.FILE) } }),
    ],
    [
      'the command reads it',
      (secret) => ({
        secrets: { CLICKHOUSE_PASSWORD: secret },
        command: ['sh', '-c', 'start "$CLICKHOUSE_PASSWORD_FILE"'],
      }),
    ],
    ['a script starts', (secret) => ({ secrets: { CLICKHOUSE_PASSWORD: secret }, command: ['sh', '/start.sh'] })],
    [
      'the entry point is replaced',
      (secret) => ({
        secrets: { CLICKHOUSE_PASSWORD: secret },
        entrypoint: ['/start.sh'],
      }),
    ],
    ['a script of the user may read it', (secret) => ({ secrets: { CLICKHOUSE_READER_PASSWORD: secret } })],
  ])('is accepted if %s', (_name, options) => {
    expect(() => containerOf(fromRegistry('clickhouse:23.8'), options)).not.toThrow();
  });

  test.each([
    ['clickhouse:25.3', 'CLICKHOUSE_PASSWORD'],
    ['questdb/questdb:9.3.4', 'QDB_PG_PASSWORD'],
    ['postgres:17-alpine', 'POSTGRES_PASSWORD'],
    ['minio/minio:RELEASE.2025-09-07T16-13-09Z', 'MINIO_ROOT_PASSWORD'],
    ['dpage/pgadmin4:9.8', 'PGADMIN_DEFAULT_PASSWORD'],
    ['ghcr.io/gnzsnz/ib-gateway:10.37.1l', 'TWS_PASSWORD'],
  ])('is accepted for %s and %s, which it reads, without a warning', (image, variable) => {
    const options: Options = (secret) => ({ secrets: { [variable]: secret } });
    expect(containerOf(fromRegistry(image), options).env).toContain(`${variable}_FILE=/run/secrets/secret`);
    expect(asked(fromRegistry(image), options)).toEqual([]);
  });

  test('is not known of an image that is built', () => {
    project.write('house/Dockerfile', 'FROM clickhouse:23.8\n');
    const options: Options = (secret) => ({ secrets: { CLICKHOUSE_PASSWORD: secret } });
    expect(() => containerOf(Image.fromBuild('house'), options)).not.toThrow();
    expect(asked(Image.fromBuild('house'), options)).toEqual([]);
  });
});

describe('a shell that exports a secret', () => {
  const exported: Options = (secret) => ({ secrets: { PASSWORD: secret.deliveredAs(SecretDelivery.EXPORTED) } });

  test.each([
    ['clickhouse:23.8', ['/entrypoint.sh']],
    ['redis:7.4-alpine', ['docker-entrypoint.sh', 'redis-server']],
    ['freqtradeorg/freqtrade:2026.7', ['freqtrade', 'trade']],
    ['apache/kafka:4.1.0', ['/etc/kafka/docker/run']],
  ])('starts what %s starts', (image, started) => {
    expect(containerOf(fromRegistry(image), exported).command).toEqual(started);
  });

  test('keeps the entry point of the image before the command of the user', () => {
    const options: Options = (secret) => ({ ...exported(secret), command: ['trade', '--strategy', 'Sample'] });
    const { command } = containerOf(fromRegistry('freqtradeorg/freqtrade:2026.7'), options);
    expect(command).toEqual(['freqtrade', 'trade', '--strategy', 'Sample']);
  });

  test('starts the entry point of the user alone, as Docker does', () => {
    const options: Options = (secret) => ({ ...exported(secret), entrypoint: ['/usr/bin/bot'] });
    expect(containerOf(fromRegistry('redis:7.4-alpine'), options).command).toEqual(['/usr/bin/bot']);
  });
});

describe('the delivery of a secret to an unknown image', () => {
  const bot = fromRegistry('ghcr.io/desk/bot:2.4');

  test('is asked for once for each variable', () => {
    expect(asked(bot, (secret) => ({ secrets: { API_KEY: secret, API_SECRET: secret } }))).toEqual([
      'API_KEY [secret-delivery-unknown]',
      'API_SECRET [secret-delivery-unknown]',
    ]);
  });

  test('is asked for a variable that a known image does not have', () => {
    expect(asked(fromRegistry('postgres:17-alpine'), (secret) => ({ secrets: { READER_PASSWORD: secret } }))).toEqual([
      'READER_PASSWORD [secret-delivery-unknown]',
    ]);
  });

  test.each<[string, Options]>([
    ['it is chosen', (secret) => ({ secrets: { API_KEY: secret.deliveredAs(SecretDelivery.FILE) } })],
    ['the variable is one for a path', (secret) => ({ secrets: { API_KEY_FILE: secret } })],
    [
      'the command names the path',
      (secret) => ({
        secrets: { API_KEY: secret },
        command: ['bot', '--key', '/run/secrets/secret'],
      }),
    ],
  ])('is not asked for if %s', (_name, options) => {
    expect(asked(bot, options)).toEqual([]);
  });

  test('is not asked for in a runtime, whose program is the user’s own', () => {
    expect(asked(fromRegistry('python:3.13-slim'), (secret) => ({ secrets: { API_KEY: secret } }))).toEqual([]);
  });

  test('is not asked for in a role, whose program is written for this library', () => {
    const stack = createStack((desk) => {
      new StrategyRunner(desk, 'runner', { image: bot, secrets: { API_KEY: Secret.generated(desk, 'secret') } });
    });
    expect(warningsOf(stack)).toEqual([]);
  });
});

import { runInNewContext } from 'node:vm';
import {
  HealthCheck,
  Image,
  InfluxDb,
  PostgresDb,
  QuestDb,
  RabbitMqBroker,
  RedisCache,
  type TradingStack,
} from '../../lib';
import { knownImage } from '../../lib/workload/images/catalog/catalog';
import { containerNamed, createStack, synthesizeStack } from '../setup/synthesize';
import { volumesOf } from './fixtures';

const SERVERS: Readonly<Record<string, (stack: TradingStack, image: Image) => unknown>> = {
  PostgresDb: (stack, image) => new PostgresDb(stack, 'it', { image }),
  RedisCache: (stack, image) => new RedisCache(stack, 'it', { image }),
  RabbitMqBroker: (stack, image) => new RabbitMqBroker(stack, 'it', { image }),
  InfluxDb: (stack, image) => new InfluxDb(stack, 'it', { image }),
  QuestDb: (stack, image) => new QuestDb(stack, 'it', { image }),
};

function containerOf(server: string, name: string) {
  const image = Image.fromRegistry(name);
  return containerNamed(
    synthesizeStack((stack) => SERVERS[server]?.(stack, image)),
    'desk-it',
  );
}

describe('a server and the catalogue', () => {
  test.each([
    ['PostgresDb', 'postgres:17-alpine'],
    ['PostgresDb', 'postgres:18'],
    ['PostgresDb', 'postgis/postgis:17-3.5'],
    ['PostgresDb', 'postgis/postgis:18-3.6-alpine'],
    ['PostgresDb', 'pgvector/pgvector:pg17'],
    ['PostgresDb', 'pgvector/pgvector:0.8.1-pg18-trixie'],
    ['PostgresDb', 'timescale/timescaledb:2.30.2-pg17'],
    ['PostgresDb', 'timescale/timescaledb:2.30.2-pg18-oss'],
    ['PostgresDb', 'timescale/timescaledb-ha:pg16'],
    ['RedisCache', 'redis:7.4-alpine'],
    ['RedisCache', 'valkey/valkey:9.1-alpine'],
    ['RabbitMqBroker', 'rabbitmq:4.3-management'],
    ['InfluxDb', 'influxdb:2.9'],
    ['QuestDb', 'questdb/questdb:10.0.1'],
  ])('%s mounts its volume where the data of %s is', (server, name) => {
    const { data: [data] = [] } = knownImage(name) ?? {};
    const mountPoints = Object.keys(volumesOf(containerOf(server, name)));

    expect(data).toBeDefined();
    // Without a VOLUME of the image, one above the data holds it, too.
    const places = mountPoints.map((path) =>
      data?.declared === undefined ? `${data?.path ?? ''}/`.startsWith(`${path}/`) : path === data.declared,
    );
    expect(places).toContain(true);
  });

  test.each(['7', '8.2.1', '9.2', '9.3', '9.3.1', '9.3.2', '9.3.3', '9.3.10', '9.4.3', '10.0.1'])(
    'agree whether QuestDB of the tag %s reads passwords from files',
    (tag) => {
      const name = `questdb/questdb:${tag}`;
      const create = () => createStack((stack) => SERVERS['QuestDb']?.(stack, Image.fromRegistry(name)));

      if (knownImage(name)?.secrets?.files !== undefined) expect(create).not.toThrow();
      else expect(create).toThrowCode('image-version-unsupported');
    },
  );

  test('ask QuestDB for its status in the same way', () => {
    const name = 'questdb/questdb:10.0.1';
    const check = runInNewContext(knownImage(name)?.healthCheck ?? '', { HealthCheck }) as HealthCheck;
    expect(containerOf('QuestDb', name).healthcheck).toMatchObject({ test: check.toSpec().test });
  });
});

import {
  Image,
  InfluxDb,
  PostgresDb,
  type PostgresDbProps,
  QuestDb,
  RabbitMqBroker,
  RedisCache,
  type TradingStack,
} from '../../lib';
import { containerNamed, createStack, synthesizeStack } from '../setup/synthesize';
import { TemporaryProject } from '../workload/temporary-project';
import { environmentOf, volumesOf } from './fixtures';

const project = TemporaryProject.forEveryTest();

const SERVERS: Readonly<Record<string, (stack: TradingStack, image: Image) => unknown>> = {
  PostgresDb: (stack, image) => new PostgresDb(stack, 'it', { image }),
  RedisCache: (stack, image) => new RedisCache(stack, 'it', { image }),
  RabbitMqBroker: (stack, image) => new RabbitMqBroker(stack, 'it', { image }),
  InfluxDb: (stack, image) => new InfluxDb(stack, 'it', { image }),
  QuestDb: (stack, image) => new QuestDb(stack, 'it', { image }),
};

function creating(server: string, image: Image): () => unknown {
  return () => createStack((stack) => SERVERS[server]?.(stack, image));
}

function database(props: PostgresDbProps) {
  return containerNamed(
    synthesizeStack((stack) => new PostgresDb(stack, 'db', props)),
    'desk-db',
  );
}

describe('an image of a server', () => {
  test.each([
    ['PostgresDb', 'docker.io/library/postgres:17-alpine'],
    ['PostgresDb', 'registry.desk.example/mirror/library/postgres:17.5'],
    ['PostgresDb', 'localhost/postgres:17'],
    ['PostgresDb', 'registry.desk.example/hub/pgvector/pgvector:pg17'],
    ['RedisCache', 'public.ecr.aws/docker/library/redis:7.4-alpine'],
    ['RedisCache', 'valkey/valkey:9.1-alpine'],
    ['RabbitMqBroker', 'registry.desk.example:5000/rabbitmq:4.3-management'],
    ['InfluxDb', 'registry.desk.example/library/influxdb:2.9'],
    ['QuestDb', 'registry.desk.example/questdb/questdb:9.3.4'],
  ])('%s accepts %s', (server, name) => {
    expect(creating(server, Image.fromRegistry(name))).not.toThrow();
  });

  test.each([
    ['PostgresDb', 'bitnami/postgresql:17'],
    ['PostgresDb', 'supabase/postgres:17.4.1'],
    ['PostgresDb', 'ghcr.io/desk/postgres:17'],
    ['PostgresDb', 'ghcr.io/pgvector:17'],
    ['RedisCache', 'bitnami/redis:7.4'],
    ['RabbitMqBroker', 'bitnami/rabbitmq:4.1'],
    ['InfluxDb', 'quay.io/influxdb/influxdb:v2.0.4'],
    ['QuestDb', 'ghcr.io/desk/questdb:9.3.4'],
  ])('%s refuses %s, whose layout is not known, and says what to do', (server, name) => {
    expect(creating(server, Image.fromRegistry(name))).toThrowCode('image-layout-unknown', name, 'pass { baseImage: ');
  });

  test.each([
    ['PostgresDb', 'postgres:17-alpine'],
    ['RedisCache', 'redis:7.4-alpine'],
    ['RabbitMqBroker', 'rabbitmq:4.3-management-alpine'],
    ['InfluxDb', 'influxdb:2.9-alpine'],
    ['QuestDb', 'questdb/questdb:10.0.1'],
  ])('%s accepts an image of which the user says that it is built on %s', (server, baseImage) => {
    expect(creating(server, Image.fromRegistry('ghcr.io/desk/server:4', { baseImage }))).not.toThrow();
  });

  test('the name of a base image is checked', () => {
    expect(() => Image.fromRegistry('ghcr.io/desk/server:4', { baseImage: 'Redis 7' })).toThrowCode(
      'invalid-name',
      'baseImage',
    );
    expect(() => Image.fromBuild('server', { baseImage: '' })).toThrowCode('invalid-name', 'baseImage');
  });

  test('a Dockerfile is known by its base image, or by what the user says about that', () => {
    project.write('known/Dockerfile', 'FROM redis:7.4-alpine');
    project.write('unknown/Dockerfile', 'FROM ghcr.io/desk/redis-base:3');

    expect(creating('RedisCache', Image.fromBuild('known'))).not.toThrow();
    expect(creating('RedisCache', Image.fromBuild('unknown'))).toThrowCode('image-layout-unknown', 'redis-base:3');
    expect(creating('RedisCache', Image.fromBuild('unknown', { baseImage: 'redis:7.4-alpine' }))).not.toThrow();
  });
});

describe('layout of PostgreSQL', () => {
  test.each([
    ['postgis/postgis:17-3.5', '/var/lib/postgresql/data'],
    ['postgis/postgis:18-3.6-alpine', '/var/lib/postgresql'],
    ['pgvector/pgvector:pg17', '/var/lib/postgresql/data'],
    ['pgvector/pgvector:0.8.1-pg18-trixie', '/var/lib/postgresql'],
    ['timescale/timescaledb:2.30.2-pg17', '/var/lib/postgresql/data'],
    ['timescale/timescaledb:2.30.2-pg18-oss', '/var/lib/postgresql'],
    ['timescale/timescaledb-ha:pg16', '/home/postgres/pgdata'],
    ['timescale/timescaledb-ha:pg18.6-ts2.30.2-all', '/home/postgres/pgdata'],
  ])('the data of %s is in %s', (name, path) => {
    expect(volumesOf(database({ image: Image.fromRegistry(name) }))).toEqual({ [path]: 'desk_db_data' });
  });

  test('the data of an unknown image is where the user says, as the user that owns it there', () => {
    const terraform = synthesizeStack(
      (stack) =>
        new PostgresDb(stack, 'db', {
          image: Image.fromRegistry('supabase/postgres:17.4.1'),
          dataDirectory: '/srv/pgdata',
          runAs: 'supabase',
          databases: [{ name: 'quotes' }],
        }),
    );
    const container = containerNamed(terraform, 'desk-db');

    expect(volumesOf(container)).toEqual({ '/srv/pgdata': 'desk_db_data' });
    expect(environmentOf(container)).toMatchObject({ PGDATA: '/srv/pgdata' });
    expect([container.user, containerNamed(terraform, 'desk-db-roles').user]).toEqual(['supabase', 'supabase']);
  });

  const described = (dataDirectory: string) => {
    const image = Image.fromRegistry('supabase/postgres:17.4.1');
    return synthesizeStack((stack) => new PostgresDb(stack, 'db', { image, dataDirectory, runAs: 'supabase' }));
  };

  test.each(["/a'b", '/a b;touch x', '/', '/.', '/srv/./x', '/var/../etc', '/..', 'srv/pgdata', '', '/a\n'])(
    'the volume of an unknown image cannot be mounted at %j',
    (dataDirectory) => {
      expect(() => described(dataDirectory)).toThrowCode('invalid-path', 'desk/db', 'dataDirectory', '/srv/pgdata');
    },
  );

  test('the path of an unknown image may end with a slash', () => {
    const container = containerNamed(described('/srv/..pgdata-17/'), 'desk-db');
    expect(volumesOf(container)).toEqual({ '/srv/..pgdata-17': 'desk_db_data' });
    expect(JSON.stringify(container.entrypoint)).toContain('in /srv/..pgdata-17/*)');
  });

  test.each([{ dataDirectory: '/srv/pgdata' }, { runAs: 'supabase' }, { majorVersion: 17 }])(
    '%j alone does not describe an unknown image',
    (options) => {
      const image = Image.fromRegistry('supabase/postgres:17.4.1');
      const create = () => createStack((stack) => new PostgresDb(stack, 'db', { ...options, image }));
      expect(create).toThrowCode('image-layout-unknown', "and runAs: 'postgres'");
    },
  );
});

test('Valkey runs its own programs as its own user', () => {
  const image = Image.fromRegistry('valkey/valkey:9.1-alpine');
  const container = containerNamed(
    synthesizeStack((stack) => new RedisCache(stack, 'cache', { image })),
    'desk-cache',
  );

  expect(container).toMatchObject({ user: 'valkey' });
  expect(container.command).toEqual(expect.arrayContaining(['valkey-server']));
  expect(JSON.stringify(container.healthcheck)).toContain('valkey-cli ping');
});

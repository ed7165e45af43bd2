import { createPlatformStack } from '../../examples/platform/stack';
import { Engine } from '../../lib';
import { fileOf, secretsOf } from '../../test/services/fixtures';
import { createApp } from '../../test/setup/synthesize';
import { met, replaced } from '../requirement';
import { secretFilesOf, SynthesizedSystem } from '../synthesized-system';

const GATEWAYS = ['api_gateway_1', 'api_gateway_2', 'api_gateway_3'];
const WEB_SOCKETS = ['websocket_service_1', 'websocket_service_2'];
const WORKERS = ['strategy_service', 'order_service'];
const SERVICES = [...GATEWAYS, ...WEB_SOCKETS, ...WORKERS, 'analytics_service'];
const SERVERS = ['postgres', 'redis', 'influxdb', 'proxy'];

const NO_LATEST =
  '`latest` is a different image tomorrow (B-12), and the clean-up of the document needs trading-platform in the name';

const system = new SynthesizedSystem(createPlatformStack(createApp()));
const secrets = secretFilesOf(createPlatformStack).contents;

/** The configuration of nginx for a path. */
function locationOf(path: string, proxy = 'proxy'): string {
  const configuration = fileOf(system.container(proxy), '/etc/nginx/nginx.conf');
  const [, block] = configuration.split(`location ${path} {`);
  if (block === undefined) throw new Error(`no location ${path}`);
  return block.split(/^ {8}\}/m)[0] ?? '';
}

/** Expects what the document specifies for a service: limits, start order and health check. */
function expectSpecified(
  service: string,
  spec: { image: string; cpus: number; gibibytes: number; after: readonly string[]; asks: string },
) {
  expect(system.image(service).name).toMatch(new RegExp(`^trading-platform/${spec.image}:[0-9a-f]{16}$`));
  expect(system.container(service)).toMatchObject({
    cpu_period: 100_000,
    cpu_quota: spec.cpus * 100_000,
    memory: spec.gibibytes * 1024,
  });
  expect(system.startsAfter(service)).toEqual(expect.arrayContaining([...spec.after]));
  for (const server of spec.after.filter((one) => SERVERS.includes(one)))
    expect(system.container(server).wait).toBe(true);
  expect(system.probe(service)).toContain(spec.asks);
}

/** Expects that a service is not reachable, and that it has a heartbeat file. */
function expectBackground(service: string): void {
  expect(system.container(service).ports).toEqual([]);
  expect(fileOf(system.container('proxy'), '/etc/nginx/nginx.conf')).not.toContain(service);
  expect(system.environment(service)).toMatchObject({ HEARTBEAT_FILE: '/tmp/heartbeat' });
}

describe('the microservices', () => {
  met('S4-1', 'the gateways serve REST on 8080, and nginx on 127.0.0.1:8080 routes /api/ to them', () => {
    for (const gateway of GATEWAYS) {
      expect(system.environment(gateway)).toMatchObject({ ROLE: 'api-gateway', PORT: '8080' });
      expect(system.aliases(gateway)).toContain('api_gateway');
    }
    expect(system.ports('proxy')).toEqual(['127.0.0.1:8080:8080']);
    expect(locationOf('/api/')).toContain('set $backend "api-gateway:8080";');
  });

  met(
    'S4-2',
    'WebSocket services on 8081, reached through nginx on 127.0.0.1:8081, send prices and fills and accept orders (live-feed.test.ts of the reference service)',
    () => {
      expect(system.ports('websocket_proxy')).toEqual(['127.0.0.1:8081:8080']);
      for (const service of WEB_SOCKETS) {
        expect(system.environment(service)).toMatchObject({ ROLE: 'websocket', PORT: '8081', TRANSPORT: 'redis' });
      }
      for (const proxy of ['proxy', 'websocket_proxy']) {
        expect(locationOf('= /ws', proxy)).toContain('set $backend "websocket-service:8081";');
        expect(locationOf('= /ws', proxy)).toContain('proxy_set_header Upgrade $websocket;');
        expect(locationOf('/socket.io/', proxy)).toContain('proxy_pass http://replica_of_websocket-service_8081;');
        expect(locationOf('/socket.io/', proxy)).toContain('proxy_set_header Upgrade $websocket;');
      }
    },
  );

  met('S4-3', 'strategy_service runs strategies in the background, without a port and with a heartbeat file', () => {
    expectBackground('strategy_service');
    expect(system.environment('strategy_service').ROLE).toContain('strategy-runner');
  });

  met('S4-4', 'order_service executes orders in the background, with the risk check (systems.e2e.test.ts)', () => {
    expectBackground('order_service');
    expect(system.environment('order_service')).toMatchObject({
      ROLE: 'risk-manager,order-executor',
      TRADING_ENVIRONMENT: 'paper',
      MAX_POSITION_SIZE_PCT: '0.2',
      MAX_PORTFOLIO_DRAWDOWN_PCT: '0.15',
    });
  });

  met('S4-5', 'analytics_service is on 127.0.0.1:8082, and nginx routes /reports/ to it', () => {
    expect(system.environment('analytics_service')).toMatchObject({ ROLE: 'analytics', PORT: '8082' });
    expect(system.ports('analytics_service')).toEqual(['127.0.0.1:8082:8082']);
    expect(locationOf('/reports/')).toContain('set $backend "analytics-service:8082";');
  });
});

describe('the details of the services', () => {
  replaced(
    'S4-16',
    'trading-platform/api-gateway:<hash>, 8080, 2 CPU, 2 GB, after PostgreSQL and Redis are healthy, GET /health',
    NO_LATEST,
    () => {
      for (const gateway of GATEWAYS) {
        const asks = '"http://$1:8080/health"';
        expectSpecified(gateway, { image: 'api-gateway', cpus: 2, gibibytes: 2, after: ['postgres', 'redis'], asks });
      }
    },
  );

  replaced(
    'S4-17',
    'trading-platform/websocket-service:<hash>, 8081, 2 CPU, 2 GB, after Redis is healthy, GET /health; Node serves WebSockets without a worker class',
    `Eventlet is for Python; ${NO_LATEST}`,
    () => {
      for (const service of WEB_SOCKETS) {
        expectSpecified(service, {
          image: 'websocket-service',
          cpus: 2,
          gibibytes: 2,
          after: ['redis'],
          asks: '"http://$1:8081/health"',
        });
        expect(system.startsAfter(service)).not.toContain('postgres');
      }
    },
  );

  replaced(
    'S4-18',
    'trading-platform/strategy-service:<hash>, 2 CPU, 2 GB, after PostgreSQL, Redis and InfluxDB are healthy, a heartbeat',
    NO_LATEST,
    () => {
      const after = ['postgres', 'redis', 'influxdb_strategy_service'];
      expectSpecified('strategy_service', {
        image: 'strategy-service',
        cpus: 2,
        gibibytes: 2,
        after,
        asks: '/tmp/heartbeat',
      });
      // A job creates its token once InfluxDB is healthy.
      expect(system.startsAfter('influxdb_strategy_service')).toEqual(['influxdb_buckets']);
      expect(system.startsAfter('influxdb_buckets')).toEqual(['influxdb']);
    },
  );

  replaced(
    'S4-19',
    'trading-platform/order-service:<hash>, 1 CPU, 1 GB, after PostgreSQL and Redis are healthy, a heartbeat',
    NO_LATEST,
    () => {
      expectSpecified('order_service', {
        image: 'order-service',
        cpus: 1,
        gibibytes: 1,
        after: ['postgres', 'redis'],
        asks: '/tmp/heartbeat',
      });
    },
  );

  replaced(
    'S4-20',
    'trading-platform/analytics-service:<hash>, 8082, 1 CPU, 1 GB, after PostgreSQL, Redis and InfluxDB are healthy, GET /health',
    NO_LATEST,
    () => {
      const after = ['postgres', 'redis', 'influxdb_analytics_service'];
      expectSpecified('analytics_service', {
        image: 'analytics-service',
        cpus: 1,
        gibibytes: 1,
        after,
        asks: '"http://$1:8082/health"',
      });
      expect(system.startsAfter('influxdb_analytics_service')).toEqual(['influxdb_buckets']);
    },
  );

  met('S4-24', 'three gateways and two WebSocket services behind nginx; other numbers are an option', () => {
    const gatewaysAndSockets = /api_gateway|websocket_service/;
    const count = (one: SynthesizedSystem) =>
      one.names
        .map((name) => one.serviceOf(name))
        .filter((name) => gatewaysAndSockets.test(name))
        .sort();
    expect(count(system)).toEqual([...GATEWAYS, ...WEB_SOCKETS]);

    const scaled = new SynthesizedSystem(createPlatformStack(createApp(), { apiGateways: 1, webSocketServices: 3 }));
    expect(count(scaled)).toEqual(['api_gateway', ...WEB_SOCKETS, 'websocket_service_3']);
  });

  replaced(
    'S4-25',
    'each service has limits, and half of its memory reserved: guaranteed on a Swarm, and soft on one host',
    'Docker itself does not guarantee memory to a container on one host, and the document has no numbers for reservations',
    () => {
      const swarm = new SynthesizedSystem(createPlatformStack(createApp(), { engine: Engine.swarm() }));
      for (const service of SERVICES) {
        const { cpu_quota, memory, memory_reservation: reserved } = system.container(service);
        expect([service, Number(cpu_quota) > 0, Number(memory) / 2]).toEqual([service, true, reserved]);
        expect(swarm.swarmService(service.replace(/_\d$/, '')).task_spec.resources).toMatchObject({
          limits: { nano_cpus: Number(cpu_quota) * 10_000, memory_bytes: Number(memory) * 1024 ** 2 },
          reservation: { memory_bytes: Number(reserved) * 1024 ** 2 },
        });
      }
    },
  );
});

describe('the configuration of the services', () => {
  replaced(
    'S4-11',
    'a URL with the user of the server and a generated password, and the password for PostgreSQL, both in files',
    'user and password are not those of the server (B-02), and every `docker inspect` shows a variable',
    () => {
      const { DATABASE_URL, DATABASE_URL_FILE } = system.environment('api_gateway_1');
      expect([DATABASE_URL, DATABASE_URL_FILE]).toEqual([undefined, '/run/secrets/postgres_url']);
      expect(system.environment('postgres')).toMatchObject({
        POSTGRES_USER: 'postgres',
        POSTGRES_DB: 'trading_platform',
        POSTGRES_PASSWORD_FILE: '/run/secrets/postgres_password',
      });
      expect(secrets.postgres_password).toMatch(/^[\w-]{32,}$/);
      expect(secrets.postgres_url).toBe(
        `postgresql://postgres:${secrets.postgres_password}@postgres:5432/trading_platform`,
      );
    },
  );

  met('S4-12', 'REDIS_HOST=redis and REDIS_PORT=6379 for all, and a password in a file', () => {
    for (const service of SERVICES) {
      expect(system.environment(service)).toMatchObject({
        REDIS_HOST: 'redis',
        REDIS_PORT: '6379',
        REDIS_PASSWORD_FILE: '/run/secrets/redis_password',
      });
      expect(system.environment(service)).not.toHaveProperty('REDIS_URL');
    }
    expect(system.aliases('redis')).toEqual(['redis']);
  });

  met('S4-13', 'only the gateways and the WebSocket services get the key, generated and in a file', () => {
    for (const service of [...GATEWAYS, ...WEB_SOCKETS]) {
      expect(system.environment(service)).toMatchObject({ JWT_SECRET_KEY_FILE: '/run/secrets/jwt_secret_key' });
      expect(secretsOf(system.container(service))).toContain('/run/secrets/jwt_secret_key');
    }
    const others = system.containers.filter(({ name }) => !/api-gateway|websocket-service/.test(String(name)));
    expect(JSON.stringify(others)).not.toMatch(/jwt_secret_key/i);
    expect(secrets.jwt_secret_key).toMatch(/^[\w-]{64}$/);
  });

  replaced(
    'S4-14',
    'URL, organization and bucket are unchanged; each consumer gets a token of its own, and the server its password, in files',
    'a shared token has every permission, and InfluxDB has to be set up with a user first (B-42)',
    () => {
      for (const [service, rights] of Object.entries({ strategy_service: 'read write', analytics_service: 'read' })) {
        const environment = system.environment(service);
        expect(environment).toMatchObject({
          INFLUXDB_URL: 'http://influxdb:8086',
          INFLUXDB_ORG: 'trading-platform',
          INFLUXDB_BUCKET: 'market-data',
        });
        expect(environment.INFLUXDB_TOKEN_FILE).toMatch(new RegExp(`^/run/influxdb/${service}/token-[0-9a-f]{16}$`));
        expect(system.environment(`influxdb_${service}`).RIGHTS).toBe(rights);
      }
      expect(system.environment('influxdb')).toMatchObject({
        DOCKER_INFLUXDB_INIT_MODE: 'setup',
        DOCKER_INFLUXDB_INIT_USERNAME: 'admin',
        DOCKER_INFLUXDB_INIT_PASSWORD_FILE: '/run/secrets/influxdb_password',
        DOCKER_INFLUXDB_INIT_ORG: 'trading-platform',
        DOCKER_INFLUXDB_INIT_BUCKET: 'market-data',
      });
      expect(secrets.influxdb_password).toMatch(/^[\w-]{32,}$/);
    },
  );
});

import { type BinanceOptions, createBinanceStack } from '../../examples/binance/stack';
import { AppService, Engine, Image, Secret, SecretDelivery } from '../../lib';
import { secretsOf } from '../../test/services/fixtures';
import { containerNamed, createApp, synthesizeStack } from '../../test/setup/synthesize';
import { met, replaced } from '../requirement';
import { namesOf, secretFilesOf, SynthesizedSystem } from '../synthesized-system';

/** The five services, each with the port on which it answers HTTP. */
const HTTP_PORTS = {
  market_data_service: 8000,
  order_execution_service: 8081,
  risk_management_service: 8080,
  strategy_engine: 9090,
  api_gateway: 8080,
};
const MICROSERVICES = Object.keys(HTTP_PORTS);

const system = new SynthesizedSystem(createBinanceStack(createApp()));
const onSwarm = new SynthesizedSystem(createBinanceStack(createApp(), { engine: Engine.swarm() }));
const withKeys = new SynthesizedSystem(createBinanceStack(createApp(), { exchangeKeys: true }));

describe('the system', () => {
  met('S1-1', 'seven services and a database, each with a probe, started in order and always restarted', () => {
    expect(system.containers.map(({ name }) => system.serviceOf(String(name))).sort()).toEqual(
      [...MICROSERVICES, 'prometheus', 'grafana', 'db', 'db_exporter'].sort(),
    );
    for (const container of system.containers) {
      expect(container).toMatchObject({
        healthcheck: { test: expect.arrayContaining([expect.anything()]) as unknown },
        restart: 'unless-stopped',
      });
    }
    const order = [...MICROSERVICES, 'prometheus', 'grafana', 'db_exporter'].map((service) => [
      service,
      system.startsAfter(service).sort(),
    ]);
    expect(Object.fromEntries(order)).toEqual({
      market_data_service: [],
      risk_management_service: ['db', 'market_data_service'],
      order_execution_service: ['db', 'risk_management_service'],
      strategy_engine: ['db', 'market_data_service', 'order_execution_service'],
      api_gateway: ['db', 'market_data_service', 'order_execution_service', 'strategy_engine'],
      prometheus: [],
      grafana: ['prometheus'],
      db_exporter: ['db'],
    });
  });

  met('S1-9', 'Prometheus is on 127.0.0.1:9090, and Grafana on 127.0.0.1:3000', () => {
    expect(system.published()).toEqual(
      expect.arrayContaining(['127.0.0.1:9090 -> binance-prometheus:9090', '127.0.0.1:3000 -> binance-grafana:3000']),
    );
  });

  replaced(
    'S1-10',
    'risk, execution, strategies and gateway start one after another, each when the one before is healthy; no fill without a check (systems.e2e.test.ts)',
    'with execution before risk management, unchecked orders could go out (B-21); execution reads no prices',
    () => {
      expect(system.startsAfter('risk_management_service')).toEqual(['db', 'market_data_service']);
      expect(system.startsAfter('order_execution_service')).toEqual(['risk_management_service', 'db']);
      expect(system.startsAfter('strategy_engine')).toEqual(
        expect.arrayContaining(['market_data_service', 'order_execution_service']),
      );
      expect(system.startsAfter('api_gateway')).toContain('strategy_engine');
      for (const service of MICROSERVICES) expect(system.container(service).wait).toBe(true);
    },
  );
});

describe('the microservices', () => {
  met(
    'S1-4',
    'market_data_service ingests three pairs and publishes them on 5555, where three services subscribe (systems.e2e.test.ts)',
    () => {
      expect(system.published()).toContain('127.0.0.1:5555 -> trading_market_data:5555');
      expect(system.environment('market_data_service')).toMatchObject({
        ROLE: 'market-data',
        SYMBOLS: 'BTCUSDT,ETHUSDT,ETHBTC',
        ZMQ_MARKET_PORT: '5555',
      });
      for (const listener of ['risk_management_service', 'strategy_engine', 'api_gateway']) {
        expect(system.environment(listener).MARKET_DATA_URL).toBe('tcp://market-data-service:5555');
      }
    },
  );

  met('S1-5', 'order_execution_service accepts orders on 5556 and fills them (systems.e2e.test.ts)', () => {
    expect(system.environment('order_execution_service')).toMatchObject({
      ROLE: 'order-executor',
      TRADING_ENVIRONMENT: 'paper',
      ZMQ_EXEC_PORT: '5556',
      DATABASE_URL_FILE: '/run/secrets/db_url',
    });
    expect(system.published()).toContain('127.0.0.1:5556 -> trading_order_execution:5556');
    expect(system.environment('order_execution_service').RISK_MANAGER_URL).toBe('tcp://risk-management-service:5557');
    for (const orderer of ['strategy_engine', 'api_gateway']) {
      expect(system.environment(orderer).ORDER_EXECUTOR_URL).toBe('tcp://order-execution-service:5556');
    }
  });

  met(
    'S1-6',
    'risk_management_service checks each order on 5557 against the fills in the database and its limits (systems.e2e.test.ts; risk-manager.test.ts and risk.test.ts of the reference service)',
    () => {
      expect(system.environment('risk_management_service')).toMatchObject({
        ROLE: 'risk-manager',
        ZMQ_RISK_PORT: '5557',
        MAX_POSITION_SIZE: '10000',
        MAX_DAILY_LOSS: '1000',
        DATABASE_URL_FILE: '/run/secrets/db_url',
      });
      expect(system.environment('order_execution_service').RISK_MANAGER_URL).toBe('tcp://risk-management-service:5557');
      expect(system.published()).toContain('127.0.0.1:5557 -> trading_risk_management:5557');
    },
  );

  met('S1-7', 'strategy_engine is on 5558, and orders what its strategy decides (systems.e2e.test.ts)', () => {
    expect(system.environment('strategy_engine')).toMatchObject({
      ROLE: 'strategy-runner',
      ZMQ_EXEC_PORT: '5558',
      ORDER_EXECUTOR_URL: 'tcp://order-execution-service:5556',
    });
    expect(system.published()).toContain('127.0.0.1:5558 -> trading_strategy_engine:5558');
  });

  met(
    'S1-8',
    'api_gateway serves REST, and live prices and fills, on 8080 (live-feed.test.ts of the reference service)',
    () => {
      expect(system.environment('api_gateway')).toMatchObject({
        ROLE: 'api-gateway',
        PORT: '8080',
        DATABASE_URL_FILE: '/run/secrets/db_url',
        ORDER_EXECUTOR_URL: 'tcp://order-execution-service:5556',
        MARKET_DATA_URL: 'tcp://market-data-service:5555',
        ORDER_EXECUTOR_EVENTS_URL: 'tcp://order-execution-service:5559',
      });
      expect(system.environment('order_execution_service').ZMQ_EVENTS_PORT).toBe('5559');
      expect(system.published()).toContain('127.0.0.1:8080 -> trading_api_gateway:8080');
    },
  );

  met('S1-22', 'limits of 1 CPU and 512 MB, and reservations of 256 MB and, on a Swarm, half a CPU', () => {
    for (const service of MICROSERVICES) {
      expect(system.container(service)).toMatchObject({
        cpu_period: 100_000,
        cpu_quota: 100_000,
        memory: 512,
        memory_reservation: 256,
      });
      expect(onSwarm.swarmService(service).task_spec.resources).toEqual({
        limits: { nano_cpus: 1e9, memory_bytes: 512 * 1024 ** 2 },
        reservation: { nano_cpus: 0.5e9, memory_bytes: 256 * 1024 ** 2 },
      });
    }
  });
});

describe('the probes', () => {
  replaced(
    'S1-20',
    'each of the five is probed at /health on its own port, with the four timings of the document',
    'the image has no nc (B-10), and four of the five do not listen on 5555',
    () => {
      for (const [service, port] of Object.entries(HTTP_PORTS)) {
        expect(system.container(service).healthcheck).toMatchObject({
          interval: '10s',
          timeout: '5s',
          retries: 3,
          start_period: '30s',
        });
        expect(system.environment(service).PORT).toBe(String(port));
        expect(system.probe(service)).toContain(`"http://$1:${port}/health"`);
      }
    },
  );

  met('S1-21', 'every container has a probe, and a deploy ends when all are healthy (systems.e2e.test.ts)', () => {
    for (const { healthcheck, wait } of system.containers) {
      expect(healthcheck).toMatchObject({ test: expect.not.arrayContaining(['NONE']) as unknown });
      expect(wait).toBe(true);
    }
  });
});

describe('the configuration of the services', () => {
  met(
    'S1-15',
    'order execution gets both in files that the plan requires; a program that reads variables gets them from a shell',
    () => {
      expect(withKeys.environment('order_execution_service')).toMatchObject({
        BINANCE_API_KEY_FILE: '/run/secrets/binance_api_key',
        BINANCE_API_SECRET_FILE: '/run/secrets/binance_api_secret',
      });
      expect(secretsOf(withKeys.container('order_execution_service'))).toEqual(
        expect.arrayContaining(['/run/secrets/binance_api_key', '/run/secrets/binance_api_secret']),
      );
      const others = withKeys.containers.filter(({ name }) => name !== 'trading_order_execution');
      expect(JSON.stringify(others)).not.toMatch(/binance_api/i);
      expect(secretFilesOf((app) => createBinanceStack(app, { exchangeKeys: true })).missing).toEqual([
        '.secrets/binance/binance_api_key',
        '.secrets/binance/binance_api_secret',
      ]);

      const reader = synthesizeStack((stack) => {
        const key = Secret.provided(stack, 'binance_api_key', { description: 'the API key of Binance' });
        const secrets = { BINANCE_API_KEY: key.deliveredAs(SecretDelivery.EXPORTED) };
        new AppService(stack, 'bot', { image: Image.fromRegistry('trading/bot:1.0'), entrypoint: ['bot'], secrets });
      });
      expect(JSON.stringify(containerNamed(reader, 'desk-bot').entrypoint)).toContain('export BINANCE_API_KEY;');
    },
  );

  met('S1-16', 'only risk_management_service gets both limits, with these values', () => {
    expect(system.environment('risk_management_service')).toMatchObject({
      MAX_POSITION_SIZE: '10000',
      MAX_DAILY_LOSS: '1000',
    });
    const others = system.containers.filter(({ name }) => name !== 'trading_risk_management');
    expect(JSON.stringify(others)).not.toMatch(/MAX_POSITION_SIZE|MAX_DAILY_LOSS/);
  });

  replaced(
    'S1-17',
    'the password of Grafana is generated and passed in a file',
    'a password in `.env` is chosen by a person (B-12), and every `docker inspect` shows one in a variable',
    () => {
      const { GF_SECURITY_ADMIN_PASSWORD, GF_SECURITY_ADMIN_PASSWORD__FILE } = system.environment('grafana');
      expect(GF_SECURITY_ADMIN_PASSWORD).toBeUndefined();
      expect(GF_SECURITY_ADMIN_PASSWORD__FILE).toBe('/run/secrets/grafana_admin_password');
      expect(secretFilesOf(createBinanceStack).contents.grafana_admin_password).toMatch(/^[\w-]{32,}$/);
    },
  );

  replaced(
    'S1-18',
    'both limits are options, then read from the environment of the deploy, then have the defaults of the document; secrets are files',
    'a secret in `.env` is a variable that every `docker inspect` shows',
    () => {
      const limitsOf = (options: BinanceOptions = {}) => {
        const { MAX_POSITION_SIZE, MAX_DAILY_LOSS } = new SynthesizedSystem(
          createBinanceStack(createApp(), options),
        ).environment('risk_management_service');
        return [MAX_POSITION_SIZE, MAX_DAILY_LOSS];
      };
      const { MAX_DAILY_LOSS: before } = process.env;
      try {
        process.env.MAX_DAILY_LOSS = '9';
        expect(limitsOf()).toEqual(['10000', '9']);
        expect(limitsOf({ maxDailyLoss: 8, maxPositionSize: 7 })).toEqual(['7', '8']);
        process.env.MAX_DAILY_LOSS = 'nine';
        expect(limitsOf).toThrowCode('invalid-value');
      } finally {
        if (before === undefined) delete process.env.MAX_DAILY_LOSS;
        else process.env.MAX_DAILY_LOSS = before;
      }
    },
  );
});

describe('the network', () => {
  met('S1-23', 'all containers are on the bridge trading_network, 172.25.0.0/16, each under its own name', () => {
    const [[id, network] = ['', {}], ...others] = Object.entries(system.terraform.resource.docker_network ?? {});
    expect(others).toEqual([]);
    expect(network).toMatchObject({
      name: 'trading_network',
      driver: 'bridge',
      ipam_config: [{ subnet: '172.25.0.0/16' }],
    });
    for (const container of system.containers) {
      expect(container.networks_advanced).toMatchObject([
        { name: `\${docker_network.${id}.id}`, aliases: namesOf(system.serviceOf(String(container.name))) },
      ]);
    }
  });

  const withHyphens = 'both addresses, with hyphens in the host names; the names with underscores resolve, too';
  replaced('S1-24', withHyphens, 'RFC 1123 has no underscore in a host name, and some frameworks refuse one', () => {
    expect(system.environment('strategy_engine')).toMatchObject({
      MARKET_DATA_URL: 'tcp://market-data-service:5555',
      ORDER_EXECUTOR_URL: 'tcp://order-execution-service:5556',
    });
    for (const service of ['market_data_service', 'order_execution_service']) {
      expect(system.aliases(service)).toEqual(namesOf(service));
    }
  });
});

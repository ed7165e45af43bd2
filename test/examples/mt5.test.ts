import { Testing } from 'cdktf';
import { createMt5Stack } from '../../examples/mt5/stack';
import { Engine } from '../../lib';
import { environmentOf, secretsOf, volumesOf } from '../services/fixtures';
import {
  containerNamed,
  createApp,
  ENGINES,
  synthesize,
  type Terraform,
  type TerraformBlock,
} from '../setup/synthesize';
import { reviewStack } from './review-stack';

const stack = createMt5Stack(createApp());
const mt5 = synthesize(stack);

function container(name: string): TerraformBlock {
  return containerNamed(mt5, `mt5-${name}`);
}

/** Names of the containers that one waits for. */
function startsAfter(name: string): unknown[] {
  const containers = mt5.resource.docker_container ?? {};
  return (container(name).depends_on as readonly string[]).map(
    (address) => containers[address.replace('docker_container.', '')]?.name,
  );
}

/** What is published: address and port of the host, and whose port that is. */
function published(terraform: Terraform): string[] {
  return Object.values(terraform.resource.docker_container ?? {}).flatMap((block) =>
    (block.ports as readonly Record<string, string | number>[]).map(
      ({ ip, external, internal }) => `${ip}:${external} -> ${String(block.name)}:${internal}`,
    ),
  );
}

describe.each(ENGINES)('MT5 on $engineName', ({ createEngine }) => {
  test('is what was reviewed', () => {
    const terraform = synthesize(createMt5Stack(createApp(), { engine: createEngine() }));

    expect(reviewStack(terraform)).toMatchSnapshot();
  });
});

describe('MT5', () => {
  test('has the constructs that its addresses come from', () => {
    expect(Testing.renderConstructTree(stack)).toMatchSnapshot();
  });

  test('is the six services of the desk, their market data, and an exporter for each database', () => {
    const names = Object.values(mt5.resource.docker_container ?? {}).map((block) => block.name);

    expect(names.sort()).toEqual([
      'mt5-db',
      'mt5-db-exporter',
      'mt5-feature-api',
      'mt5-grafana',
      'mt5-market-data',
      'mt5-prometheus',
      'mt5-redis',
      'mt5-redis-exporter',
      'mt5-strategy-runner',
    ]);
  });

  test('has one network with the subnet that was agreed on', () => {
    expect(Object.values(mt5.resource.docker_network ?? {})).toMatchObject([
      { name: 'mt5-net', driver: 'bridge', ipam_config: [{ subnet: '172.28.0.0/16', gateway: '172.28.0.1' }] },
    ]);
  });

  test.each([
    ['db', 'db'],
    ['redis', 'redis'],
    ['feature-api', 'feature_api'],
    ['strategy-runner', 'strategy_runner'],
    ['prometheus', 'prometheus'],
    ['grafana', 'grafana'],
  ])('finds mt5-%s on the network as %s', (name, alias) => {
    expect(container(name).networks_advanced).toMatchObject([{ aliases: [alias] }]);
  });
});

describe('the start of MT5', () => {
  test('is healthy features before the strategies', () => {
    expect(startsAfter('strategy-runner')).toEqual(['mt5-feature-api', 'mt5-market-data']);
    expect(container('feature-api')).toMatchObject({
      wait: true,
      healthcheck: { test: ['CMD-SHELL', expect.stringContaining('http://127.0.0.1:8000/health')] },
    });
  });

  test('does not keep strategies from running without the database or the cache', () => {
    const { DATABASE_URL_FILE, REDIS_URL_FILE } = environmentOf(container('strategy-runner'));

    expect(startsAfter('strategy-runner')).not.toContain('mt5-db');
    expect(startsAfter('strategy-runner')).not.toContain('mt5-redis');
    expect([DATABASE_URL_FILE, REDIS_URL_FILE]).toEqual(['/run/secrets/db_url', '/run/secrets/redis_url']);
  });

  test('is healthy databases before the features', () => {
    expect(startsAfter('feature-api')).toEqual(['mt5-db', 'mt5-redis']);
    expect(container('db')).toMatchObject({
      wait: true,
      healthcheck: { test: expect.arrayContaining(['pg_isready']) as unknown },
    });
    expect(container('redis')).toMatchObject({ wait: true, healthcheck: { test: expect.anything() as unknown } });
  });

  test('is metrics before what shows them', () => {
    expect(startsAfter('prometheus')).toEqual([]);
    expect(startsAfter('grafana')).toEqual(['mt5-prometheus']);
  });
});

describe('an order of MT5', () => {
  test('is decided on, checked against limits and filled on paper in one program, which knows the database', () => {
    expect(environmentOf(container('strategy-runner'))).toMatchObject({
      ROLE: 'strategy-runner,risk-manager,order-executor',
      MAX_POSITION_SIZE_PCT: '0.2',
      MAX_PORTFOLIO_DRAWDOWN_PCT: '0.15',
      TRADING_ENVIRONMENT: 'paper',
      DATABASE_URL_FILE: '/run/secrets/db_url',
    });
  });

  test('has nobody else who could fill it', () => {
    const executors = Object.values(mt5.resource.docker_container ?? {}).filter((block) =>
      (block.env as readonly string[]).some((line) => line.includes('order-executor')),
    );

    expect(executors.map((block) => block.name)).toEqual(['mt5-strategy-runner']);
  });
});

describe('what MT5 shows to others', () => {
  test('is for programs on the host only', () => {
    expect(published(mt5).sort()).toEqual([
      '127.0.0.1:3000 -> mt5-grafana:3000',
      '127.0.0.1:5555 -> mt5-strategy-runner:5555',
      '127.0.0.1:5556 -> mt5-market-data:5556',
      '127.0.0.1:8000 -> mt5-feature-api:8000',
      '127.0.0.1:9091 -> mt5-prometheus:9090',
    ]);
  });

  test('is nothing on a Swarm, which cannot publish on the host only', () => {
    const terraform = synthesize(createMt5Stack(createApp(), { engine: Engine.swarm() }));

    expect(published(terraform)).toEqual([]);
    for (const service of Object.values(terraform.resource.docker_service ?? {})) {
      expect(service.endpoint_spec).toMatchObject({ ports: [] });
    }
  });

  test('is no password: consumers get files', () => {
    const text = JSON.stringify(mt5);

    expect(text).not.toMatch(/postgresql:\/\/|redis:\/\/[^r]/);
    expect(secretsOf(container('feature-api'))).toEqual(['/run/secrets/db_url', '/run/secrets/redis_url']);
  });
});

describe('what MT5 may take', () => {
  test('is two processors and 2 GiB for strategies', () => {
    expect(container('strategy-runner')).toMatchObject({
      cpu_quota: 200_000,
      memory: 2048,
      memory_swap: 2048,
      memory_reservation: 1024,
    });
  });

  test('is bounded for everything', () => {
    for (const block of Object.values(mt5.resource.docker_container ?? {})) {
      expect(block).toMatchObject({
        cpu_quota: expect.any(Number) as unknown,
        memory: expect.any(Number) as unknown,
        log_driver: 'json-file',
        log_opts: { 'max-size': '10m', 'max-file': '3' },
        restart: 'unless-stopped',
      });
    }
  });
});

describe('the data of MT5', () => {
  test('is in volumes that outlive it', () => {
    expect(volumesOf(container('db'))).toEqual({ '/var/lib/postgresql/data': 'mt5_postgres_data' });
    expect(volumesOf(container('redis'))).toEqual({ '/data': 'mt5_redis_data' });
    expect(volumesOf(container('prometheus'))).toEqual({ '/prometheus': 'mt5_prometheus_data' });
    expect(volumesOf(container('grafana'))).toEqual({ '/var/lib/grafana': 'mt5_grafana_data' });
    expect(mt5.resource).not.toHaveProperty('docker_volume');
  });

  test('is a folder of logs that strategies and features share', () => {
    expect(volumesOf(container('strategy-runner'))).toEqual({ '/data/logs': 'mt5_logs_volume' });
    expect(volumesOf(container('feature-api'))).toEqual({ '/data/logs': 'mt5_logs_volume' });
  });

  test('is in Redis only what can be computed again', () => {
    expect((container('redis').command as readonly string[]).join(' ')).toContain(
      '--maxmemory-policy allkeys-lru --appendonly yes',
    );
  });
});

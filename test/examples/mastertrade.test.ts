import { createMasterTradeStack } from '../../examples/mastertrade/stack';
import { Engine } from '../../lib';
import { masterTrade } from '../../conformance/systems/mastertrade-system';
import { fileOf } from '../services/fixtures';
import type { SynthesizedSystem } from '../../conformance/synthesized-system';
import type { TerraformBlock } from '../setup/synthesize';
import { testExample } from './example';

interface Permissions {
  readonly user: string;
  readonly configure: string;
  readonly write: string;
  readonly read: string;
}

const system = masterTrade();
const swarm = masterTrade({ engine: Engine.swarm() });
const definitions = JSON.parse(fileOf(system.container('rabbitmq'), '/etc/rabbitmq/definitions.json')) as {
  readonly permissions: readonly Permissions[];
};

/** Users of the broker with a permission on an exchange or a queue, except the administrator. */
function users(may: 'configure' | 'write' | 'read', name: string): string[] {
  const allowed = definitions.permissions.filter(({ [may]: pattern }) => new RegExp(pattern).test(name));
  return allowed.map(({ user }) => user).filter((user) => user !== 'mastertrade');
}

testExample('mastertrade', createMasterTradeStack);

describe('the orders of mastertrade', () => {
  test('strategies and the gateway place orders, and only the executor receives them', () => {
    expect(users('configure', 'orders')).toEqual(['strategy_service', 'order_executor', 'api_gateway']);
    expect(users('read', 'orders')).toEqual(['order_executor']);
  });

  test('only the risk manager receives risk checks, and it is healthy before the executor starts', () => {
    expect(users('read', 'risk-checks')).toEqual(['risk_manager']);
    expect(system.startsAfter('order_executor')).toContain('risk_manager');
    expect(system.startsAfter('api_gateway')).toContain('order_executor');
  });

  test('only the executor publishes fills, and both publish alerts', () => {
    expect(users('write', 'fills')).toEqual(['order_executor']);
    // A publisher declares the exchange first.
    for (const right of ['configure', 'write'] as const) {
      expect(users(right, 'alerts')).toEqual(expect.arrayContaining(['risk_manager', 'order_executor']));
    }
    for (const right of ['configure', 'write', 'read'] as const) {
      // The queue that stores them while the alert system is down.
      expect(users(right, 'alerts.alert-system')).toEqual(['alert_system']);
    }
    expect(users('read', 'fills')).toEqual(['api_gateway']);
  });
});

describe('the prices of mastertrade', () => {
  test('only market data publishes prices, and only subscribers read their queues', () => {
    expect(users('write', 'ticks')).toEqual(['market_data_service']);
    for (const name of ['ticks', 'ticks.some-service.1']) {
      expect(users('read', name)).toEqual([
        'strategy_service',
        'risk_manager',
        'alert_system',
        'arbitrage_service',
        'api_gateway',
      ]);
    }
  });
});

describe('the options of mastertrade', () => {
  test('reservations are half of the limits on a Swarm, or nothing', () => {
    const free = masterTrade({ engine: Engine.swarm(), reservations: false });
    const reserved = (of: SynthesizedSystem, what: 'nano_cpus' | 'memory_bytes') =>
      Object.values(of.terraform.resource.docker_service ?? {}).reduce((sum, { task_spec }) => {
        const { reservation } = (task_spec as TerraformBlock).resources as { readonly reservation?: TerraformBlock };
        return sum + Number(reservation?.[what] ?? 0);
      }, 0);

    expect(reserved(swarm, 'nano_cpus')).toBe(6.25e9);
    expect(reserved(swarm, 'memory_bytes')).toBe(12.5 * 1024 ** 3);
    expect([reserved(free, 'nano_cpus'), reserved(free, 'memory_bytes')]).toEqual([0, 0]);
  });

  test('nodeCores caps every CPU limit', () => {
    const { docker_service } = masterTrade({ engine: Engine.swarm(), nodeCores: 2 }).terraform.resource;
    const limits = Object.values(docker_service ?? {}).map(
      ({ task_spec }) => ((task_spec as TerraformBlock).resources as { limits: TerraformBlock }).limits.nano_cpus,
    );

    expect(Math.max(...limits.map(Number))).toBe(2e9);
  });

  test('the executor trades on paper, and has the key that trades only with providerKeys', () => {
    const { TRADING_ENVIRONMENT, BINANCE_API_KEY_FILE } = masterTrade({ providerKeys: true }).environment(
      'order_executor',
    );
    expect([TRADING_ENVIRONMENT, BINANCE_API_KEY_FILE]).toEqual(['paper', '/run/secrets/binance_api_key']);
    expect(system.environment('order_executor')).not.toHaveProperty('BINANCE_API_KEY_FILE');
  });

  test('no service has a key by default', () => {
    for (const service of ['market_data_service', 'order_executor', 'alert_system']) {
      expect(Object.keys(system.environment(service)).filter((name) => /KEY|TOKEN|EMAIL/.test(name))).toEqual([]);
    }
  });

  test('alertChannels gives the alert system the credentials of these channels only', () => {
    const { TWILIO_AUTH_TOKEN_FILE, EMAIL_HOST, SLACK_WEBHOOK_URL_FILE } = masterTrade({
      alertChannels: ['sms'],
    }).environment('alert_system');

    expect(TWILIO_AUTH_TOKEN_FILE).toBe('/run/secrets/twilio_auth_token');
    expect([EMAIL_HOST, SLACK_WEBHOOK_URL_FILE]).toEqual([undefined, undefined]);
  });
});

test('a Swarm replaces several services of mastertrade one by one, and never runs a strategy twice', () => {
  const several = masterTrade({ engine: Engine.swarm(), strategyServices: 5, marketDataServices: 3 });

  const update = (service: string): unknown => several.swarmService(service).update_config;
  expect(update('market_data_service')).toMatchObject({ order: 'start-first', parallelism: 1 });
  expect(update('strategy_service')).toMatchObject({ order: 'stop-first', parallelism: 1 });
});

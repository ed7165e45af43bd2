import { Testing } from 'cdktf';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createMasterTradeStack } from '../../examples/mastertrade/stack';
import { Engine } from '../../lib';
import { masterTrade } from '../../conformance/systems/mastertrade-system';
import { fileOf } from '../services/fixtures';
import type { SynthesizedSystem } from '../../conformance/synthesized-system';
import { createApp, ENGINES, synthesize, type TerraformBlock } from '../setup/synthesize';
import { reviewStack } from './review-stack';

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

/** Who of the broker's users may do that with an exchange or a queue, beside the administrator. */
function users(may: 'configure' | 'write' | 'read', name: string): string[] {
  const allowed = definitions.permissions.filter(({ [may]: pattern }) => new RegExp(pattern).test(name));
  return allowed.map(({ user }) => user).filter((user) => user !== 'mastertrade');
}

describe.each(ENGINES)('MasterTrade on $engineName', ({ createEngine }) => {
  test('is what was reviewed', () => {
    const terraform = synthesize(createMasterTradeStack(createApp(), { engine: createEngine() }));

    expect(reviewStack(terraform)).toMatchSnapshot();
  });
});

test('MasterTrade has the constructs that its addresses come from', () => {
  expect(Testing.renderConstructTree(createMasterTradeStack(createApp()))).toMatchSnapshot();
});

describe('an order of MasterTrade', () => {
  test('is given by strategies and the gateway, and carried out by the executor alone', () => {
    expect(users('configure', 'orders')).toEqual(['strategy_service', 'order_executor', 'api_gateway']);
    expect(users('read', 'orders')).toEqual(['order_executor']);
  });

  test('is checked by the risk manager alone, which is healthy before the executor starts', () => {
    expect(users('read', 'risk-checks')).toEqual(['risk_manager']);
    expect(system.startsAfter('order_executor')).toContain('risk_manager');
    expect(system.startsAfter('api_gateway')).toContain('order_executor');
  });

  test('is told of by the executor when it was filled, and by both when it was refused', () => {
    expect(users('write', 'fills')).toEqual(['order_executor']);
    // Whoever publishes declares the exchange first.
    for (const right of ['configure', 'write'] as const) {
      expect(users(right, 'alerts')).toEqual(expect.arrayContaining(['risk_manager', 'order_executor']));
    }
    for (const right of ['configure', 'write', 'read'] as const) {
      // The queue that keeps them while the alert system is away.
      expect(users(right, 'alerts.alert-system')).toEqual(['alert_system']);
    }
    expect(users('read', 'fills')).toEqual(['api_gateway']);
  });
});

describe('a price of MasterTrade', () => {
  test('comes from market data alone, into queues of those who follow it', () => {
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

describe('the options of MasterTrade', () => {
  test('reserve half of the limits of the table, on a Swarm processors too, or nothing', () => {
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

  test('let nothing use more cores than the nodes have', () => {
    const { docker_service } = masterTrade({ engine: Engine.swarm(), nodeCores: 2 }).terraform.resource;
    const limits = Object.values(docker_service ?? {}).map(
      ({ task_spec }) => ((task_spec as TerraformBlock).resources as { limits: TerraformBlock }).limits.nano_cpus,
    );

    expect(Math.max(...limits.map(Number))).toBe(2e9);
  });

  test('give no keys to anybody unless they are asked for', () => {
    for (const service of ['market_data_service', 'order_executor', 'alert_system']) {
      expect(Object.keys(system.environment(service)).filter((name) => /KEY|TOKEN|EMAIL/.test(name))).toEqual([]);
    }
  });

  test('give the alert system what its channels ask for and nothing else', () => {
    const { TWILIO_AUTH_TOKEN_FILE, EMAIL_HOST, SLACK_WEBHOOK_URL_FILE } = masterTrade({
      alertChannels: ['sms'],
    }).environment('alert_system');

    expect(TWILIO_AUTH_TOKEN_FILE).toBe('/run/secrets/twilio_auth_token');
    expect([EMAIL_HOST, SLACK_WEBHOOK_URL_FILE]).toEqual([undefined, undefined]);
  });
});

describe('the README of MasterTrade', () => {
  const readme = readFileSync(join(__dirname, '../../examples/mastertrade/README.md'), 'utf8');

  test('names the addresses that are published, all of them', () => {
    const named = [...readme.matchAll(/http:\/\/(127\.0\.0\.1:\d+)/g)].map(([, address]) => address);

    expect(new Set(named)).toEqual(new Set(system.published().map((line) => line.split(' ')[0])));
  });

  test('is right about a Swarm: nothing is published, and several are replaced one by one, the new one first', () => {
    const several = masterTrade({ engine: Engine.swarm(), strategyServices: 5, marketDataServices: 3 });

    for (const service of Object.values(swarm.terraform.resource.docker_service ?? {})) {
      expect(service.endpoint_spec).toMatchObject({ ports: [] });
    }
    for (const service of ['market_data_service', 'strategy_service']) {
      expect(several.swarmService(service).update_config).toMatchObject({ order: 'start-first', parallelism: 1 });
    }
  });

  test('names containers that are there', () => {
    const named = [...readme.matchAll(/docker [^`|]*?(mastertrade[-_][a-z_-]+)/g)].map(([, name]) => name);

    expect(named.length).toBeGreaterThan(3);
    expect(system.names).toEqual(expect.arrayContaining(named));
  });
});

import { Testing } from 'cdktf';
import { createPlatformStack } from '../../examples/platform/stack';
import { SynthesizedSystem } from '../../conformance/synthesized-system';
import { createApp, ENGINES } from '../setup/synthesize';
import { reviewStack } from './review-stack';

const platform = new SynthesizedSystem(createPlatformStack(createApp()));

describe.each(ENGINES)('The platform on $engineName', ({ createEngine }) => {
  test('is what was reviewed', () => {
    const system = new SynthesizedSystem(createPlatformStack(createApp(), { engine: createEngine() }));

    expect(reviewStack(system.terraform)).toMatchSnapshot();
  });
});

describe('The platform', () => {
  test('has the constructs that its addresses come from', () => {
    expect(Testing.renderConstructTree(platform.stack)).toMatchSnapshot();
  });

  test('starts orders and prices beside each other, prices before sockets, and nginx last', () => {
    // Each of the two is healthy only once the other one answers.
    expect(platform.startsAfter('strategy_service')).not.toContain('order_service');
    expect(platform.startsAfter('order_service')).not.toContain('strategy_service');
    expect(platform.startsAfter('websocket_service_1')).toContain('strategy_service');
    expect(platform.startsAfter('proxy')).toEqual(
      expect.arrayContaining(['api_gateway_3', 'websocket_service_2', 'analytics_service']),
    );
  });

  test('has its schema before those that read and write it', () => {
    for (const service of ['order_service', 'strategy_service', 'api_gateway_1', 'analytics_service']) {
      expect(platform.startsAfter(service)).toContain('schema');
    }
  });

  test('evicts nothing from Redis, where orders wait', () => {
    expect((platform.container('redis').command as readonly string[]).join(' ')).toContain(
      '--maxmemory-policy noeviction --appendonly yes',
    );
  });

  test('lets the order service finish for 60 seconds', () => {
    expect(platform.container('order_service').stop_timeout).toBe(60);
  });
});

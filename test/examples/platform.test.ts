import { createPlatformStack } from '../../examples/platform/stack';
import { SynthesizedSystem } from '../../conformance/synthesized-system';
import { createApp } from '../setup/synthesize';
import { testExample } from './example';

testExample('platform', createPlatformStack);

describe('the start of platform', () => {
  const platform = new SynthesizedSystem(createPlatformStack(createApp()));

  test('the strategy and the order service do not wait for each other, because each is healthy only with the other', () => {
    expect(platform.startsAfter('strategy_service')).not.toContain('order_service');
    expect(platform.startsAfter('order_service')).not.toContain('strategy_service');
    expect(platform.startsAfter('websocket_service_1')).toContain('strategy_service');
  });

  test('the proxy waits for all services behind it', () => {
    expect(platform.startsAfter('proxy')).toEqual(
      expect.arrayContaining(['api_gateway_3', 'websocket_service_2', 'analytics_service']),
    );
  });

  test('the schema is complete before a service reads or writes the database', () => {
    for (const service of ['order_service', 'strategy_service', 'api_gateway_1', 'analytics_service']) {
      expect(platform.startsAfter(service)).toContain('schema');
    }
  });

  test('Redis evicts nothing, because it queues orders', () => {
    expect((platform.container('redis').command as readonly string[]).join(' ')).toContain(
      '--maxmemory-policy noeviction --appendonly yes',
    );
  });
});

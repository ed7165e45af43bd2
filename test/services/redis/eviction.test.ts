import {
  AppService,
  BackgroundWorker,
  Dependency,
  OrderExecutor,
  RedisCache,
  type RedisCacheProps,
  RedisPurpose,
  RiskLimits,
  RiskManager,
  type IConnectable,
  type TradingStack,
} from '../../../lib';
import { createStack } from '../../setup/synthesize';
import { BOT as image, warningsOf } from '../fixtures';

const limits = RiskLimits.relative({ maxPositionSize: 0.2, maxDrawdown: 0.15 });
const warnings = (create: (stack: TradingStack, cache: RedisCache) => unknown, props: RedisCacheProps = {}): string[] =>
  warningsOf(createStack((stack) => create(stack, new RedisCache(stack, 'redis', props))));

test.each<[string, (stack: TradingStack, uses: IConnectable[]) => unknown]>([
  ['BackgroundWorker', (stack, uses) => new BackgroundWorker(stack, 'worker', { image, uses })],
  ['RiskManager', (stack, uses) => new RiskManager(stack, 'worker', { image, limits, uses })],
  [
    'OrderExecutor',
    (stack, uses) =>
      new OrderExecutor(stack, 'worker', {
        image,
        riskManager: new RiskManager(stack, 'risk', { image, limits }),
        uses,
      }),
  ],
])('a %s with a cache whose purpose is not set causes a warning', (_, create) => {
  const expected = ['used by desk/worker [cache-evicts]'];
  expect(warnings((stack, cache) => create(stack, [cache]))).toEqual(expected);
  expect(warnings((stack, cache) => create(stack, [Dependency.optional(cache)]))).toEqual(expected);
  expect(warnings((stack, cache) => create(stack, [cache.endpoint.url({ variable: 'CELERY_BROKER' })]))).toEqual(
    expected,
  );
});

test.each<[string, RedisCacheProps]>([
  ['the purpose CACHE', { purpose: RedisPurpose.CACHE }],
  ['the purpose QUEUE', { purpose: RedisPurpose.QUEUE }],
  ['a policy of its own', { settings: { 'maxmemory-policy': 'volatile-ttl' } }],
])('there is no warning with %s', (_, props) => {
  expect(warnings((stack, cache) => new BackgroundWorker(stack, 'worker', { image, uses: [cache] }), props)).toEqual(
    [],
  );
});

test('there is no warning about a cache of other services', () => {
  expect(warnings((stack, cache) => new AppService(stack, 'api', { image, uses: [cache] }))).toEqual([]);
});

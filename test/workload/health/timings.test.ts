import {
  AppService,
  Duration,
  Engine,
  HealthCheck,
  type HealthCheckOptions,
  Image,
  PostgresDb,
  RabbitMqBroker,
  RedisCache,
  TimescaleDb,
  TradingStack,
  Workload,
} from '../../../lib';
import { createApp, createStack } from '../../setup/synthesize';

const BOT = Image.fromRegistry('ghcr.io/desk/bot:2.4');
const TIMINGS = {
  interval: Duration.seconds(20),
  timeout: Duration.seconds(3),
  retries: 2,
  startPeriod: Duration.minutes(3),
  startInterval: Duration.seconds(2),
};
const healthCheck = HealthCheck.withTimings(TIMINGS);

test.each<[string, (stack: TradingStack, check?: HealthCheck) => { readonly workload: Workload }]>([
  ['Redis', (stack, check) => new RedisCache(stack, 'redis', check && { healthCheck: check })],
  ['PostgreSQL', (stack, check) => new PostgresDb(stack, 'db', check && { healthCheck: check })],
  ['TimescaleDB', (stack, check) => new TimescaleDb(stack, 'db', check && { healthCheck: check })],
  [
    'a service with a path of its own',
    (stack, check) =>
      new AppService(stack, 'api', { image: BOT, healthPath: '/ready', ...(check && { healthCheck: check }) }),
  ],
])('the own check of %s gets other timings, and keeps its probe', (_, create) => {
  const own = create(createStack()).workload.spec.healthCheck;
  const timed = create(createStack(), healthCheck).workload.spec.healthCheck;

  expect(own?.probe.kind).not.toBe('none');
  expect(timed).toEqual({
    probe: own?.probe,
    test: own?.test,
    intervalMilliseconds: 20_000,
    timeoutMilliseconds: 3000,
    retries: 2,
    startPeriodMilliseconds: 180_000,
    startIntervalMilliseconds: 2000,
  });
});

test.each<HealthCheckOptions>([{}, { retries: 2 }, { interval: Duration.seconds(20) }])(
  'timings that are not set stay the own ones: %j',
  (timings) => {
    const [own, timed] = [undefined, HealthCheck.withTimings(timings)].map(
      (check) => new RabbitMqBroker(createStack(), 'mq', check && { healthCheck: check }).workload.spec.healthCheck,
    );

    expect(own?.startPeriodMilliseconds).toBe(60_000);
    expect(timed).toEqual({
      ...own,
      ...('retries' in timings && { retries: 2 }),
      ...('interval' in timings && { intervalMilliseconds: 20_000 }),
    });
  },
);

test('a Swarm gets them too', () => {
  const stack = new TradingStack(createApp(), 'desk', { engine: Engine.swarm() });

  const seldom = HealthCheck.withTimings({ interval: Duration.seconds(20) });

  expect(new RedisCache(stack, 'redis', { healthCheck: seldom }).workload.spec.healthCheck).toMatchObject({
    probe: { kind: 'command' },
    intervalMilliseconds: 20_000,
  });
});

test('a workload without a check of its own is refused', () => {
  expect(() => new Workload(createStack(), 'bot', { image: BOT, healthCheck })).toThrowCode(
    'health-check-missing',
    'desk/bot',
  );
  expect(() => healthCheck.toSpec()).toThrowCode('health-check-missing');
});

test('a program of the own probe that the image lacks is found', () => {
  const image = Image.fromRegistry(`gcr.io/distroless/static-debian12:nonroot@sha256:${'a'.repeat(64)}`);

  expect(() => new AppService(createStack(), 'api', { image, healthCheck })).toThrowCode('probe-program-missing');
});

test('a timing of zero, and an option of a probe, are refused', () => {
  expect(() => HealthCheck.withTimings({ interval: Duration.seconds(0) })).toThrowCode('invalid-value', 'interval');
  expect(() => HealthCheck.withTimings({ path: '/ready' } as HealthCheckOptions)).toThrowCode('unknown-option', 'path');
});

import { Duration, Engine, HealthCheck, type HealthCheckOptions, Image, Workload } from '../../../lib';
import { containerNamed, createStack, synthesizeStack } from '../../setup/synthesize';

const image = Image.fromRegistry('ghcr.io/desk/bot:2.4');

/** The health check of a container on an engine. */
function healthCheckOn(engine: Engine, options: HttpOptions = {}): unknown {
  const terraform = synthesizeStack(
    (stack) => new Workload(stack, 'bot', { image, healthCheck: HealthCheck.http(8000, options) }),
    { engine },
  );
  return containerNamed(terraform, 'desk-bot').healthcheck;
}

type HttpOptions = Pick<HealthCheckOptions, 'interval' | 'startInterval'>;

test('a container is probed twice a second while it starts', () => {
  expect(healthCheckOn(Engine.docker())).toMatchObject({ start_interval: '500ms', interval: '5s' });
});

test('a container with a shorter interval is probed as often while it starts', () => {
  const interval = Duration.milliseconds(300);
  expect(healthCheckOn(Engine.docker(), { interval })).toMatchObject({ start_interval: '300ms' });
});

test('a start interval replaces the default', () => {
  const startInterval = Duration.seconds(3);
  expect(healthCheckOn(Engine.docker(), { startInterval })).toMatchObject({ start_interval: '3s' });
});

test.each(['20.10', '23.0.6', '24.0'])(
  'a container for Docker %s has no start interval, which it refuses',
  (version) => {
    expect(healthCheckOn(Engine.docker({ engineVersion: version }))).not.toHaveProperty('start_interval');
  },
);

test.each(['25.0', '28.5', '28.5.2', '29.0'])('a container for Docker %s has a start interval', (version) => {
  expect(healthCheckOn(Engine.docker({ engineVersion: version }))).toHaveProperty('start_interval');
});

test('a start interval is refused for an older engine', () => {
  const engine = Engine.docker({ engineVersion: '24.0' });
  const startInterval = Duration.seconds(1);
  expect(() => healthCheckOn(engine, { startInterval })).toThrowCode(
    'unsupported-by-engine',
    'desk/bot',
    '24.0',
    "engineVersion: '25.0'",
  );
});

test('a disabled health check has no start interval', () => {
  const terraform = synthesizeStack((stack) => new Workload(stack, 'bot', { image, healthCheck: HealthCheck.none() }));
  expect(containerNamed(terraform, 'desk-bot').healthcheck).not.toHaveProperty('start_interval');
});

test('a service of a Swarm has a health check without a start interval', () => {
  const create = (): unknown =>
    createStack((stack) => new Workload(stack, 'bot', { image, healthCheck: HealthCheck.http(8000) }), {
      engine: Engine.swarm(),
    });
  expect(create).not.toThrow();
});

test.each(['latest', 'v28.5', '28', '19.03', '28.5.2-rc.1', ''])('engineVersion cannot be %j', (engineVersion) => {
  expect(() => Engine.docker({ engineVersion })).toThrowCode(
    'invalid-value',
    'Engine.docker',
    'engineVersion',
    '20.10',
  );
});

import {
  Volume,
  Duration,
  Engine,
  PublishedPort,
  HealthCheck,
  Image,
  Placement,
  UpdatePolicy,
  Workload,
  type WorkloadProps,
} from '../../../lib';
import type { UpdateSpec } from '../../../lib/platform/spec';
import { createStack, serviceNamed, synthesizeStack, type TerraformBlock } from '../../setup/synthesize';

const image = Image.fromRegistry('ghcr.io/desk/bot:2.4');
const server: Partial<WorkloadProps> = { volumes: [Volume.retained('data').mountExclusivelyAt('/data')] };
const published: Partial<WorkloadProps> = { ports: [PublishedPort.allInterfaces(8000)] };

function updatesOf(options: Partial<WorkloadProps>): UpdateSpec | null {
  const stack = createStack(() => undefined, { engine: Engine.swarm() });
  return new Workload(stack, 'bot', { image, ...options }).spec.updates;
}

function serviceOf(options: Partial<WorkloadProps>): TerraformBlock {
  const build = { engine: Engine.swarm() };
  return serviceNamed(
    synthesizeStack((stack) => new Workload(stack, 'bot', { image, ...options }), build),
    'desk-bot',
  );
}

/** Five replicas take three batches. */
const PAIRS = { parallelism: 2, delay: Duration.seconds(10) };

describe('an update on a Swarm', () => {
  test('stops a single replica before it starts the new one, as two might trade twice', () => {
    expect(updatesOf({})).toMatchObject({ order: 'stop-first', parallelism: 1, onFailure: 'rollback' });
  });

  test('starts the new one of several replicas first', () => {
    expect(updatesOf({ replicas: 2 })).toMatchObject({ order: 'start-first', parallelism: 1, onFailure: 'rollback' });
  });

  test('stops replicas with a limit per node first, as there may be no node for a new one', () => {
    const spread = { replicas: 3, placement: [Placement.worker(), Placement.replicasPerNode(1)] };

    expect(updatesOf(spread)).toMatchObject({ order: 'stop-first' });
    expect(updatesOf({ ...spread, placement: [Placement.worker()] })).toMatchObject({ order: 'start-first' });
    expect(updatesOf({ ...spread, updatePolicy: UpdatePolicy.startFirst() })).toMatchObject({ order: 'start-first' });
  });

  test('follows the policy of the workload', () => {
    const updates = UpdatePolicy.startFirst({
      parallelism: 2,
      delay: Duration.seconds(90),
      onFailure: 'pause',
      monitor: Duration.minutes(1),
    });

    expect(serviceOf({ updatePolicy: updates, replicas: 4 })).toMatchObject({
      update_config: {
        order: 'start-first',
        parallelism: 2,
        delay: '1m30s',
        failure_action: 'pause',
        monitor: '1m',
        max_failure_ratio: '0.0',
      },
      rollback_config: { order: 'start-first', parallelism: 2, failure_action: 'pause', max_failure_ratio: '0.0' },
    });
  });

  test('monitors a new replica for the time in which one that hangs is noticed and stopped', () => {
    const times = { interval: Duration.seconds(7), timeout: Duration.seconds(3), retries: 4 };
    const healthCheck = HealthCheck.shell('true', times);
    const stopGracePeriod = Duration.seconds(20);

    expect(updatesOf({ healthCheck, stopGracePeriod })).toMatchObject({ monitorMilliseconds: 40_000 + 20_000 + 5000 });
  });

  test.each([{}, { healthCheck: HealthCheck.none() }])(
    'monitors a new replica for five seconds without a health check',
    (options) => {
      expect(updatesOf(options)).toMatchObject({ monitorMilliseconds: 5000 });
    },
  );

  test.each([
    ['one by one, stopping first', { replicas: 1 }, '1m'],
    ['two by two, stopping first', { updatePolicy: UpdatePolicy.stopFirst(PAIRS) }, '3m20s'],
    ['two by two, starting first', { updatePolicy: UpdatePolicy.startFirst(PAIRS) }, '2m50s'],
  ])('is waited for long enough to replace five replicas %s', (_what, options, timeout) => {
    const times = { startTimeout: Duration.seconds(50), stopGracePeriod: Duration.seconds(10) };
    expect(serviceOf({ ...times, replicas: 5, ...options })).toHaveProperty('converge_config.timeout', timeout);
  });

  test.each([
    ['an exclusive volume', server, 'the volume desk_data'],
    ['a host port', published, 'the host port 8000'],
  ])('stops a workload with %s first, and rejects UpdatePolicy.startFirst', (_what, options, shared) => {
    expect(updatesOf(options)).toMatchObject({ order: 'stop-first' });
    expect(() => updatesOf({ ...options, updatePolicy: UpdatePolicy.startFirst() })).toThrowCode(
      'update-conflict',
      'desk/bot',
      shared,
      'UpdatePolicy.stopFirst()',
    );
  });

  test.each([0, 1.5])('rejects a parallelism of %d', (parallelism) => {
    expect(() => UpdatePolicy.stopFirst({ parallelism })).toThrowCode(
      'invalid-value',
      `parallelism cannot be ${parallelism}`,
    );
  });

  test('rejects an action on failure that does not exist', () => {
    const options = { onFailure: 'restart' as 'pause' };
    expect(() => UpdatePolicy.stopFirst(options)).toThrowCode('invalid-value', "onFailure cannot be 'restart'");
  });

  test('rejects an unknown option', () => {
    const options = { paralelism: 2 } as object;
    expect(() => UpdatePolicy.startFirst(options)).toThrowCode('unknown-option', "Did you mean 'parallelism'?");
  });
});

describe('on the Docker engine', () => {
  const healthCheck = HealthCheck.http(8000, { via: 'node' });
  const updatesOn = (props: Partial<WorkloadProps>) =>
    new Workload(createStack(), 'bot', { image, healthCheck, ...props }).spec.updates;

  test('stops a single one first, and starts the new one of several replicas first', () => {
    expect(updatesOn({})).toMatchObject({ order: 'stop-first', parallelism: 1, onFailure: 'pause' });
    expect(updatesOn({ replicas: 2 })).toMatchObject({ order: 'start-first' });
    expect(updatesOn({ updatePolicy: UpdatePolicy.startFirst({ parallelism: 2 }) })).toMatchObject({
      order: 'start-first',
      parallelism: 2,
    });
  });

  test('stops first without a health check, as nothing shows that the new one works', () => {
    expect(updatesOn({ replicas: 2, healthCheck: HealthCheck.none() })).toMatchObject({ order: 'stop-first' });
    expect(() => updatesOn({ healthCheck: HealthCheck.none(), updatePolicy: UpdatePolicy.startFirst() })).toThrowCode(
      'unsupported-by-engine',
      'desk/bot',
      'startFirst without a health check',
    );
  });

  test.each([
    ['a host port', { ports: [PublishedPort.loopback(8000)] }],
    ['no health check', { healthCheck: HealthCheck.none() }],
  ])('stops a service with %s first even if it may overlap', (_what, props) => {
    expect(updatesOn({ ...props, updatePolicy: UpdatePolicy.startFirstIfPossible() })).toMatchObject({
      order: 'stop-first',
    });
    expect(updatesOn({ updatePolicy: UpdatePolicy.startFirstIfPossible() })).toMatchObject({ order: 'start-first' });
  });

  test.each([
    ['onFailure', { onFailure: 'rollback' as const }, "onFailure: 'rollback'"],
    ['monitor', { monitor: Duration.seconds(5) }, 'monitor of an update policy'],
  ])('refuses %s, which only a Swarm can do', (_option, options, fact) => {
    expect(() => updatesOn({ updatePolicy: UpdatePolicy.stopFirst(options) })).toThrowCode(
      'unsupported-by-engine',
      'desk/bot',
      fact,
    );
  });

  test('reserves the name of the previous container', () => {
    const stack = createStack();
    new Workload(stack, 'bot', { image, healthCheck, updatePolicy: UpdatePolicy.startFirst() });
    expect(() => new Workload(stack, 'bot_previous', { image })).toThrowCode('name-taken', 'desk-bot-previous');
  });
});

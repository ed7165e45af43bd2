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

/** Three rounds of five replicas. */
const PAIRS = { parallelism: 2, delay: Duration.seconds(10) };

describe('an update on a Swarm', () => {
  test('stops one before it starts the other: two of it might trade twice', () => {
    expect(updatesOf({})).toMatchObject({ order: 'stop-first', parallelism: 1, onFailure: 'rollback' });
  });

  test('of several starts the new one first: they say that more than one may run', () => {
    expect(updatesOf({ replicas: 2 })).toMatchObject({ order: 'start-first', parallelism: 1, onFailure: 'rollback' });
  });

  test('stops several first of which a node has no more than a number: a new one might have nowhere to go', () => {
    const spread = { replicas: 3, placement: [Placement.worker(), Placement.replicasPerNode(1)] };

    expect(updatesOf(spread)).toMatchObject({ order: 'stop-first' });
    expect(updatesOf({ ...spread, placement: [Placement.worker()] })).toMatchObject({ order: 'start-first' });
    expect(updatesOf({ ...spread, updatePolicy: UpdatePolicy.startFirst() })).toMatchObject({ order: 'start-first' });
  });

  test('is as it is asked for', () => {
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

  test('counts a failure for as long as it takes to notice that a new version hangs, and to stop it', () => {
    const times = { interval: Duration.seconds(7), timeout: Duration.seconds(3), retries: 4 };
    const healthCheck = HealthCheck.shell('true', times);
    const stopGracePeriod = Duration.seconds(20);

    expect(updatesOf({ healthCheck, stopGracePeriod })).toMatchObject({ monitorMilliseconds: 40_000 + 20_000 + 5000 });
  });

  test.each([{}, { healthCheck: HealthCheck.none() }])('watches five seconds without one', (options) => {
    expect(updatesOf(options)).toMatchObject({ monitorMilliseconds: 5000 });
  });

  test.each([
    ['takes to stop and another to start', { replicas: 1 }, '1m'],
    ['of two at a time takes to stop and another to start', { updatePolicy: UpdatePolicy.stopFirst(PAIRS) }, '3m20s'],
    ['of two at a time takes to start', { updatePolicy: UpdatePolicy.startFirst(PAIRS) }, '2m50s'],
  ])('is waited for as long as one after another %s', (_what, options, timeout) => {
    const times = { startTimeout: Duration.seconds(50), stopGracePeriod: Duration.seconds(10) };
    expect(serviceOf({ ...times, replicas: 5, ...options })).toHaveProperty('converge_config.timeout', timeout);
  });

  test.each([
    ['a volume of its own', server, 'the volume desk_data'],
    ['a host port', published, 'the host port 8000'],
  ])('stops what has %s first, and cannot do otherwise', (_what, options, shared) => {
    expect(updatesOf(options)).toMatchObject({ order: 'stop-first' });
    expect(() => updatesOf({ ...options, updatePolicy: UpdatePolicy.startFirst() })).toThrow(
      'desk/bot: its new version cannot start before the old one has stopped: both would have ' +
        `${shared}. Use UpdatePolicy.stopFirst, or leave \`updatePolicy\` out.`,
    );
  });

  test.each([0, 1.5])('cannot replace %d at a time', (parallelism) => {
    expect(() => UpdatePolicy.stopFirst({ parallelism })).toThrow(
      /^UpdatePolicy: parallelism cannot be .*whole number/,
    );
  });
});

test('on a Docker engine Terraform replaces containers, and a policy is refused', () => {
  const updates = UpdatePolicy.stopFirst();
  expect(() => new Workload(createStack(), 'bot', { image, updatePolicy: updates })).toThrow(
    /^desk\/bot: the docker engine cannot do this: a rolling update\. Leave `updatePolicy` out: Terraform removes the old/,
  );
  expect(new Workload(createStack(), 'bot', { image }).spec.updates).toBeNull();
});

import { DockerApi, type ServiceSummary } from '../../../lib/command-line/engine/docker-api';
import { engineAddress } from '../../../lib/command-line/engine/address';
import { SwarmUpdates } from '../../../lib/command-line/rollout/swarm-updates';
import { Duration, Engine, HealthCheck, Image, UpdatePolicy, Workload } from '../../../lib';
import type { RegisteredWorkload } from '../../../lib/internal';
import { createStack } from '../../setup/synthesize';
import { FakeEngine } from '../desk/engine';

let engine: FakeEngine;

beforeEach(async () => {
  engine = await FakeEngine.start();
});

afterEach(async () => {
  jest.restoreAllMocks();
  await engine.stop();
});

/** Lets so much time pass between one look and the next. */
function passTime(duration: Duration): void {
  let now = 0;
  jest.spyOn(Date, 'now').mockImplementation(() => (now += duration.toMilliseconds()));
}

function workloads(startTimeout = Duration.seconds(30), chosen = Engine.swarm()): readonly RegisteredWorkload[] {
  const image = Image.fromRegistry('node:24-slim');
  const healthCheck = HealthCheck.tcp(8000);
  const stopGracePeriod = startTimeout;
  const { platform } = createStack(
    (stack) => new Workload(stack, 'api', { image, startTimeout, stopGracePeriod, healthCheck }),
    { engine: chosen },
  );
  return platform.workloads;
}

function update(State: string, StartedAt = '2026-01-01T12:00:00Z'): ServiceSummary[] {
  return [{ Spec: { Name: 'desk-api' }, UpdateStatus: { State, StartedAt } }, { Spec: { Name: 'somebody-elses' } }];
}

/** What is said of updates that look one after another like this, the first time before the deploy. */
async function problems(answers: (ServiceSummary[] | 'error')[], described = workloads()): Promise<string[]> {
  return (await before(answers, described)).problems();
}

function before(answers: (ServiceSummary[] | 'error')[], described = workloads()): Promise<SwarmUpdates> {
  engine.state.services = answers;
  return SwarmUpdates.before(described, DockerApi.at(engineAddress(engine.host, {})));
}

const NEVER_UPDATED: ServiceSummary[] = [{ Spec: { Name: 'desk-api' } }];

test('An update that comes to its end is waited for, and nothing is said', async () => {
  expect(await problems([NEVER_UPDATED, update('updating'), update('completed')])).toEqual([]);
  expect(engine.state.services).toEqual([update('completed')]);
});

test('An update that goes back is waited for, and said with what its task said last', async () => {
  const failed = (CreatedAt: string, Err: string) => ({
    CreatedAt,
    DesiredState: 'shutdown',
    Status: { State: 'failed', Err },
  });
  engine.state.tasks = [failed('2026-01-01T12:00:09Z', 'unhealthy container'), failed('2025-01-01T12:00:00Z', 'old')];
  expect(await problems([NEVER_UPDATED, update('rollback_started'), update('rollback_completed')])).toEqual([
    'desk-api: the new version failed (unhealthy container), and the one before runs again.',
  ]);
});

test.each([
  ['paused', 'desk-api: the new version failed, and the update stopped where it was.'],
  ['rollback_paused', 'desk-api: the new version failed, and so did the way back.'],
])('An update that is %s is said', async (state, sentence) => {
  expect(await problems([NEVER_UPDATED, update(state)])).toEqual([sentence]);
});

test('What an earlier deploy left says nothing of this one', async () => {
  const earlier = update('rollback_completed', '2025-01-01T12:00:00Z');
  expect(await problems([earlier, earlier])).toEqual([]);
});

test('An update that comes to no end is not waited for without one', async () => {
  passTime(Duration.minutes(3));
  expect(await problems([NEVER_UPDATED, update('updating')])).toEqual([
    'desk-api: the update has not come to an end. What it waits for: docker service ps desk-api',
  ]);
});

test.each([
  ['one by one, with a pause between', { parallelism: 1, delay: Duration.seconds(10) }, 'completed'],
  ['both at once, and watched for long', { parallelism: 2, monitor: Duration.minutes(1) }, 'completed'],
  ['both at once', { parallelism: 2 }, 'updating'],
])('Two replicas that are replaced %s have the time of that', async (_, asked, seen) => {
  const { platform } = createStack(
    (stack) =>
      new Workload(stack, 'api', {
        image: Image.fromRegistry('node:24-slim'),
        replicas: 2,
        startTimeout: Duration.seconds(1),
        stopGracePeriod: Duration.seconds(0),
        updatePolicy: UpdatePolicy.stopFirst({ monitor: Duration.seconds(0), ...asked }),
      }),
    { engine: Engine.swarm() },
  );
  passTime(Duration.seconds(10));
  await problems([NEVER_UPDATED, update('updating'), update('updating'), update('completed')], platform.workloads);
  expect(engine.state.services.at(0)).toEqual(update(seen));
});

test('A question that is not answered is asked again', async () => {
  expect(await problems([NEVER_UPDATED, 'error', update('updating'), 'error', update('completed')])).toEqual([]);
});

test('An engine that does not answer any more leaves it open how the updates went', async () => {
  const updates = await before([NEVER_UPDATED]);
  engine.state.failing = ['/services'];
  expect(await updates.problems('none')).toEqual([
    'Docker does not answer any more (no space left on device), so how the updates went is not known.',
  ]);
});

test('An update is looked at once for who has no patience', async () => {
  const updates = await before([NEVER_UPDATED, update('updating'), update('completed')]);
  expect(await updates.problems('none')).toEqual([
    expect.stringMatching(/^desk-api: the update has not come to an end/),
  ]);
});

test('Containers are not asked for: Terraform replaces them itself', async () => {
  expect(await problems([], workloads(Duration.seconds(30), Engine.docker()))).toEqual([]);
});

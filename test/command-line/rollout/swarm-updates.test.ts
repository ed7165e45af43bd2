import { DockerApi } from '../../../lib/command-line/engine/docker-api';
import type { ServiceSummary } from '../../../lib/command-line/engine/responses';
import { engineAddress } from '../../../lib/command-line/connection/address';
import { SwarmUpdates } from '../../../lib/command-line/rollout/swarm-updates';
import { Duration, Engine, HealthCheck, Image, UpdatePolicy, Workload } from '../../../lib';
import type { RegisteredWorkload } from '../../../lib/internal';
import { createStack } from '../../setup/synthesize';
import { fastClock } from '../desk/clock';
import { FakeEngine } from '../desk/engine';

let engine: FakeEngine;

beforeEach(async () => {
  engine = await FakeEngine.start();
});

afterEach(async () => {
  await engine.stop();
});

/** A clock that advances by this much from one request to the next. */
function passing(duration: Duration): ReturnType<typeof fastClock> {
  let time = 0;
  return { ...fastClock(), now: () => (time += duration.toMilliseconds()) };
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

/** The problems of updates that go through these states, of which the first is the one before the deploy. */
async function problems(
  answers: (ServiceSummary[] | 'error')[],
  described = workloads(),
  clock = fastClock(),
): Promise<string[]> {
  return (await before(answers, described, clock)).problems();
}

function before(
  answers: (ServiceSummary[] | 'error')[],
  described = workloads(),
  clock = fastClock(),
): Promise<SwarmUpdates> {
  engine.state.services = answers;
  return SwarmUpdates.before(described, DockerApi.at(engineAddress(engine.host, {})), clock);
}

const NEVER_UPDATED: ServiceSummary[] = [{ Spec: { Name: 'desk-api' } }];

test('An update that completes is waited for, and not reported', async () => {
  expect(await problems([NEVER_UPDATED, update('updating'), update('completed')])).toEqual([]);
  expect(engine.state.services).toEqual([update('completed')]);
});

test('An update that is rolled back is waited for, and reported with the error of its last task', async () => {
  const failed = (CreatedAt: string, Err: string) => ({
    CreatedAt,
    DesiredState: 'shutdown',
    Status: { State: 'failed', Err },
  });
  engine.state.tasks = [failed('2026-01-01T12:00:09Z', 'unhealthy container'), failed('2025-01-01T12:00:00Z', 'old')];
  expect(await problems([NEVER_UPDATED, update('rollback_started'), update('rollback_completed')])).toEqual([
    expect.stringMatching(/^desk-api: .*\(unhealthy container\), and the previous one was restored\.$/),
  ]);
});

test.each([
  ['paused', /^desk-api: .*update is paused\.$/],
  ['rollback_paused', /^desk-api: .*rollback\.$/],
])('An update in the state %s is reported', async (state, sentence) => {
  expect(await problems([NEVER_UPDATED, update(state)])).toEqual([expect.stringMatching(sentence)]);
});

test('An update of an earlier deploy is not reported', async () => {
  const earlier = update('rollback_completed', '2025-01-01T12:00:00Z');
  expect(await problems([earlier, earlier])).toEqual([]);
});

test('An update that does not finish is waited for until its time is over', async () => {
  expect(await problems([NEVER_UPDATED, update('updating')], workloads(), passing(Duration.minutes(3)))).toEqual([
    expect.stringMatching(/^desk-api: .*not finished.*: docker .*service ps desk-api$/),
  ]);
});

test.each([
  ['one by one with a delay', { parallelism: 1, delay: Duration.seconds(10) }, 'completed'],
  ['both at once with a long monitor', { parallelism: 2, monitor: Duration.minutes(1) }, 'completed'],
  ['both at once', { parallelism: 2 }, 'updating'],
])('The time limit is long enough for two replicas that are replaced %s', async (_, asked, seen) => {
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
  const states = [NEVER_UPDATED, update('updating'), update('updating'), update('completed')];
  await problems(states, platform.workloads, passing(Duration.seconds(10)));
  expect(engine.state.services.at(0)).toEqual(update(seen));
});

test('A request that fails is repeated', async () => {
  expect(await problems([NEVER_UPDATED, 'error', update('updating'), 'error', update('completed')])).toEqual([]);
});

test('The result of the updates is unknown if the engine stops answering', async () => {
  const updates = await before([NEVER_UPDATED]);
  engine.state.failing = ['/services'];
  expect(await updates.problems('none')).toEqual([
    expect.stringMatching(/\(no space left on device\), so the result of the updates is unknown\.$/),
  ]);
});

test('An update is requested once after an interrupt', async () => {
  const updates = await before([NEVER_UPDATED, update('updating'), update('completed')]);
  expect(await updates.problems('none')).toEqual([expect.stringMatching(/^desk-api: the update has not finished/)]);
});

test('Containers are not waited for, because Terraform replaces them itself', async () => {
  expect(await problems([], workloads(Duration.seconds(30), Engine.docker()))).toEqual([]);
});

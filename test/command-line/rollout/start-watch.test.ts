import { StartWatch } from '../../../lib/command-line/rollout/start-watch';
import { DockerApi } from '../../../lib/command-line/engine/docker-api';
import { engineAddress } from '../../../lib/command-line/connection/address';
import { Output } from '../../../lib/command-line/output/output';
import { Duration, HealthCheck, Image, Job, RestartPolicy, Size, Workload, type WorkloadProps } from '../../../lib';
import { createStack } from '../../setup/synthesize';
import { type FakeContainer, FakeEngine } from '../desk/engine';

let engine: FakeEngine;

beforeEach(async () => {
  engine = await FakeEngine.start();
});

afterEach(() => engine.stop());

/** A clock that only the test moves. */
class Clock {
  private time = 0;

  now = (): number => this.time;

  pause = async (milliseconds: number): Promise<void> => {
    this.time += milliseconds;
    await new Promise((resolve) => setTimeout(resolve, 1));
  };

  /** Lets events arrive before time passes. */
  async pass(milliseconds: number): Promise<void> {
    await engine.settled();
    this.time += milliseconds;
  }
}

const HEALTH_CHECK = HealthCheck.http(8000, { via: 'node' });

/** The service `desk-api` with these options, and a job. */
function watch(props: Partial<WorkloadProps> = { healthCheck: HEALTH_CHECK }): { starts: StartWatch; clock: Clock } {
  const image = Image.fromRegistry('node:24-slim');
  const stack = createStack((scope) => {
    new Workload(scope, 'api', { image, ...props });
    new Job(scope, 'migrate', { image });
  });
  const clock = new Clock();
  const docker = DockerApi.at(engineAddress(engine.host, {}));
  return {
    starts: new StartWatch({ stack, docker, context: { output: new Output(), now: clock.now, pause: clock.pause } }),
    clock,
  };
}

/** Watches an apply in which this happens, and returns whether it was asked to stop. */
async function apply(starts: StartWatch, happens: () => Promise<void>, succeeded = true): Promise<boolean> {
  let isStopped = false;
  await starts.during(async (stop) => {
    await happens();
    isStopped = stop.aborted;
    return { succeeded, failedAddresses: [], errors: [] };
  });
  return isStopped;
}

/** The reasons for which an apply is ended in which this happens to a container. */
async function failuresOf(
  props: Partial<WorkloadProps> | undefined,
  happens: (clock: Clock) => Promise<void>,
  container: Partial<FakeContainer> = {},
): Promise<string[]> {
  engine.state.containers = [{ name: 'desk-api', ...container }];
  const { starts, clock } = watch(props);
  const isStopped = await apply(starts, async () => {
    await happens(clock);
    await clock.pass(0);
  });
  expect(isStopped).toBe(starts.failures.length > 0);
  return starts.failures.map(({ state }) => state);
}

/** A container is started and ends this often, with this time between. */
function crashes(times: number, pause: number, exitCode = '1') {
  return async (clock: Clock): Promise<void> => {
    engine.emit('create', 'desk-api');
    for (let time = 0; time < times; time += 1) {
      engine.emit('start', 'desk-api');
      await clock.pass(10);
      engine.emit('die', 'desk-api', { exitCode });
      await clock.pass(pause);
    }
  };
}

test('An apply is ended when a container has crashed several times, and its last log is kept', async () => {
  engine.state.containers = [{ name: 'desk-api', log: 'no route\n', earlierLog: 'no route\n' }];
  const { starts, clock } = watch();
  await apply(starts, () => crashes(4, 2000)(clock));
  expect(starts.failures).toMatchObject([
    { state: 'exited with code 1, 4 times since the deploy began', log: ['no route'] },
  ]);
});

test('A service that ends with 0 again and again is said to be a job', async () => {
  expect(await failuresOf(undefined, crashes(4, 2000, '0'))).toEqual([
    'exited with code 0, 4 times since the deploy began; use a `Job` for a program that is meant to end',
  ]);
});

test('A container that crashes again and again within a few seconds may still be waiting for another', async () => {
  expect(await failuresOf(undefined, crashes(6, 500))).toEqual([]);
});

test('A container that is restarted a few times may still be waiting for another', async () => {
  expect(await failuresOf(undefined, crashes(3, 10_000))).toEqual([]);
});

test.each([
  ['never restarts', RestartPolicy.never(), 1, '1', "exited with code 1; its restart policy is 'no'"],
  [
    'only restarts after a failure',
    RestartPolicy.onFailure(),
    1,
    '0',
    "exited with code 0; its restart policy is 'on-failure'; use a `Job` for a program that is meant to end",
  ],
  [
    'restarts twice',
    RestartPolicy.onFailure(2),
    3,
    '5',
    "exited with code 5, 3 times since the deploy began; its restart policy is 'on-failure'",
  ],
])('The end of a container that %s is certain', async (_what, restartPolicy, times, exitCode, reason) => {
  const props = { healthCheck: HEALTH_CHECK, restartPolicy };
  expect(await failuresOf(props, crashes(times - 1, 0, exitCode))).toEqual([]);
  expect(await failuresOf(props, crashes(times, 0, exitCode))).toEqual([reason]);
});

test('The log of a container that the provider removes is kept', async () => {
  engine.state.containers = [{ name: 'desk-api', log: 'cannot find module\n' }];
  const { starts, clock } = watch({ restartPolicy: RestartPolicy.never() });
  await apply(starts, async () => {
    engine.emit('create', 'desk-api');
    engine.emit('start', 'desk-api');
    await clock.pass(0);
    engine.state.containers = [];
    engine.emit('die', 'desk-api', { exitCode: '1' });
    await clock.pass(0);
  });
  expect(starts.failures).toMatchObject([{ log: ['cannot find module'] }]);
});

test('A container that needs more memory than its limit is reported as that', async () => {
  const props = { restartPolicy: RestartPolicy.never(), resources: { memory: Size.mebibytes(64) } };
  const failures = await failuresOf(props, async () => {
    engine.emit('create', 'desk-api');
    engine.emit('start', 'desk-api');
    engine.emit('oom', 'desk-api');
    engine.emit('die', 'desk-api', { exitCode: '137' });
    return Promise.resolve();
  });
  expect(failures).toEqual([expect.stringContaining('more memory than its limit of 64 MiB')]);
});

test('A health check that has failed is reported with its request and the last output', async () => {
  const probes = [1, 2, 3].map((ExitCode) => ({ ExitCode, Output: 'connecting\nconnection refused\n' }));
  const unhealthy = (): Promise<void> => {
    engine.emit('create', 'desk-api');
    engine.emit('health_status: unhealthy', 'desk-api');
    return Promise.resolve();
  };
  const container = { health: 'unhealthy', probes };
  expect(await failuresOf(undefined, unhealthy, container)).toEqual([
    'unhealthy: GET http://api:8000/health failed 3 times, last with exit code 3 (connection refused)',
  ]);
  const patient = { healthCheck: HEALTH_CHECK, startTimeout: Duration.minutes(10) };
  expect(await failuresOf(patient, unhealthy, container)).toEqual([]);
});

test('A missed heartbeat is reported with the variable that names the file, and the age', async () => {
  const healthCheck = HealthCheck.heartbeatFile('/tmp/heartbeat', { maximumAge: Duration.seconds(90) });
  const unhealthy = (): Promise<void> => {
    engine.emit('create', 'desk-api');
    engine.emit('health_status: unhealthy', 'desk-api');
    return Promise.resolve();
  };
  const container = { health: 'unhealthy', probes: [{ ExitCode: 1, Output: '' }] };
  const missed = 'unhealthy: it did not touch the file';
  expect(await failuresOf({ healthCheck }, unhealthy, container)).toEqual([`${missed} /tmp/heartbeat within 90 s`]);
  const environment = { HEARTBEAT_FILE: '/tmp/heartbeat' };
  expect(await failuresOf({ healthCheck, environment }, unhealthy, container)).toEqual([
    `${missed} in HEARTBEAT_FILE (/tmp/heartbeat) within 90 s; set another \`healthCheck\` if the program does not know ` +
      'that variable',
  ]);
  const noShell = { ...container, probes: [{ ExitCode: 127, Output: 'stat: not found' }] };
  expect(await failuresOf({ healthCheck }, unhealthy, noShell)).toEqual([
    expect.stringContaining('exit code 127 (stat: not found)'),
  ]);
});

test.each([
  ['was there before the deploy', 'desk-api', false],
  ['belongs to a job', 'desk-migrate', true],
  ['is not part of the stack', 'other-api', true],
])('A container that %s does not end an apply', async (_what, name, isNew) => {
  const failures = await failuresOf({ restartPolicy: RestartPolicy.never() }, async () => {
    if (isNew) engine.emit('create', name);
    engine.emit('die', name, { exitCode: '1' });
    return Promise.resolve();
  });
  expect(failures).toEqual([]);
});

test('A service without a health check has to run for a while after the apply', async () => {
  engine.state.containers = [{ name: 'desk-api' }];
  const { starts, clock } = watch({});
  const started = clock.now();
  await apply(starts, () => {
    engine.emit('create', 'desk-api');
    engine.emit('start', 'desk-api');
    return clock.pass(0);
  });
  expect(clock.now() - started).toBeGreaterThanOrEqual(3000);
  expect(starts.failures).toEqual([]);
});

test('A crash that a service has recovered from is counted and no failure', async () => {
  engine.state.containers = [{ name: 'desk-api' }];
  const { starts, clock } = watch({});
  await apply(starts, async () => {
    await crashes(1, 100)(clock);
    engine.emit('start', 'desk-api');
    await clock.pass(0);
  });
  expect(clock.now()).toBeGreaterThanOrEqual(10_000);
  expect({ failures: starts.failures, crashes: [...starts.crashes] }).toEqual({
    failures: [],
    crashes: [['desk-api', 1]],
  });
});

describe('a service without a health check that was created and not reported as started', () => {
  const created = (clock: Clock) => (): Promise<void> => {
    engine.emit('create', 'desk-api');
    return clock.pass(0);
  };

  test('It is not waited for after an apply that failed', async () => {
    engine.state.containers = [{ name: 'desk-api' }];
    const { starts, clock } = watch({});
    await apply(starts, created(clock), false);
    expect(clock.now()).toBe(0);
  });

  test('It is not waited for if the engine does not report events any more', async () => {
    engine.state.containers = [{ name: 'desk-api' }];
    const { starts, clock } = watch({});
    await apply(starts, async () => {
      await created(clock)();
      engine.dropWatchers();
      await clock.pass(0);
    });
    expect(clock.now()).toBe(0);
  });

  test.each(['created', 'exited'])('It is not waited for if it is %s', async (status) => {
    engine.state.containers = [{ name: 'desk-api', status }];
    const { starts, clock } = watch({});
    await apply(starts, created(clock));
    expect({ time: clock.now(), failures: starts.failures }).toEqual({ time: 0, failures: [] });
  });

  test('It has to run for a while if it runs', async () => {
    engine.state.containers = [{ name: 'desk-api', status: 'restarting', then: { status: 'running' } }];
    const { starts, clock } = watch({});
    await apply(starts, created(clock));
    expect(clock.now()).toBeGreaterThanOrEqual(3000);
  });
});

test('An engine that reports no events is left to Terraform', async () => {
  engine.state.failing = ['/events'];
  expect(await apply(watch().starts, () => Promise.resolve())).toBe(false);
});

test('An error during the deploy is passed on', async () => {
  await expect(watch().starts.during(() => Promise.reject(new Error('no plan')))).rejects.toThrow('no plan');
});

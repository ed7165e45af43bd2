import { DockerApi } from '../../../lib/command-line/engine/docker-api';
import type { Task } from '../../../lib/command-line/engine/responses';
import { engineAddress } from '../../../lib/command-line/connection/address';
import {
  describeState,
  failedJobs,
  isUnhealthy,
  statesOf,
  stoppedServices,
  type WorkloadState,
} from '../../../lib/command-line/engine/workload-state';
import { Engine, Image, Job, Workload } from '../../../lib';
import { createStack } from '../../setup/synthesize';
import { type FakeContainer, FakeEngine } from '../desk/engine';

let engine: FakeEngine;

beforeEach(async () => {
  engine = await FakeEngine.start();
});

afterEach(async () => {
  await engine.stop();
});

function states(...containers: FakeContainer[]): Promise<WorkloadState[]> {
  return statesOn(Engine.docker(), ...containers);
}

async function statesOn(kind: Engine, ...containers: FakeContainer[]): Promise<WorkloadState[]> {
  const image = Image.fromRegistry('node:24-slim');
  const { platform } = createStack(
    (stack) => {
      new Job(stack, 'migrate', { image });
      new Workload(stack, 'web', { image });
    },
    { engine: kind },
  );
  engine.state.containers = containers;
  const docker = DockerApi.at(engineAddress(undefined, { DOCKER_HOST: engine.host }));
  return statesOf(platform.workloads, docker);
}

async function web(container: Omit<FakeContainer, 'name'>): Promise<WorkloadState> {
  const [, state] = await states({ name: 'desk-web', ...container });
  if (state === undefined) throw new Error('no state of the second workload');
  return state;
}

test.each<[string, boolean, Omit<FakeContainer, 'name'>]>([
  ['running, healthy', false, { health: 'healthy' }],
  ['running, unhealthy', true, { health: 'unhealthy' }],
  ['running, starting', true, { health: 'starting' }],
  ['running', false, {}],
  ['running, 3 restarts', true, { restarts: 3 }],
  ['running, healthy, 1 restart', false, { health: 'healthy', restarts: 1 }],
  ['running, healthy, a process was killed for lack of memory', false, { health: 'healthy', outOfMemory: true }],
  ['restarting, 2 restarts', true, { status: 'restarting', restarts: 2 }],
  ['exited with 0', false, { status: 'exited' }],
  ['exited with 137', true, { status: 'exited', exitCode: 137, health: 'unhealthy' }],
])('A container that is "%s" may be the reason for a failed deploy: %s', async (description, unhealthy, container) => {
  const state = await web(container);
  expect(describeState(state)).toBe(description);
  expect(isUnhealthy(state)).toBe(unhealthy);
});

test('A workload without a container is missing, and not unhealthy', async () => {
  const [job] = await states();
  expect(job).toMatchObject({ status: 'missing', container: null });
  expect(job && isUnhealthy(job)).toBe(false);
});

test('A container that is removed between two requests is missing', async () => {
  expect(await web({ vanishes: true })).toMatchObject({ status: 'missing', container: null });
});

describe('services of a Swarm', () => {
  const labels = { 'com.docker.swarm.service.name': 'desk-web' };
  const OLD: FakeContainer = { name: 'old', labels, created: 2, status: 'exited', exitCode: 137 };
  const NEW: FakeContainer = { name: 'new', labels, created: 1, health: 'healthy' };

  /** A task with its container, which is on this engine if the engine has it. */
  function task(ContainerID: string, State: string, CreatedAt: string, DesiredState = State): Task {
    return { CreatedAt, DesiredState, Status: { State, ContainerStatus: { ContainerID } } };
  }

  async function webOn(...containers: FakeContainer[]): Promise<WorkloadState | undefined> {
    return (await statesOn(Engine.swarm(), ...containers))[1];
  }

  test('The state of a Swarm service is that of its running task, with the health of its container', async () => {
    engine.state.tasks = [task('new', 'running', '2026-01-02'), task('old', 'shutdown', '2026-01-01')];
    expect(await webOn(OLD, NEW)).toMatchObject({ container: 'new', status: 'running', health: 'healthy' });
  });

  test('An old container of a Swarm service is ignored if its task runs on another node', async () => {
    engine.state.tasks = [task('far', 'running', '2026-01-02'), task('old', 'shutdown', '2026-01-01')];
    expect(await webOn(OLD)).toMatchObject({ container: null, status: 'running', health: null, exitCode: null });
  });

  test('The last container of a Swarm service that does not come up has its log', async () => {
    const preparing = { CreatedAt: '2026-01-03', DesiredState: 'running', Status: { State: 'preparing' } };
    engine.state.tasks = [preparing, task('old', 'failed', '2026-01-02', 'shutdown')];
    expect(await webOn(OLD)).toMatchObject({ container: 'old', status: 'exited', exitCode: 137 });
    engine.state.tasks = [preparing, task('far', 'failed', '2026-01-02', 'shutdown')];
    expect(await webOn(OLD)).toMatchObject({ container: null, status: 'preparing' });
  });

  test('A Swarm service that does not exist is missing', async () => {
    engine.state.failing = ['/tasks'];
    await expect(webOn()).rejects.toThrow('answered GET /tasks with 500');
    engine.state.failing = [];
    engine.state.tasks = undefined;
    expect(await webOn()).toMatchObject({ status: 'missing' });
  });
});

test('Only a job with an exit code other than 0 has failed', async () => {
  const failed = { status: 'exited', exitCode: 2 };
  expect(failedJobs(await states({ name: 'desk-migrate', status: 'exited' }))).toEqual([]);
  expect(failedJobs(await states({ name: 'desk-web', ...failed }))).toEqual([]);
  const [job] = failedJobs(await states({ name: 'desk-migrate', ...failed }));
  expect(job?.workload.address).toBe('docker_container.desk-migrate');
});

test.each([
  ['created', true],
  ['exited', true],
  ['dead', true],
  ['running', false],
  ['restarting', false],
  ['paused', false],
])('A service whose container is %s is stopped: %s', async (status, isStopped) => {
  const stopped = stoppedServices(await states({ name: 'desk-web', status }));
  expect(stopped.map(({ workload }) => workload.spec.name)).toEqual(isStopped ? ['desk-web'] : []);
});

test('A finished job is not stopped, and neither is a Swarm service whose task is replaced', async () => {
  expect(stoppedServices(await states({ name: 'desk-migrate', status: 'exited' }))).toEqual([]);

  const labels = { 'com.docker.swarm.service.name': 'desk-web' };
  const Status = { State: 'failed', ContainerStatus: { ContainerID: 'desk-web.1.a' } };
  engine.state.tasks = [{ CreatedAt: '', DesiredState: 'shutdown', Status }];
  const onSwarm = await statesOn(Engine.swarm(), { name: 'desk-web.1.a', labels, status: 'exited' });
  expect(onSwarm.map(({ status }) => status)).toEqual(['missing', 'exited']);
  expect(stoppedServices(onSwarm)).toEqual([]);
});

test('Replicas of a Swarm service are counted on all nodes', async () => {
  const task = (State: string, DesiredState = 'running') => ({ CreatedAt: '', DesiredState, Status: { State } });
  engine.state.tasks = [task('running'), task('running'), task('starting'), task('failed', 'shutdown')];
  const { platform } = createStack(
    (stack) => new Workload(stack, 'web', { image: Image.fromRegistry('node:24-slim'), replicas: 3 }),
    { engine: Engine.swarm() },
  );
  const docker = DockerApi.at(engineAddress(undefined, { DOCKER_HOST: engine.host }));
  const count = async () => statesOf(platform.workloads, docker);

  expect((await count()).map(describeState)).toEqual(['starting, 2 of 3']);
  engine.state.tasks = [task('running'), task('running'), task('running')];
  expect((await count()).map(describeState)).toEqual(['running, 3 of 3']);
});

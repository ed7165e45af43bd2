import type { Task } from '../../../../lib/command-line/engine/responses';
import { DeskFixture } from '../../desk/fixture';

const desk = new DeskFixture();
const SPEC = {
  Name: 'desk-api',
  TaskTemplate: { ContainerSpec: { Image: 'api' } },
  Mode: { Replicated: { Replicas: 3 } },
};

function tasks(running: number, others: number, error?: string): Task[] {
  const task = (state: string): Task => ({
    CreatedAt: '2026-01-01T10:00:00Z',
    DesiredState: 'running',
    Status: { State: state, ...(error !== undefined && { Err: error }) },
  });
  return [...Array<Task>(running).fill(task('running')), ...Array<Task>(others).fill(task('pending'))];
}

describe('scale', () => {
  beforeEach(() => {
    desk.engine.state.scaled = { Version: { Index: 42 }, Spec: SPEC };
  });

  test('changes the number of tasks and nothing else, waits for them, and says what the code has', async () => {
    desk.engine.state.tasks = tasks(5, 0);
    const { exitCode, stdout, stderr } = await desk.run(['scale', 'desk', 'api', '5'], {}, 'scalable');

    expect([exitCode, stderr]).toEqual([0, '']);
    expect(desk.engine.state.updates).toEqual([
      { service: 'desk-api', version: '42', spec: { ...SPEC, Mode: { Replicated: { Replicas: 5 } } } },
    ]);
    expect(stdout).toBe(
      'desk-api: 5 running\nThe code has replicas: 3, to which the next deploy returns. To keep the new number, set replicas: 5.\n',
    );
  });

  test('reports the tasks that do not run in time, with the reason of the Swarm', async () => {
    desk.engine.state.tasks = tasks(4, 1, 'no suitable node');
    const { exitCode, stderr } = await desk.run(['scale', 'desk', 'api', '5'], {}, 'scalable');

    expect(exitCode).toBe(1);
    expect(stderr).toContain('4 of 5 replicas of desk-api run (no suitable node).');
    expect(stderr).toContain('service ps desk-api');
  });

  test.each([
    ['db', 'it is a server, of which one runs'],
    ['once', 'according to the code, only one may run at a time'],
    ['migrate', 'it is a job, which runs once'],
  ])('refuses %s', async (service, reason) => {
    const { exitCode, stderr } = await desk.run(['scale', 'desk', service, '2'], {}, 'scalable');

    expect(exitCode).toBe(2);
    expect(stderr).toContain(`desk-${service} cannot be scaled: ${reason}`);
    expect(desk.engine.state.updates).toEqual([]);
  });

  test('refuses a service with a host port', async () => {
    const { exitCode, stderr } = await desk.run(['scale', 'desk', 'web', '2'], {}, 'scalable');

    expect(exitCode).toBe(1);
    expect(stderr).toContain('only one of 2 replicas can have the host port 8080');
    expect(stderr).toContain('[replicas-conflict]');
  });

  test('on one host says what to write instead', async () => {
    const { exitCode, stderr } = await desk.run(['scale', 'desk', 'gateway', '2']);

    expect(exitCode).toBe(2);
    expect(stderr).toContain("Set replicas: 2 on 'gateway', and deploy: npm run deploy -- desk [scale-not-possible]");
  });
});

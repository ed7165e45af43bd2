import { AppService, BackgroundWorker, Duration, MonitoringUi } from '../../../lib';
import { containerNamed, createStack, ENGINES, synthesizeStack } from '../../setup/synthesize';
import { BOT, environmentOf } from '../fixtures';

describe.each(ENGINES)('BackgroundWorker on $engineName', ({ createEngine }) => {
  test('differs from an AppService in its heartbeat only', () => {
    createStack(
      (stack) => {
        const { spec } = new BackgroundWorker(stack, 'worker', { image: BOT }).workload;
        const { spec: ofService } = new AppService(stack, 'service', { image: BOT }).workload;
        const { path, name, aliases, labels, environment, healthCheck } = spec;

        expect(spec).toEqual({ ...ofService, path, name, aliases, labels, environment, healthCheck });
        expect(environment).toEqual({ HEARTBEAT_FILE: '/tmp/heartbeat' });
      },
      { engine: createEngine() },
    );
  });
});

describe('BackgroundWorker', () => {
  test('is healthy while it touches its heartbeat file at least once a minute', () => {
    createStack((stack) => {
      const { spec } = new BackgroundWorker(stack, 'worker', { image: BOT }).workload;

      expect(spec.environment.HEARTBEAT_FILE).toBe('/tmp/heartbeat');
      expect(spec.healthCheck?.test.join(' ')).toMatch(/\/tmp\/heartbeat.*-le 60$/);
      expect(spec.tmpfs.map(({ path }) => path)).toContain('/tmp');
    });
  });

  test('can have more time between two heartbeats', () => {
    createStack((stack) => {
      const worker = new BackgroundWorker(stack, 'worker', { image: BOT, heartbeatWithin: Duration.minutes(5) });

      expect(worker.workload.spec.healthCheck?.test.join(' ')).toMatch(/-le 300$/);
    });
  });

  test('rejects a heartbeat of less than a second', () => {
    const create = () =>
      createStack((stack) => {
        new BackgroundWorker(stack, 'worker', { image: BOT, heartbeatWithin: Duration.milliseconds(0) });
      });

    expect(create).toThrowCode('invalid-value', 'desk/worker', 'heartbeatWithin', '0s');
  });

  test('rejects an unknown option', () => {
    const create = () =>
      createStack((stack) => {
        new BackgroundWorker(stack, 'worker', { image: BOT, heartbeat: Duration.minutes(5) } as never);
      });

    expect(create).toThrowCode('unknown-option', 'desk/worker', 'heartbeat');
  });

  test('makes consumers wait and gives them no variables', () => {
    const terraform = synthesizeStack((stack) => {
      const worker = new BackgroundWorker(stack, 'worker', { image: BOT });
      new MonitoringUi(stack, 'ui', { image: BOT, uses: [worker] });
    });
    const ui = containerNamed(terraform, 'desk-ui');

    expect(environmentOf(ui)).toEqual({ PORT: '3000' });
    expect(ui.depends_on).toEqual(['docker_container.desk-worker']);
  });
});

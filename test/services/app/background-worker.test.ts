import { BackgroundWorker, Duration, MonitoringUi } from '../../../lib';
import { containerNamed, createStack, ENGINES, synthesizeStack } from '../../setup/synthesize';
import { BOT, createdBy, environmentOf } from '../fixtures';

describe.each(ENGINES)('BackgroundWorker on $engineName', ({ createEngine }) => {
  test('creates one program', () => {
    const terraform = synthesizeStack((stack) => new BackgroundWorker(stack, 'worker', { image: BOT }), {
      engine: createEngine(),
    });

    expect(createdBy(terraform)).toMatchSnapshot();
  });
});

describe('a BackgroundWorker', () => {
  test('is healthy while it touches the file that it is told of', () => {
    createStack((stack) => {
      const { spec } = new BackgroundWorker(stack, 'worker', { image: BOT }).workload;

      expect(spec.environment.HEARTBEAT_FILE).toBe('/tmp/heartbeat');
      expect(spec.healthCheck?.test.join(' ')).toMatch(/\/tmp\/heartbeat.*-le 60$/);
      expect(spec.tmpfs.map(({ path }) => path)).toContain('/tmp');
    });
  });

  test('may take longer between two signs of life', () => {
    createStack((stack) => {
      const worker = new BackgroundWorker(stack, 'worker', { image: BOT, heartbeatWithin: Duration.minutes(5) });

      expect(worker.workload.spec.healthCheck?.test.join(' ')).toMatch(/-le 300$/);
    });
  });

  test('is waited for, and gives nothing to connect to', () => {
    const terraform = synthesizeStack((stack) => {
      const worker = new BackgroundWorker(stack, 'worker', { image: BOT });
      new MonitoringUi(stack, 'ui', { image: BOT, uses: [worker] });
    });
    const ui = containerNamed(terraform, 'desk-ui');

    expect(environmentOf(ui)).toEqual({ PORT: '3000' });
    expect(ui.depends_on).toEqual(['docker_container.desk-worker']);
  });
});

import { MonitoringStack } from '../../lib';
import { createdBy } from '../services/fixtures';
import { ENGINES, synthesizeStack } from '../setup/synthesize';
import { exported, monitored } from './fixtures';

describe.each(ENGINES)('MonitoringStack on $engineName', ({ createEngine }) => {
  test('creates Prometheus, Grafana and an exporter for the service that serves no metrics itself', () => {
    const terraform = synthesizeStack(
      (stack) => new MonitoringStack(stack, 'monitoring', { watch: [monitored('bot'), exported('db')] }),
      { engine: createEngine() },
    );

    expect(createdBy(terraform)).toMatchSnapshot();
  });
});

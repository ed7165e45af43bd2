import { MonitoringStack } from '../../lib';
import { createdBy } from '../services/fixtures';
import { ENGINES, synthesizeStack } from '../setup/synthesize';
import { exported, observable } from './fixtures';

describe.each(ENGINES)('MonitoringStack on $engineName', ({ createEngine }) => {
  test('creates Prometheus, Grafana and an exporter for the service that has no metrics of its own', () => {
    const terraform = synthesizeStack(
      (stack) => new MonitoringStack(stack, 'monitoring', { watch: [observable('bot'), exported('db')] }),
      { engine: createEngine() },
    );

    expect(createdBy(terraform)).toMatchSnapshot();
  });
});

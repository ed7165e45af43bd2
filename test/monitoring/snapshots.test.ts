import { MonitoringStack } from '../../lib';
import { createdBy } from '../services/fixtures';
import { ENGINES, synthesizeStack } from '../setup/synthesize';
import { exported, monitored } from './fixtures';

const PROMETHEUS_ALERTS = ['PrometheusRuleFailures', 'PrometheusNotificationsFailing', 'PrometheusNotStoring'];

describe.each(ENGINES)('MonitoringStack on $engineName', ({ createEngine }) => {
  test('creates Prometheus, Grafana and an exporter for the service that serves no metrics itself', () => {
    const terraform = synthesizeStack(
      (stack) => {
        // The guide of the alerts shows their rules.
        const leaveOut = ['ServiceDown', 'ServiceRestarting', 'ExporterDown', ...PROMETHEUS_ALERTS];
        new MonitoringStack(stack, 'monitoring', { watch: [monitored('bot'), exported('db')], alerts: { leaveOut } });
      },
      { engine: createEngine() },
    );

    expect(createdBy(terraform)).toMatchSnapshot();
  });
});

import type { Construct } from 'constructs';
import { KNOWN, type MetricsAlert, withRunbooks } from '../../workload/connections/metrics-alert';
import { FAILURES_PANEL, type MetricsPanel } from '../../workload/connections/monitored';
import { Duration } from '../../workload/units/duration';
import { AppService, type AppServiceProps, runsOnce, withRoleDefaults } from '../app/app-service';

/** Properties of a {@link StrategyRunner}. */
export interface StrategyRunnerProps extends AppServiceProps {
  /**
   * Port of its health check and metrics.
   * @default 9090
   */
  readonly port?: number;
}

/**
 * Runs trading strategies: follows market data, requests features, and answers commands on its own sockets.
 *
 * @example
 * new StrategyRunner(stack, 'strategy_runner', {
 *   image: Image.fromBuild('services/strategy'),
 *   sockets: [{ name: 'execution', port: 5555, portVariable: 'ZMQ_EXEC_PORT' }],
 *   uses: [features, Dependency.optional(database)],
 *   resources: { cpus: Cpu.cores(2), memory: Size.gibibytes(2) },
 * });
 */
export class StrategyRunner extends AppService {
  /** @throws TradingStackError for an option that the engine would refuse or that could not work */
  constructor(scope: Construct, id: string, props: StrategyRunnerProps) {
    super(scope, id, withRoleDefaults(runsOnce(props), 9090, PANELS, ALERTS));
  }
}

const PANELS: readonly MetricsPanel[] = [
  {
    title: 'Signals',
    query: 'sum by (action) (rate(signals_total{job="$job"}[$__rate_interval]))',
    legend: '{{action}}',
    unit: 'ops',
    dashboard: 'trading',
  },
  {
    title: 'Age of market data',
    query: 'market_data_age_seconds{job="$job"}',
    legend: '{{instance}}',
    unit: 's',
    dashboard: 'trading',
  },
  {
    title: 'Age of market data',
    query: 'max(market_data_age_seconds{job="$job"})',
    legend: '$job',
    unit: 's',
    dashboard: 'overview',
  },
  FAILURES_PANEL,
];

const ALERTS: readonly MetricsAlert[] = withRunbooks([
  {
    name: 'MarketDataStale',
    expr: 'max(market_data_age_seconds{job="$job"}) > $threshold',
    threshold: 60,
    [KNOWN]: { threshold: { unit: 'seconds', of: 'time since the newest price' } },
    for: Duration.minutes(1),
    severity: 'warning',
    summary: '$job trades on stale prices',
    description:
      'The newest price is {{ $value | humanizeDuration }} old. Check whether the market is open, whether the market data ' +
      'service runs, and whether its provider answers.',
  },
]);

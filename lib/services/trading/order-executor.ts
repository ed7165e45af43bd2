import type { Construct } from 'constructs';
import { TradingStackError } from '../../errors';
import {
  alreadyChecked,
  checkOptions,
  listeningOn,
  type OptionShapes,
  required,
  withExamples,
} from '../../options/options';
import { KNOWN, type MetricsAlert, withRunbooks } from '../../workload/connections/metrics-alert';
import { FAILURES_PANEL, type MetricsPanel } from '../../workload/connections/monitored';
import { warnOfEviction } from '../../workload/connections/eviction';
import { Duration } from '../../workload/units/duration';
import { APP_SERVICE_PROPS, AppService, type AppServiceProps, runsOnce, withRoleDefaults } from '../app/app-service';
import { RiskManager } from './risk-manager';

/** Properties of an {@link OrderExecutor}. */
export interface OrderExecutorProps extends AppServiceProps {
  /**
   * Approves every order; the executor starts when the risk manager is healthy. It gets its URL only if `uses` has it too:
   * the two may be connected through a broker or a socket instead.
   */
  readonly riskManager: RiskManager;
  /**
   * Port of the HTTP interface.
   * @default 8081
   */
  readonly port?: number;
}

const PORT = 8081;

const ORDER_EXECUTOR_PROPS: OptionShapes<OrderExecutorProps> = withExamples<OrderExecutorProps>(
  { ...APP_SERVICE_PROPS, riskManager: required(RiskManager) },
  {
    riskManager:
      "new RiskManager(stack, 'risk_manager', { image, limits: RiskLimits.relative({ maxPositionSize: 0.2, maxDrawdown: 0.15 }) })",
  },
);

/**
 * Executes orders that the risk manager approved, so it cannot be created without one. `uses` connects the two: through
 * a broker, or with the risk manager or one of its sockets directly. It trades on paper: `TRADING_ENVIRONMENT` is
 * `paper`, and any other value is an error.
 *
 * @example
 * new OrderExecutor(stack, 'order_executor', { image, riskManager: risk, uses: [risk, database] });
 */
export class OrderExecutor extends AppService {
  /** @throws TradingStackError if `environment` or `secrets` ask for anything but paper trading */
  constructor(scope: Construct, id: string, props: OrderExecutorProps) {
    const where = `${scope.node.path}/${id}`;
    checkOptions(
      props,
      listeningOn(ORDER_EXECUTOR_PROPS, (props as Partial<OrderExecutorProps> | undefined)?.port ?? PORT),
      where,
    );
    const { riskManager, ...service } = alreadyChecked(props);
    checkTradesOnPaper(service, where);
    const environment = { TRADING_ENVIRONMENT: PAPER, ...service.environment };
    const uses = [riskManager.workload, ...(service.uses ?? [])];
    super(
      scope,
      id,
      withRoleDefaults(runsOnce({ ...service, environment, uses }), PORT, PANELS, alertsOf(riskManager)),
    );
    warnOfEviction(this, service.uses);
  }
}

const PAPER = 'paper';

function checkTradesOnPaper({ environment = {}, secrets = {} }: AppServiceProps, where: string): void {
  // Many programs prefer the file to the variable, and its content is unknown here.
  const names = [...Object.keys(secrets), ...Object.keys(environment)].filter((name) => MODE.test(name));
  for (const name of names) {
    if (name === 'TRADING_ENVIRONMENT' && !(name in secrets) && environment[name] === PAPER) continue;
    const value = name in secrets ? 'a secret' : `'${String(environment[name])}'`;
    throw new TradingStackError(
      'live-trading',
      where,
      `${name} is ${value}, but an OrderExecutor trades on paper only`,
      `Remove ${name}`,
    );
  }
}

const MODE = /^TRADING_ENVIRONMENT(_FILE)?$/;

const PANELS: readonly MetricsPanel[] = [
  {
    title: 'Orders',
    query: 'sum by (status) (rate(orders_total{job="$job"}[$__rate_interval]))',
    legend: '{{status}}',
    unit: 'ops',
    dashboard: 'trading',
  },
  {
    title: 'Fills within an hour',
    query: 'sum(increase(orders_total{job="$job",status="filled"}[1h]))',
    legend: 'filled',
    unit: 'short',
    dashboard: 'trading',
  },
  {
    title: 'Mode',
    query: 'max by (mode) (trading_mode{job="$job"})',
    legend: '{{mode}}',
    unit: 'short',
    dashboard: 'trading',
  },
  FAILURES_PANEL,
];

function alertsOf({ metrics: { job } }: RiskManager): readonly MetricsAlert[] {
  return withRunbooks([
    {
      name: 'ExecutorWithoutRiskManager',
      expr: `max(up{job="$job"}) == 1 and on () max(up{job="${job}"}) == 0`,
      [KNOWN]: { otherJob: job },
      for: Duration.seconds(30),
      severity: 'critical',
      summary: '$job runs without its risk manager',
      description:
        `${job} is down while $job takes orders. If $job follows the order path, it refuses all of them. Find out why with ` +
        `\`npm run status -- $stack\`, and start ${job}, or stop $job until it runs.`,
    },
  ]);
}

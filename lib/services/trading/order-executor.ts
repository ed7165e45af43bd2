import type { Construct } from 'constructs';
import { TradingStackError } from '../../errors';
import type { MetricsPanel } from '../../workload/connections/monitored';
import { AppService, type AppServiceProps } from '../app/app-service';
import { checkRiskManager, type RiskManager } from './risk-manager';

/** Properties of an {@link OrderExecutor}. */
export interface OrderExecutorProps extends AppServiceProps {
  /** Who has to approve every order: the executor starts when it is healthy. */
  readonly riskManager: RiskManager;
  /**
   * Port of its HTTP interface.
   * @default 8081
   */
  readonly port?: number;
}

/**
 * Carries out orders that the risk manager approved: there is no executor without one. How the two talk is for `uses`
 * to say: through a broker, or with the risk manager itself or a socket of it. It trades on paper,
 * `TRADING_ENVIRONMENT=paper`, and another value for that is refused.
 *
 * @example
 * new OrderExecutor(stack, 'order_executor', { image, riskManager: risk, uses: [risk, database] });
 */
export class OrderExecutor extends AppService {
  /** @throws TradingStackError without a risk manager, and if `environment` asks for anything but trading on paper */
  constructor(scope: Construct, id: string, props: OrderExecutorProps) {
    const where = `${scope.node.path}/${id}`;
    checkTradesOnPaper(props, where);
    super(scope, id, props, {
      port: 8081,
      panels: PANELS,
      environment: { TRADING_ENVIRONMENT: PAPER },
      uses: [checkRiskManager(props.riskManager, where).workload],
    });
  }
}

const PAPER = 'paper';

function checkTradesOnPaper({ environment = {}, secrets = {} }: OrderExecutorProps, where: string): void {
  // Many programs take the file before the variable, and what is in it nobody sees here.
  const names = [...Object.keys(secrets), ...Object.keys(environment)].filter((name) => MODE.test(name));
  for (const name of names) {
    const value = name in secrets ? 'what a secret says' : environment[name];
    if (name === 'TRADING_ENVIRONMENT' && value === PAPER) continue;
    throw new TradingStackError(
      'invalid-value',
      where,
      `${name} asks for ${value ?? 'nothing'}, and an executor of this library trades on paper alone`,
      `Leave ${name} out`,
    );
  }
}

const MODE = /^TRADING_ENVIRONMENT(_FILE)?$/;

const PANELS: readonly MetricsPanel[] = [
  {
    title: 'Orders',
    query: 'sum by (status) (rate(orders_total{job="$job"}[5m]))',
    legend: '{{status}}',
    unit: 'ops',
  },
];

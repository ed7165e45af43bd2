import type { Construct } from 'constructs';
import { invalidValue } from '../../errors';
import { isA } from '../../workload/is-a';
import type { MetricsPanel } from '../../workload/connections/monitored';
import { AppService, type AppServiceProps } from '../app/app-service';
import { checkVariables, type ReservedSetting } from '../server';
import { checkRiskLimits, type RiskLimits } from './risk-limits';

/** Properties of a {@link RiskManager}. */
export interface RiskManagerProps extends AppServiceProps {
  /** What it may approve. */
  readonly limits: RiskLimits;
  /**
   * Port of its HTTP interface.
   * @default 8080
   */
  readonly port?: number;
}

/**
 * Approves or refuses every order before it is executed. Nobody but the services of the stack has to reach it, so there
 * is no reason to publish it.
 *
 * @example
 * const risk = new RiskManager(stack, 'risk_manager', {
 *   image,
 *   limits: RiskLimits.relative({ maxPositionSize: 0.2, maxDrawdown: 0.15 }),
 *   uses: [database, broker],
 * });
 */
export class RiskManager extends AppService {
  /** What it may approve. */
  readonly limits: RiskLimits;

  /** @throws TradingStackError without limits, which approves everything, and for a limit in a variable beside them */
  constructor(scope: Construct, id: string, props: RiskManagerProps) {
    const where = `${scope.node.path}/${id}`;
    const { environment } = checkRiskLimits(props.limits, where);
    checkVariables(props, RESERVED_VARIABLES, where);
    super(scope, id, props, { port: 8080, panels: PANELS, environment });
    this.limits = props.limits;
  }
}

/** Two limits of one thing: which of them holds would be up to the program. */
const RESERVED_VARIABLES: readonly ReservedSetting[] = [
  {
    names: /^(MAX_POSITION_SIZE|MAX_DAILY_LOSS|MAX_POSITION_SIZE_PCT|MAX_PORTFOLIO_DRAWDOWN_PCT)(_FILE)?$/,
    replacement: 'Give limits',
  },
];

/** @throws TradingStackError for what only plain JavaScript can give: nothing, or another service */
export function checkRiskManager(given: RiskManager, where: string): RiskManager {
  if (isA(RiskManager, given)) return given;
  throw invalidValue(where, 'riskManager', given, 'the RiskManager that has to approve every order');
}

const PANELS: readonly MetricsPanel[] = [
  {
    title: 'Risk checks',
    query: 'sum by (outcome) (rate(risk_checks_total{job="$job"}[5m]))',
    legend: '{{outcome}}',
    unit: 'ops',
  },
];

import type { Construct } from 'constructs';
import { invalidValue } from '../../errors';
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
import { checkVariables, type ReservedSetting } from '../server';

/** Limits in the currency of the account. */
export interface AbsoluteLimits {
  /** Largest value of one position, as `MAX_POSITION_SIZE`. */
  readonly maxPositionSize: number;
  /** Loss of one day after which no order is approved any more, as `MAX_DAILY_LOSS`. */
  readonly maxDailyLoss: number;
}

/** Limits as shares of the account, above 0 and up to 1: `0.2` is a fifth of it. */
export interface RelativeLimits {
  /** Largest position, as `MAX_POSITION_SIZE_PCT`. */
  readonly maxPositionSize: number;
  /** Loss since the highest value of the account after which no order is approved, as `MAX_PORTFOLIO_DRAWDOWN_PCT`. */
  readonly maxDrawdown: number;
}

const ABSOLUTE_LIMITS: OptionShapes<AbsoluteLimits> = {
  maxPositionSize: required('number'),
  maxDailyLoss: required('number'),
};

const RELATIVE_LIMITS: OptionShapes<RelativeLimits> = {
  maxPositionSize: required('number'),
  maxDrawdown: required('number'),
};

/**
 * What a risk manager may approve. Amounts and shares are separate factories because a limit of 0.2 could be a fifth of
 * the account or twenty cents.
 *
 * @example
 * RiskLimits.relative({ maxPositionSize: 0.2, maxDrawdown: 0.15 })
 */
export class RiskLimits {
  /** @throws TradingStackError unless both are above 0 */
  static absolute(limits: AbsoluteLimits): RiskLimits {
    checkOptions(limits, ABSOLUTE_LIMITS, 'RiskLimits.absolute');
    const { maxPositionSize, maxDailyLoss } = limits;
    return new RiskLimits({
      MAX_POSITION_SIZE: checkAmount(maxPositionSize, 'maxPositionSize'),
      MAX_DAILY_LOSS: checkAmount(maxDailyLoss, 'maxDailyLoss'),
    });
  }

  /** @throws TradingStackError unless both are above 0 and at most 1 */
  static relative(limits: RelativeLimits): RiskLimits {
    checkOptions(limits, RELATIVE_LIMITS, 'RiskLimits.relative');
    const { maxPositionSize, maxDrawdown } = limits;
    return new RiskLimits({
      MAX_POSITION_SIZE_PCT: checkShare(maxPositionSize, 'maxPositionSize'),
      MAX_PORTFOLIO_DRAWDOWN_PCT: checkShare(maxDrawdown, 'maxDrawdown'),
    });
  }

  private constructor(
    /** The variables that pass the limits to the program. */
    readonly environment: Readonly<Record<string, number>>,
  ) {}
}

function checkAmount(value: number, option: string): number {
  if (value > 0 && value < Infinity) return value;
  throw invalidValue('RiskLimits.absolute', option, value, 'an amount of money above 0');
}

function checkShare(value: number, option: string): number {
  if (value > 0 && value <= 1) return value;
  throw invalidValue(
    'RiskLimits.relative',
    option,
    value,
    'a share of the account above 0 and at most 1: 0.2 for 20 %',
  );
}

/** Properties of a {@link RiskManager}. */
export interface RiskManagerProps extends AppServiceProps {
  /** What it may approve. */
  readonly limits: RiskLimits;
  /**
   * Port of the HTTP interface.
   * @default 8080
   */
  readonly port?: number;
}

const PORT = 8080;

const RISK_MANAGER_PROPS: OptionShapes<RiskManagerProps> = withExamples<RiskManagerProps>(
  { ...APP_SERVICE_PROPS, limits: required(RiskLimits) },
  { limits: 'RiskLimits.relative({ maxPositionSize: 0.2, maxDrawdown: 0.15 })' },
);

/**
 * Approves or refuses each order before it is executed. Only services of the stack have to reach it, so there is no
 * reason to publish its port.
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

  /** @throws TradingStackError for a limit in a variable, which could contradict `limits` */
  constructor(scope: Construct, id: string, props: RiskManagerProps) {
    const where = `${scope.node.path}/${id}`;
    checkOptions(
      props,
      listeningOn(RISK_MANAGER_PROPS, (props as Partial<RiskManagerProps> | undefined)?.port ?? PORT),
      where,
    );
    const { limits, ...service } = alreadyChecked(props);
    checkVariables(service, RESERVED_VARIABLES, where);
    const environment = { ...limits.environment, ...service.environment };
    super(scope, id, withRoleDefaults(runsOnce({ ...service, environment }), PORT, PANELS, ALERTS));
    this.limits = limits;
    warnOfEviction(this, service.uses);
  }
}

/** With a limit set in two places, the program alone would decide which one counts. */
const RESERVED_VARIABLES: readonly ReservedSetting[] = [
  {
    names: /^(MAX_POSITION_SIZE|MAX_DAILY_LOSS|MAX_POSITION_SIZE_PCT|MAX_PORTFOLIO_DRAWDOWN_PCT)(_FILE)?$/,
    replacement: 'Set `limits` instead',
  },
];

const PANELS: readonly MetricsPanel[] = [
  {
    title: 'Risk checks',
    query: 'sum by (outcome) (rate(risk_checks_total{job="$job"}[$__rate_interval]))',
    legend: '{{outcome}}',
    unit: 'ops',
    dashboard: 'trading',
  },
  {
    title: 'Refusals by reason',
    query: 'sum by (reason) (increase(risk_refusals_total{job="$job"}[1h]))',
    legend: '{{reason}}',
    unit: 'short',
    dashboard: 'trading',
  },
  {
    title: 'Used share of the limits',
    query: 'max by (limit) (risk_limit_used_ratio{job="$job"})',
    legend: '{{limit}}',
    unit: 'percentunit',
    dashboard: 'trading',
  },
  FAILURES_PANEL,
];

const ALERTS: readonly MetricsAlert[] = withRunbooks([
  {
    name: 'RiskLimitNear',
    expr: 'max by (limit) (risk_limit_used_ratio{job="$job"}) > $threshold',
    threshold: 0.8,
    [KNOWN]: { threshold: { unit: 'share', of: 'of the limit' } },
    severity: 'warning',
    summary: 'The limit {{ $labels.limit }} is almost reached',
    description:
      '{{ $value | humanizePercentage }} of the limit {{ $labels.limit }} is used; at 100% $job approves no order that ' +
      'adds to it. Reduce the exposure. Raise the limit only if you accept the higher risk.',
  },
  {
    name: 'RiskManagerRefusesMost',
    expr:
      'sum(rate(risk_checks_total{job="$job",outcome="refused"}[15m])) / sum(rate(risk_checks_total{job="$job"}[15m])) > $threshold ' +
      'and sum(increase(risk_checks_total{job="$job"}[15m])) > 5',
    threshold: 0.9,
    [KNOWN]: { threshold: { unit: 'share', of: 'of the orders' } },
    for: Duration.minutes(5),
    severity: 'warning',
    summary: '$job refuses almost every order',
    description:
      '{{ $value | humanizePercentage }} of the orders of the last 15 minutes were refused. The reasons are in its log: a limit is ' +
      'reached, prices are missing or stale, or a circuit breaker stopped trading.',
  },
]);

import type { Construct } from 'constructs';
import type { MetricsPanel } from '../../workload/observable';
import { AppService, type AppServiceProps } from '../app-service';
import type { RiskLimits } from './risk-limits';

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
 *   limits: RiskLimits.fractions({ maxPositionSize: 0.2, maxDrawdown: 0.15 }),
 *   uses: [database, broker],
 * });
 */
export class RiskManager extends AppService {
  /** What it may approve. */
  readonly limits: RiskLimits;

  constructor(scope: Construct, id: string, props: RiskManagerProps) {
    super(scope, id, props, { port: 8080, panels: PANELS, environment: props.limits.environment });
    this.limits = props.limits;
  }
}

const PANELS: readonly MetricsPanel[] = [
  {
    title: 'Risk checks',
    query: 'sum by (outcome) (rate(risk_checks_total{job="$job"}[5m]))',
    legend: '{{outcome}}',
    unit: 'ops',
  },
];

import type { Construct } from 'constructs';
import type { MetricsPanel } from '../../workload/connections/monitored';
import { AppService, type AppServiceProps } from '../app/app-service';

/** Properties of an {@link ArbitrageService}. */
export interface ArbitrageServiceProps extends AppServiceProps {
  /**
   * Port of its HTTP interface.
   * @default 8002
   */
  readonly port?: number;
}

/**
 * Compares prices that should agree, and records where they do not.
 *
 * @example
 * new ArbitrageService(stack, 'arbitrage_service', { image, uses: [database, broker] });
 */
export class ArbitrageService extends AppService {
  constructor(scope: Construct, id: string, props: ArbitrageServiceProps) {
    super(scope, id, props, { port: 8002, panels: PANELS });
  }
}

const PANELS: readonly MetricsPanel[] = [
  {
    title: 'Opportunities',
    query: 'sum(increase(arbitrage_opportunities_total{job="$job"}[1h]))',
    legend: 'in an hour',
    unit: 'short',
  },
];

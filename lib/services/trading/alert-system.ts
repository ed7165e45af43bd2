import type { Construct } from 'constructs';
import type { MetricsPanel } from '../../workload/connections/monitored';
import { AppService, type AppServiceProps } from '../app/app-service';

/** Properties of an {@link AlertSystem}. */
export interface AlertSystemProps extends AppServiceProps {
  /**
   * Port of its HTTP interface.
   * @default 8007
   */
  readonly port?: number;
}

/**
 * Notices what people have to know, such as refused orders and market data that stopped, and keeps a record of it.
 *
 * @example
 * new AlertSystem(stack, 'alert_system', { image, uses: [database, broker] });
 */
export class AlertSystem extends AppService {
  constructor(scope: Construct, id: string, props: AlertSystemProps) {
    super(scope, id, props, { port: 8007, panels: PANELS });
  }
}

const PANELS: readonly MetricsPanel[] = [
  {
    title: 'Alerts',
    query: 'sum by (severity) (increase(alerts_total{job="$job"}[1h]))',
    legend: '{{severity}}',
    unit: 'short',
  },
];

import type { Construct } from 'constructs';
import type { MetricsPanel } from '../../workload/connections/monitored';
import { AppService, type AppServiceProps } from '../app/app-service';

/** Properties of a {@link WebSocketService}. */
export interface WebSocketServiceProps extends AppServiceProps {
  /**
   * Port of its HTTP interface.
   * @default 8081
   */
  readonly port?: number;
}

/**
 * Sends prices and fills to browsers as they happen. Every replica follows the feed by itself, so that any of them can
 * serve any client.
 *
 * @example
 * new WebSocketService(stack, 'websocket_service', { image, uses: [cache] });
 */
export class WebSocketService extends AppService {
  constructor(scope: Construct, id: string, props: WebSocketServiceProps) {
    super(scope, id, props, { port: 8081, panels: PANELS });
  }
}

const PANELS: readonly MetricsPanel[] = [
  {
    title: 'WebSocket clients',
    query: 'sum by (instance) (websocket_clients{job="$job"})',
    legend: '{{instance}}',
    unit: 'short',
  },
];

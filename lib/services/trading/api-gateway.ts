import type { Construct } from 'constructs';
import type { MetricsPanel } from '../../workload/connections/monitored';
import { AppService, type AppServiceProps } from '../app/app-service';

/** Properties of an {@link ApiGateway}. */
export interface ApiGatewayProps extends AppServiceProps {
  /**
   * Port of its HTTP interface.
   * @default 8080
   */
  readonly port?: number;
}

/**
 * The one door for people and programs outside: REST, and WebSockets where it serves them. Others get `<ID>_URL`.
 *
 * @example
 * new ApiGateway(stack, 'api_gateway', { image, uses: [database, executor], ports: [PublishedPort.loopback(8080)] });
 */
export class ApiGateway extends AppService {
  constructor(scope: Construct, id: string, props: ApiGatewayProps) {
    super(scope, id, props, { port: 8080, panels: PANELS });
  }
}

const PANELS: readonly MetricsPanel[] = [
  {
    title: 'WebSocket clients',
    query: 'sum(websocket_clients{job="$job"})',
    legend: 'connected',
    unit: 'short',
  },
];

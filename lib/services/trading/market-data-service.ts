import type { Construct } from 'constructs';
import type { MetricsPanel } from '../../workload/connections/monitored';
import { AppService, type AppServiceProps } from '../app/app-service';

/** Properties of a {@link MarketDataService}. */
export type MarketDataServiceProps = AppServiceProps;

/**
 * Brings prices into the system and gives them to whoever listens: on a ZeroMQ socket, or through a broker that it
 * uses.
 *
 * @example
 * new MarketDataService(stack, 'market_data_service', {
 *   image,
 *   sockets: [{ name: 'ticks', port: 5555, portVariable: 'ZMQ_MARKET_PORT' }],
 *   uses: [database],
 * });
 */
export class MarketDataService extends AppService {
  constructor(scope: Construct, id: string, props: MarketDataServiceProps) {
    super(scope, id, props, { panels: PANELS });
  }
}

const PANELS: readonly MetricsPanel[] = [
  {
    title: 'Ticks published',
    query: 'sum(rate(ticks_published_total{job="$job"}[5m]))',
    legend: 'a second',
    unit: 'ops',
  },
];

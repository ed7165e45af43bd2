import type { Construct } from 'constructs';
import { AppService, type AppServiceProps } from '../app/app-service';

/** Properties of an {@link AnalyticsService}. */
export interface AnalyticsServiceProps extends AppServiceProps {
  /**
   * Port of its HTTP interface.
   * @default 8082
   */
  readonly port?: number;
}

/**
 * Answers questions about what has happened: reports over fills and prices.
 *
 * @example
 * new AnalyticsService(stack, 'analytics_service', { image, uses: [database, prices] });
 */
export class AnalyticsService extends AppService {
  constructor(scope: Construct, id: string, props: AnalyticsServiceProps) {
    super(scope, id, props, { port: 8082 });
  }
}

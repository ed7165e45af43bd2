import type { Construct } from 'constructs';
import { AppService, type AppServiceProps } from '../app/app-service';

/** Properties of a {@link MonitoringUi}. */
export interface MonitoringUiProps extends AppServiceProps {
  /**
   * Port of its HTTP interface.
   * @default 3000
   */
  readonly port?: number;
}

/**
 * The page that people watch the system on. It asks other services and keeps nothing itself.
 *
 * @example
 * new MonitoringUi(stack, 'monitoring_ui', { image, uses: [gateway, dataAccess] });
 */
export class MonitoringUi extends AppService {
  constructor(scope: Construct, id: string, props: MonitoringUiProps) {
    super(scope, id, props, { port: 3000 });
  }
}

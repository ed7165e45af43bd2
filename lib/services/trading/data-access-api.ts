import type { Construct } from 'constructs';
import { AppService, type AppServiceProps } from '../app/app-service';

/** Properties of a {@link DataAccessApi}. */
export interface DataAccessApiProps extends AppServiceProps {
  /**
   * Port of its HTTP interface.
   * @default 8005
   */
  readonly port?: number;
}

/**
 * Reads the system's database for others, so that they need no connection and no password of their own.
 *
 * @example
 * new DataAccessApi(stack, 'data_access_api', { image, uses: [database] });
 */
export class DataAccessApi extends AppService {
  constructor(scope: Construct, id: string, props: DataAccessApiProps) {
    super(scope, id, props, { port: 8005 });
  }
}

import { type ErrorCode, MonitoringStack, PostgresDb } from '../../../lib';
import type { ErrorExample } from './example';

/** The errors of `lib/monitoring`. */
export const MONITORING_ERRORS = {
  'job-taken': ({ stack }) => {
    const database = new PostgresDb(stack, 'db');
    new MonitoringStack(stack, 'monitoring', { watch: [database, database] });
  },
} as const satisfies Partial<Record<ErrorCode, ErrorExample>>;

import type { ErrorCode } from '../../../lib';
import type { ErrorExample } from './example';

/** The errors of `lib/monitoring`. */
export const MONITORING_ERRORS = {} as const satisfies Partial<Record<ErrorCode, ErrorExample>>;

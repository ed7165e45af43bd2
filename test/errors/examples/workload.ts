import type { ErrorCode } from '../../../lib';
import type { ErrorExample } from './example';

/** The errors of `lib/workload`. */
export const WORKLOAD_ERRORS = {} as const satisfies Partial<Record<ErrorCode, ErrorExample>>;

import type { ErrorCode } from '../../../lib';
import type { ErrorExample } from './example';

/** The errors of `lib/services`. */
export const SERVICES_ERRORS = {} as const satisfies Partial<Record<ErrorCode, ErrorExample>>;

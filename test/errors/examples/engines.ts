import type { ErrorCode } from '../../../lib';
import type { ErrorExample } from './example';

/** The errors of `lib/engines`. */
export const ENGINES_ERRORS = {} as const satisfies Partial<Record<ErrorCode, ErrorExample>>;

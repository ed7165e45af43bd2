import type { ErrorCode } from '../../../lib';
import type { ErrorExample } from './example';

/** The errors of `lib/command-line`. */
export const COMMAND_LINE_ERRORS = {} as const satisfies Partial<Record<ErrorCode, ErrorExample>>;

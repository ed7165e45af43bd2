import { type ErrorCode, PostgresDb } from '../../../lib';
import type { ErrorExample } from './example';

/** The errors of `lib/platform` and `lib/options`. */
export const PLATFORM_ERRORS = {
  'outside-stack': ({ app }) => new PostgresDb(app, 'db'),
} as const satisfies Partial<Record<ErrorCode, ErrorExample>>;

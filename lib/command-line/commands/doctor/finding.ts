import type { ErrorCode } from '../../../index';

/** What a check has found. */
export interface Finding {
  /** A deploy or the stack fails with a problem, and may with a warning. */
  readonly level: 'ok' | 'warning' | 'problem';
  readonly message: string;
  /** The code that other commands show the problem with; `null` without one. */
  readonly code: ErrorCode | null;
}

export function ok(message: string): Finding {
  return { level: 'ok', message, code: null };
}

export function warning(message: string): Finding {
  return { level: 'warning', message, code: null };
}

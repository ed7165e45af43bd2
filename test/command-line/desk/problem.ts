import type { ErrorCode } from '../../../lib';

/** A problem with a code whose message has these facts in this order. */
export function problem(code: ErrorCode, ...facts: readonly string[]): unknown {
  const pattern = facts.map((fact) => fact.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.*');
  return { code, message: expect.stringMatching(new RegExp(pattern)) as unknown };
}

import { inspect } from 'node:util';
import type { ErrorCode } from '../../lib/errors';
import { reviewSnapshot } from './review-snapshot';

expect.addSnapshotSerializer(reviewSnapshot);

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- how jest's own types are extended
  namespace jest {
    interface Matchers<R> {
      /**
       * Whether a function throws an error of this library with a code.
       * @param facts what the message has to contain: the construct path, the value that was given
       */
      toThrowCode(code: ErrorCode, ...facts: readonly (string | RegExp)[]): R;
    }
  }
}

expect.extend({
  toThrowCode(received: () => unknown, code: ErrorCode, ...facts: readonly (string | RegExp)[]) {
    const error = errorOf(received);
    const problem = problemIn(error, code, facts);
    const raised = error instanceof Error ? error.message : `nothing was thrown, or no error: ${inspect(error)}`;
    return {
      pass: problem === undefined,
      message: () => (problem === undefined ? `Expected no error ${code}: ${raised}` : `${problem}: ${raised}`),
    };
  },
});

function errorOf(work: () => unknown): unknown {
  try {
    work();
    return undefined;
  } catch (error) {
    return error;
  }
}

function problemIn(error: unknown, code: ErrorCode, facts: readonly (string | RegExp)[]): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return `Expected an error with the code ${code}`;
  if (error.code !== code) return `Expected the code ${code}, got ${String(error.code)}`;
  const missing = facts.find((fact) =>
    typeof fact === 'string' ? !error.message.includes(fact) : !fact.test(error.message),
  );
  return missing === undefined ? undefined : `Expected the message to contain ${String(missing)}`;
}

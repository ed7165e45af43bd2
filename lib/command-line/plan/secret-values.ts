import type { TradingStack } from '../../index';
import type { PlannedChanges } from './changes';
import { secretValuesIn } from './resources';

/** Wider than what the library warns of: a value that is not shown does no harm. */
const SECRET_NAME = /(PASSWORD|PASSWD|PASSPHRASE|APIKEY|SECRET|TOKEN)$|(^|_)(PASS|PWD|KEY|CREDENTIALS?)$/i;

const PASSWORD_IN_URL = /^[a-z][a-z0-9+.-]*:\/\/[^\s/:@]*:[^\s/@]+@/i;

/** Whether the value of a variable is not to be shown, by what the code says of it or by how it looks. */
export function secretVariables({ platform }: TradingStack): (name: string, value: string) => boolean {
  const declared = new Set(platform.workloads.flatMap(({ spec }) => Object.keys(spec.secretEnvironment)));
  return (name, value) =>
    declared.has(name) || PASSWORD_IN_URL.test(value) || (SECRET_NAME.test(name) && !value.startsWith('/'));
}

/** The values of secrets in a plan, also of those that were rotated or are no longer in the code. */
export function secretValuesOf(stack: TradingStack, { changes, state }: PlannedChanges): string[] {
  const isSecret = secretVariables(stack);
  const planned = changes.flatMap(({ type, before, after }) => [before, after].map((values) => ({ type, values })));
  const values = [...state, ...planned].flatMap(({ type, values: one }) =>
    one === null ? [] : secretValuesIn(type, one, isSecret),
  );
  return [...new Set(values.flatMap(tellingLines))];
}

/** A whole file that is secret, such as a list of users, has ordinary lines too. */
function tellingLines(value: string): string[] {
  const lines = value.trim().split('\n');
  return lines.length === 1 ? lines : lines.filter((line) => line.length >= 16 && !/\s/.test(line.trim()));
}

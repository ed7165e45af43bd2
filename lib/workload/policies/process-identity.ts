import { invalidValue } from '../../errors';
import { hasForm } from '../../platform/plain-values';

/** A name, or a number, as it stands in `/etc/passwd` and `/etc/group`. */
const NAME = '[A-Za-z0-9_][A-Za-z0-9_.-]*';
const USER = new RegExp(`^${NAME}(:${NAME})?$`);
const GROUP = new RegExp(`^${NAME}$`);

/** @throws TradingStackError unless it can be a user, with or without a group */
export function checkUser(given: unknown, property: string, where: string): void {
  if (hasForm(given, USER)) return;
  const example = typeof given === 'number' ? `'${given}'` : "'1000:1000', 'node'";
  throw invalidValue(where, property, given, `a user, and a group after a colon: ${example}`);
}

/** @throws TradingStackError unless it can be a group */
export function checkGroup(given: unknown, property: string, where: string): void {
  if (hasForm(given, GROUP)) return;
  const example = typeof given === 'number' ? `'${given}'` : "'video', '5000'";
  throw invalidValue(where, property, given, `the name or the number of a group: ${example}`);
}

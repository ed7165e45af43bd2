import type { IConstruct } from 'constructs';
import { invalidValue, TradingStackError } from '../errors';
import { checkText } from './plain-values';

/** @throws TradingStackError if Docker would refuse the name for a container, service, network or volume */
export function checkDockerName(name: string, property: string, where: string): string {
  checkText(name, property, where);
  const reason = whyNoDockerName(name);
  if (reason === undefined) return name;
  throw new TradingStackError(
    'invalid-value',
    where,
    `${property} cannot be '${name}': ${reason}`,
    'Give a name of 2 to 63 letters, digits, underscores, dots and hyphens that starts with a letter or digit',
  );
}

function whyNoDockerName(name: string): string | undefined {
  const [impossible] = /[^a-zA-Z0-9_.-]/u.exec(name) ?? [];
  if (impossible !== undefined) return `it has '${impossible}' in it`;
  if (name.length < 2 || name.length > 63) return `it has ${name.length} character${name.length === 1 ? '' : 's'}`;
  return /^[a-zA-Z0-9]/.test(name) ? undefined : `it starts with '${name.charAt(0)}'`;
}

/** Construct path for messages. A service calls its workload `Default`, which nobody who uses it has ever written. */
export function shownPath(construct: IConstruct): string {
  return construct.node.path.replace(/(\/Default)+$/, '');
}

/** @throws TradingStackError if others could not reach a workload by this name */
export function checkHostName(name: string, property: string, where: string): string {
  if (!/^[a-zA-Z0-9]([a-zA-Z0-9_-]{0,61}[a-zA-Z0-9])?$/.test(name)) {
    throw invalidValue(
      where,
      property,
      name,
      'a host name of 1 to 63 letters, digits, underscores and hyphens that starts and ends with a letter or digit',
    );
  }
  return name;
}

/** `strategy_runner` of the stack `mt5` is the container `mt5-strategy-runner`. */
export function containerName(prefix: string, id: string): string {
  return `${prefix}-${id.replace(/_/g, '-')}`;
}

/** The volume `data` of the service `db` of the stack `mt5` is `mt5_db_data`. */
export function volumeName(prefix: string, name: string): string {
  return `${prefix}_${name}`;
}

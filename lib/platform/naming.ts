import { invalidValue } from '../errors';

/** @throws TradingStackError if Docker would refuse the name for a container, service, network or volume */
export function checkDockerName(name: string, property: string, where: string): string {
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]{1,62}$/.test(name)) {
    throw invalidValue(
      where,
      property,
      name,
      'a name of 2 to 63 letters, digits, underscores, dots and hyphens that starts with a letter or digit',
    );
  }
  return name;
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

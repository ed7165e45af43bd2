import { invalidValue, TradingStackError } from '../errors';
import { checkPlainValue } from '../workload/secrets/delivery';
import type { WorkloadOptions } from '../workload/workload-props';

/** Settings as a server spells them. */
export type ServerSettings = Readonly<Record<string, string | number | boolean>>;

/** Names that a construct gives itself: with another value others would not reach the server, or the data would go. */
export interface Reserved {
  /** In lower case for settings, whose case no server looks at. */
  readonly names: RegExp;
  /** A sentence without a full stop: what to do in its place. */
  readonly instead: string;
}

/** @throws TradingStackError for a name that is reserved or none, and for a value that is no text on one line */
export function checkSettings(settings: ServerSettings, reserved: readonly Reserved[], where: string): void {
  for (const [name, value] of Object.entries(settings)) {
    if (!/^[\w.-]+$/.test(name)) {
      throw invalidValue(where, 'the name of a setting', name, 'letters, digits, and . _ -');
    }
    checkPlainValue(value, `settings.${name}`, where);
    if (/[\r\n]/.test(String(value))) throw invalidValue(where, `settings.${name}`, value, 'a text on one line');
    refuseReserved(`settings.${name}`, name.toLowerCase(), reserved, where);
  }
}

/** @throws TradingStackError for a reserved variable, whether its value is given or a secret's */
export function checkVariables(options: WorkloadOptions, reserved: readonly Reserved[], where: string): void {
  const { environment = {}, secrets = {} } = options;
  for (const name of [...Object.keys(environment), ...Object.keys(secrets)]) {
    refuseReserved(`the variable ${name}`, name, reserved, where);
  }
}

function refuseReserved(what: string, name: string, reserved: readonly Reserved[], where: string): void {
  const found = reserved.find(({ names }) => names.test(name));
  if (found !== undefined)
    throw new TradingStackError('reserved-setting', where, `${what} is up to the construct`, found.instead);
}

/**
 * A setting in bytes; `undefined` for what only the server can judge.
 * @param units by their names in lower case, with `''` for a number alone
 */
export function bytesOf(value: string | number | boolean, units: Readonly<Record<string, number>>): number | undefined {
  const [, amount, unit = ''] = /^\s*(\d+(?:\.\d+)?)\s*([A-Za-z]*)\s*$/.exec(String(value)) ?? [];
  const factor = units[unit.toLowerCase()];
  return amount === undefined || factor === undefined ? undefined : Number(amount) * factor;
}

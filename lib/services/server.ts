import type { Construct } from 'constructs';
import { invalidName, invalidValue, TradingStackError } from '../errors';
import { warn } from '../platform/warnings';
import { checkPlainValue } from '../workload/secrets/delivery';
import type { Connection, IConnectable } from '../workload/connections/connection';
import { secretNamesIn } from '../workload/secrets/plain-secrets';
import type { WorkloadOptions } from '../workload/workload-props';

/** Settings as a server's own configuration names them. */
export type ServerSettings = Readonly<Record<string, string | number | boolean>>;

/** Settings or variables that a construct manages: with another value, clients would not connect or data would be lost. */
export interface ReservedSetting {
  /** In lower case for settings, which servers read case-insensitively. */
  readonly names: RegExp;
  /** What to do instead, as an imperative without a full stop. */
  readonly replacement: string;
}

/**
 * @param canonical the form of a name that `reserved` matches, for a server to which several names mean one setting
 * @throws TradingStackError for a reserved or impossible name, and for a value that is not a plain value on one line
 */
export function checkSettings(
  settings: ServerSettings,
  reserved: readonly ReservedSetting[],
  where: string,
  canonical = (name: string): string => name.toLowerCase(),
): void {
  for (const [name, value] of Object.entries(settings)) {
    if (!/^[\w.-]+$/.test(name)) {
      throw invalidName(where, 'the name of a setting', name, 'letters, digits, and . _ -');
    }
    checkPlainValue(value, `settings.${name}`, where);
    if (/[\r\n]/.test(String(value))) throw invalidValue(where, `settings.${name}`, value, 'a value on one line');
    refuseReserved(`settings.${name}`, canonical(name), reserved, where);
  }
}

/** Warns of settings that look like a secret: settings are variables, arguments or plain files. */
export function warnOfPlainSettings(server: Construct, settings: ServerSettings = {}): void {
  for (const name of secretNamesIn(settings)) warn(server, 'plain-secret', `settings.${name}`);
}

/** @throws TradingStackError for a reserved variable, whether it is set to a value or to a secret */
export function checkVariables(options: WorkloadOptions, reserved: readonly ReservedSetting[], where: string): void {
  const { environment = {}, secrets = {} } = options;
  for (const name of [...Object.keys(environment), ...Object.keys(secrets)]) {
    refuseReserved(`the variable ${name}`, name, reserved, where);
  }
}

/**
 * The same for variables from `uses`, such as those of an env file, also where the construct would win: the value in the
 * file would have no effect.
 * @throws TradingStackError for a reserved variable
 */
export function checkUsedVariables(
  { uses = [] }: WorkloadOptions,
  reserved: { readonly environment: readonly ReservedSetting[]; readonly secrets: readonly ReservedSetting[] },
  where: string,
): void {
  for (const { from, environment, secrets } of uses.flatMap(connectionsOf)) {
    refuseUsed(Object.keys(environment), from, reserved.environment, where);
    refuseUsed(Object.keys(secrets), from, reserved.secrets, where);
  }
}

function refuseUsed(names: readonly string[], from: string, reserved: readonly ReservedSetting[], where: string): void {
  for (const name of names) {
    const otherwise = `if other workloads need it, leave it out for this one with omit: ['${name}'] in an EnvFile of its own`;
    refuseReserved(`the variable ${name} of ${from}`, name, reserved.map(withFix(otherwise)), where);
  }
}

/** Nothing for what has no connection, which the workload refuses. */
function connectionsOf(used: IConnectable): Connection[] {
  return typeof (used as Partial<IConnectable>).connection === 'function' ? [used.connection()] : [];
}

function withFix(otherwise: string): (reserved: ReservedSetting) => ReservedSetting {
  return ({ names, replacement }) => ({ names, replacement: `${replacement}; ${otherwise}` });
}

function refuseReserved(what: string, name: string, reserved: readonly ReservedSetting[], where: string): void {
  const found = reserved.find(({ names }) => names.test(name));
  if (found === undefined) return;
  throw new TradingStackError('reserved-setting', where, `${what} is managed by this construct`, found.replacement);
}

/**
 * A setting in bytes, or `undefined` for a value that only the server can interpret.
 * @param units factors by unit in lower case; `''` is the unit of a bare number
 */
export function bytesOf(value: string | number | boolean, units: Readonly<Record<string, number>>): number | undefined {
  const [, amount, unit = ''] = /^\s*(\d+(?:\.\d+)?)\s*([A-Za-z]*)\s*$/.exec(String(value)) ?? [];
  const factor = units[unit.toLowerCase()];
  return amount === undefined || factor === undefined ? undefined : Number(amount) * factor;
}

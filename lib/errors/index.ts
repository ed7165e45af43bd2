import { inspect } from 'node:util';
import { Construct } from 'constructs';
import type { ErrorCode } from './codes';
import { TradingStackError } from './trading-stack-error';

export { ERROR_CODES, type ErrorCode } from './codes';
export { WARNING_CODES, type WarningCode } from './warning-codes';
export { collectErrors, raise } from './collected';
export { sentencesOf, TradingStackError } from './trading-stack-error';

/** A value that is out of range or has the wrong form. */
export function invalidValue(where: string, property: string, given: unknown, allowed: string): TradingStackError {
  return invalid('invalid-value', where, property, given, allowed);
}

/** A name that Docker, DNS or the server does not accept. */
export function invalidName(where: string, property: string, given: string, allowed: string): TradingStackError {
  return invalid('invalid-name', where, property, given, allowed);
}

/** A path that is empty, relative where it has to be absolute, or contains characters that are not allowed. */
export function invalidPath(where: string, property: string, given: string, allowed: string): TradingStackError {
  return invalid('invalid-path', where, property, given, allowed);
}

/** Something other than a host name or an IP address. */
export function invalidHost(where: string, property: string, given: string, allowed: string): TradingStackError {
  return invalid('invalid-host', where, property, given, allowed);
}

/** A subnet that is not an IPv4 range that containers can use. */
export function invalidSubnet(where: string, property: string, given: string, allowed: string): TradingStackError {
  return invalid('invalid-subnet', where, property, given, allowed);
}

function invalid(code: ErrorCode, where: string, property: string, given: unknown, allowed: string): TradingStackError {
  return new TradingStackError(code, where, `${property} cannot be ${show(given)}`, `Use ${allowed}`);
}

/** Two constructs that want the same name, alias, port, subnet … */
export function alreadyTaken(
  code: ErrorCode,
  where: string,
  kind: string,
  value: string,
  takenBy: string,
  fix: string,
): TradingStackError {
  return new TradingStackError(code, where, `${kind} '${value}' is already taken by ${takenBy}`, fix);
}

/** The fix for an error that only the library itself can have caused. */
export const BUG = 'This is a bug in cdktf-trading-stack: please report it';

/** An option that the engine of the stack does not support. */
export function unsupported(where: string, engine: string, ask: string, hint: string): TradingStackError {
  return new TradingStackError('unsupported-by-engine', where, `the ${engine} engine does not support ${ask}`, hint);
}

/** A file or folder that does not exist on the machine that synthesizes. */
export function missingPath(
  where: string,
  kind: string,
  given: string,
  location: string,
  fix: string,
): TradingStackError {
  const absolute = given === location ? '' : ` at ${location}`;
  return new TradingStackError(
    'path-missing',
    where,
    `the ${kind} '${given}' does not exist${absolute}`,
    `Create it, or ${fix}`,
  );
}

/** A construct that was created outside a TradingStack. */
export function noPlatform(where: string): TradingStackError {
  return new TradingStackError(
    'outside-stack',
    where,
    'it is not inside a TradingStack',
    'Pass a TradingStack, or a construct inside one, as its scope',
  );
}

/** A memory limit below what the program needs to start and work. */
export function limitTooSmall(where: string, given: string, minimum: string): TradingStackError {
  return new TradingStackError(
    'memory-too-small',
    where,
    `the memory limit of ${given} is below the ${minimum} that it needs`,
    `Raise resources.memory to ${minimum} or more`,
  );
}

/** Two environment variables of one workload that contradict each other. */
export type Collision = readonly [SetVariable, SetVariable];

interface SetVariable {
  readonly name: string;
  readonly source: string;
  /** Whether it is from an env file. */
  readonly overridable: boolean;
}

/** All environment variables of a workload that two sources set to different values, or in a variable and in a file. */
export function variablesSetTwice(where: string, collisions: readonly Collision[]): TradingStackError {
  const twice = new Map<string, string[]>();
  for (const [one, other] of collisions.filter(([one, other]) => one.name === other.name)) {
    const sources = `set twice, by ${one.source} and by ${other.source}`;
    twice.set(sources, [...(twice.get(sources) ?? []), one.name]);
  }
  const problems = [
    ...[...twice].map(([sources, names]) =>
      names.length === 1
        ? `the environment variable ${names.join()} is ${sources}`
        : `the environment variables ${names.join(', ')} are ${sources}`,
    ),
    ...collisions
      .filter(([one, other]) => one.name !== other.name)
      .map(
        ([one, other]) =>
          `${one.source} sets ${one.name} and ${other.source} sets ${other.name}, so one value has two sources`,
      ),
  ];
  const inTwoFiles = collisions.filter(([one, other]) => one.overridable && other.overridable);
  const fixes = [
    ...(inTwoFiles.length < collisions.length
      ? ['Remove one of them, or set another variable name for the connection']
      : []),
    ...inTwoFiles.map(([one, other]) => `Add '${one.name}' to \`omit\` of ${one.source} or of ${other.source}`),
  ];
  return new TradingStackError('variable-set-twice', where, problems.join('; '), fixes.join('. '));
}

/** A health check that runs a program that the image is known not to have. */
export function programNotInImage(where: string, programs: readonly string[], image: string): TradingStackError {
  return new TradingStackError(
    'probe-program-missing',
    where,
    `the health check runs ${programs.join(' or ')}, which the image ${image} is known not to have`,
    'Use HealthCheck.http without `via`, install the program in the image, or set `requires: []` on ' +
      'HealthCheck.command or HealthCheck.shell if the image does have it',
  );
}

function show(given: unknown): string {
  if (Construct.isConstruct(given)) return given.node.path;
  // Only the type of any other object, because its content may be long.
  return inspect(given, { depth: -1, breakLength: Infinity });
}

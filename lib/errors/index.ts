import { inspect } from 'node:util';
import { Construct } from 'constructs';
import type { ErrorCode } from './codes';
import { TradingStackError } from './trading-stack-error';

export { ERROR_CODES, type ErrorCode } from './codes';
export { TradingStackError } from './trading-stack-error';

/** A value that has the wrong form. */
export function invalidValue(where: string, property: string, given: unknown, allowed: string): TradingStackError {
  return new TradingStackError('invalid-value', where, `${property} cannot be ${show(given)}`, `Use ${allowed}`);
}

/** A value in the spelling of another program, or something else than what is wanted: what to write in its place. */
export function wrongSpelling(where: string, property: string, given: unknown, spelling: string): TradingStackError {
  return new TradingStackError('invalid-value', where, `${property} cannot be ${show(given)}`, `Write ${spelling}`);
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

/** Something that the chosen engine cannot do. */
export function unsupported(where: string, engine: string, ask: string, hint: string): TradingStackError {
  return new TradingStackError('unsupported-by-engine', where, `the ${engine} engine cannot do this: ${ask}`, hint);
}

/** A file or folder on the deploying host that is not there. */
export function missingPath(
  where: string,
  kind: string,
  given: string,
  location: string,
  fix: string,
): TradingStackError {
  const looked = given === location ? '' : `: looked for ${location}`;
  return new TradingStackError(
    'path-missing',
    where,
    `the ${kind} '${given}' is not there${looked}`,
    `Create it, or ${fix}`,
  );
}

/** A construct that was created outside a stack that knows where to run it. */
export function noPlatform(where: string): TradingStackError {
  return new TradingStackError(
    'outside-stack',
    where,
    'no platform above this construct',
    'Create it inside a TradingStack',
  );
}

/** A memory limit below what the server needs to start and work. */
export function limitTooSmall(where: string, given: string, minimum: string): TradingStackError {
  return new TradingStackError(
    'memory-too-small',
    where,
    `the memory limit of ${given} is below the ${minimum} that this server needs`,
    `Raise resources.memory to ${minimum} or more`,
  );
}

/** One environment variable that two sources set to different values. */
export function variableSetTwice(where: string, variable: string, first: string, second: string): TradingStackError {
  return new TradingStackError(
    'variable-set-twice',
    where,
    `the environment variable ${variable} is set twice, by ${first} and by ${second}`,
    `Remove one of them, or give the connection another variable name`,
  );
}

/** A value that one source gives in a variable, and another one in a file. */
export function variableWithTwoSources(
  where: string,
  one: { readonly name: string; readonly source: string },
  other: { readonly name: string; readonly source: string },
): TradingStackError {
  return new TradingStackError(
    'variable-set-twice',
    where,
    `${one.source} sets ${one.name}, and ${other.source} sets ${other.name}, so one value has two sources`,
    'Remove one of them, or give the connection another variable name',
  );
}

/** A health check that runs a program which the image is known not to have. */
export function programNotInImage(where: string, programs: readonly string[], image: string): TradingStackError {
  return new TradingStackError(
    'probe-program-missing',
    where,
    `the health check runs ${programs.join(' or ')}, which the image ${image} is known to lack`,
    'Use HealthCheck.http without `via`, install the program in the image, or check with a program that is there ' +
      '(a command or a line of yours takes `requires: []` if it is there all the same)',
  );
}

function show(given: unknown): string {
  if (Construct.isConstruct(given)) return given.node.path;
  // Of another object its type: what is in it may be long.
  return typeof given === 'string' ? `'${given}'` : inspect(given, { depth: -1 });
}

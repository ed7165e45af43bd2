import { invalidName, invalidValue } from '../../errors';
import { checkPlainValue } from '../../workload/secrets/delivery';

/** Values of arguments and policies, which the broker refuses to import if one is wrong: it would not start. */
export type RabbitMqValues = Readonly<Record<string, string | number | boolean>>;

/** One kind of value, by the check that accepts it and in words. */
interface Kind {
  readonly accepts: (value: string | number | boolean) => boolean;
  readonly allowed: string;
}

const NOT_NEGATIVE: Kind = { accepts: isAtLeast(0), allowed: 'a whole number, 0 or more, without quotes' };
const POSITIVE: Kind = { accepts: isAtLeast(1), allowed: 'a whole number above 0, without quotes' };
const TEXT: Kind = { accepts: (value) => typeof value === 'string', allowed: 'a string' };

/**
 * Well-known arguments of queues without `x-`, which are also the keys of policies. Source: declare_args in
 * deps/rabbit/src/rabbit_amqqueue.erl and deps/rabbit/src/rabbit_policies.erl.
 */
const KINDS: Readonly<Record<string, Kind>> = {
  'max-length': NOT_NEGATIVE,
  'max-length-bytes': NOT_NEGATIVE,
  'message-ttl': NOT_NEGATIVE,
  expires: POSITIVE,
  'max-priority': {
    accepts: (value) => isAtLeast(0)(value) && Number(value) <= 255,
    allowed: 'a whole number from 0 to 255, without quotes',
  },
  'delivery-limit': {
    accepts: isAtLeast(-1),
    allowed: 'a whole number, 0 or more, or -1 for no limit, without quotes',
  },
  'max-age': {
    accepts: (value) => typeof value === 'string' && /^0*[1-9]\d*[YMDhms]$/.test(value),
    allowed: "a whole number above 0 with one of the units Y, M, D, h, m and s: '7D'",
  },
  overflow: {
    accepts: (value) => ['drop-head', 'reject-publish', 'reject-publish-dlx'].includes(String(value)),
    allowed: "'drop-head', 'reject-publish' or 'reject-publish-dlx'",
  },
  'dead-letter-exchange': TEXT,
  'dead-letter-routing-key': TEXT,
  'single-active-consumer': {
    accepts: (value) => typeof value === 'boolean',
    allowed: 'true or false, without quotes',
  },
};

function isAtLeast(least: number): (value: string | number | boolean) => boolean {
  return (value) => Number.isSafeInteger(value) && Number(value) >= least;
}

/**
 * @param prefix what the names of well-known values start with
 * @throws TradingStackError for a value that JSON cannot express, and for a well-known one of another type or range
 */
export function checkValues(values: RabbitMqValues, prefix: 'x-' | '', of: string, where: string): void {
  for (const [name, value] of Object.entries(values)) {
    const property = `${name} of ${of}`;
    checkPlainValue(value, property, where);
    if (typeof value === 'number' && !Number.isFinite(value))
      throw invalidValue(where, property, value, 'a finite number');
    if (!name.startsWith(prefix)) continue;
    const key = name.slice(prefix.length);
    const kind = Object.hasOwn(KINDS, key) ? KINDS[key] : undefined;
    if (kind === undefined || kind.accepts(value)) continue;
    throw invalidValue(where, property, value, kind.allowed);
  }
}

/** @throws TradingStackError for a name that AMQP or a path of the HTTP API cannot contain */
export function checkName(name: string, property: string, where: string): void {
  if (name === '.' || name === '..') {
    throw invalidName(where, property, name, 'another name: the HTTP API would read it as a part of the path');
  }
  checkShortString(name, property, where);
}

/** @throws TradingStackError for a string that AMQP cannot carry as a name or as a routing key */
export function checkShortString(name: string, property: string, where: string): void {
  if (/\p{Surrogate}/u.test(name)) {
    throw invalidName(where, property, name, 'a string of whole characters: this one has half of a surrogate pair');
  }
  const bytes = Buffer.byteLength(name);
  if (bytes > 255) throw invalidName(where, property, name, `255 bytes or less; these are ${bytes}`);
}

/**
 * Groups with options, verbs, quotes, references, possessive quantifiers and quantified assertions, which JavaScript does
 * not know or reads in another way.
 */
const ONLY_IN_PCRE = /\(\?(?![:=!])|\(\*|\\[QEgkK]|[*+?}]\+|([$^]|\\[bB])[*+?{]/;

/** @throws TradingStackError for a pattern that is no regular expression; one with the syntax of PCRE alone is accepted */
export function checkPattern(pattern: string, property: string, where: string): void {
  if (ONLY_IN_PCRE.test(pattern)) return;
  try {
    new RegExp(pattern);
  } catch {
    throw invalidValue(where, property, pattern, "a regular expression: '^orders', or '.*' for every name");
  }
}

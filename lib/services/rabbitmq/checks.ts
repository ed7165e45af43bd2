import { invalidValue, TradingStackError } from '../../errors';
import { checkNames, checkText, listOf } from '../../platform/plain-values';
import { objectLike } from '../../workload/object-like';
import { checkOneOf } from '../../workload/one-of';
import {
  EXCHANGE_TYPES,
  POLICY_SUBJECTS,
  QUEUE_TYPES,
  type RabbitMqPermissions,
  type RabbitMqTopology,
} from './definitions';

/** @throws TradingStackError if a name stands twice or is reserved, a pattern or a type is none, or a binding leads nowhere */
export function checkTopology({ exchanges, queues, policies }: RabbitMqTopology, where: string): void {
  checkExchanges(exchanges, 'exchanges', where);
  checkQueues(queues, 'queues', where);
  checkPolicies(policies, 'policies', where);
  checkUniqueNames('exchange', exchanges, where);
  checkUniqueNames('queue', queues, where);
  checkUniqueNames('policy', policies, where);
  for (const { name, type } of exchanges) checkOneOf(type, EXCHANGE_TYPES, `the type of the exchange '${name}'`, where);
  for (const { name, pattern, appliesTo = 'all', definition, priority = 0 } of policies) {
    checkPattern(pattern, `the pattern of the policy '${name}'`, where);
    checkOneOf(appliesTo, POLICY_SUBJECTS, `what the policy '${name}' applies to`, where);
    checkNames(definition, `the definition of the policy '${name}'`, where);
    if (!Number.isInteger(priority)) {
      throw invalidValue(where, `the priority of the policy '${name}'`, priority, 'a whole number');
    }
  }
  const known = new Set(exchanges.map(({ name }) => name));
  for (const { name, type = 'quorum', arguments: others = {}, bindings = [] } of queues) {
    checkOneOf(type, QUEUE_TYPES, `the type of the queue '${name}'`, where);
    checkNames(others, `the arguments of the queue '${name}'`, where);
    checkBindings(bindings, `the bindings of the queue '${name}'`, where);
    if ('x-queue-type' in others) {
      throw new TradingStackError(
        'invalid-value',
        where,
        `the queue '${name}' has x-queue-type among its arguments`,
        'Give type',
      );
    }
    const lost = bindings.find(({ exchange }) => !known.has(exchange) && !exchange.startsWith('amq.'));
    if (lost !== undefined) {
      const what = `the queue '${name}' is bound to the exchange '${lost.exchange}', which is not among its exchanges`;
      throw new TradingStackError('invalid-value', where, what, 'Add it to `exchanges`');
    }
  }
}

const checkExchanges = listOf(objectLike("exchanges: [{ name: 'ticks', type: 'topic' }]"));
const checkQueues = listOf(objectLike("queues: [{ name: 'orders' }]"));
const checkPolicies = listOf(
  objectLike("policies: [{ name: 'short', pattern: '^ticks', definition: { 'max-length': 10000 } }]"),
);
const BINDING = "bindings: [{ exchange: 'ticks', routingKey: 'eur.*' }]";
const checkBindings = listOf((given, property, where) => {
  objectLike(BINDING, { exchange: true, routingKey: true })(given, property, where);
  const { exchange, routingKey = '' } = given as { readonly exchange?: unknown; readonly routingKey?: unknown };
  checkText(exchange, `${property}.exchange`, where);
  checkText(routingKey, `${property}.routingKey`, where);
});

/** @throws TradingStackError for a right that there is not, and for a pattern that is none */
export function checkPermissions(permissions: RabbitMqPermissions, user: string, where: string): void {
  for (const [right, pattern] of Object.entries(permissions) as [string, unknown][]) {
    if (!['configure', 'write', 'read'].includes(right)) {
      const fix = 'Give configure, write and read, and tags and password beside them';
      throw new TradingStackError(
        'invalid-value',
        where,
        `the user '${user}' cannot be given the right '${right}'`,
        fix,
      );
    }
    checkPattern(pattern, `what the user '${user}' may ${right}`, where);
  }
}

/** @throws TradingStackError for what no version of PCRE, which RabbitMQ reads patterns with, can take */
function checkPattern(pattern: unknown, what: string, where: string): void {
  if (typeof pattern === 'string' && canBePattern(pattern)) return;
  throw invalidValue(where, what, pattern, "a regular expression: '^orders$'");
}

/** Groups and sets that are closed, and something before what repeats it. The rest is for the broker to judge. */
function canBePattern(pattern: string): boolean {
  // What stands in quotes or in a comment opens and closes nothing.
  if (/\\Q|\(\?#|\(\?[a-zA-Z^-]*x/.test(pattern)) return true;
  const tokens = pattern.matchAll(/\\c?[^]|\[\^?\]?(?:\\[^]|[^\]\\])*\]|[^]/g);
  let open = 0;
  let before = '|';
  for (const [token] of tokens) {
    if (token === '\\' || token === '[') return false;
    if (token === '(') open += 1;
    if (token === ')') open -= 1;
    if (open < 0) return false;
    if (before === '|' && ['*', '+', '?'].includes(token)) return false;
    before = token;
  }
  return open === 0;
}

function checkUniqueNames(kind: string, all: readonly { readonly name: string }[], where: string): void {
  const seen = new Set<string>();
  for (const { name } of all) {
    checkText(name, `the name of the ${kind}`, where);
    if (name === '' || name.startsWith('amq.')) {
      throw invalidValue(where, `the name of the ${kind}`, name, "a name that does not start with 'amq.'");
    }
    if (seen.has(name)) {
      throw new TradingStackError(
        'invalid-value',
        where,
        `the ${kind} '${name}' stands twice`,
        'Leave one of them out',
      );
    }
    seen.add(name);
  }
}

import { invalidName, invalidValue, TradingStackError } from '../../errors';
import { type OptionShapes, required } from '../../options/options';
import type { RabbitMqUser } from './users';
import { checkName, checkPattern, checkShortString, checkValues } from './values';

const EXCHANGE_TYPES = ['direct', 'fanout', 'topic', 'headers'] as const;
const QUEUE_TYPES = ['quorum', 'classic', 'stream'] as const;
/** What every virtual host has, https://www.rabbitmq.com/docs/exchanges#default-exchange, without the nameless one. */
const PREDECLARED = ['amq.direct', 'amq.fanout', 'amq.topic', 'amq.headers', 'amq.match', 'amq.rabbitmq.trace'];
const POLICY_SUBJECTS = ['all', 'queues', 'exchanges', 'quorum_queues', 'classic_queues', 'streams'] as const;

/** An exchange of a {@link RabbitMqBroker}; it is durable. */
export interface RabbitMqExchange {
  readonly name: string;
  readonly type: (typeof EXCHANGE_TYPES)[number];
}

/** How the options of an exchange are checked. */
export const RABBITMQ_EXCHANGE: OptionShapes<RabbitMqExchange> = {
  name: required('string'),
  type: required('string'),
};

/** A queue of a {@link RabbitMqBroker}; it is durable. */
export interface RabbitMqQueue {
  readonly name: string;
  /**
   * `quorum` writes every message to disk before it is confirmed; use it for orders. A message stays in the queue however
   * often it is delivered without an acknowledgement, unless `x-delivery-limit` in `arguments` or `delivery-limit` in a
   * policy sets a limit. Set a dead-letter exchange together with a limit: without one RabbitMQ deletes the message at
   * the limit.
   * @default 'quorum'
   */
  readonly type?: (typeof QUEUE_TYPES)[number];
  /**
   * Arguments as RabbitMQ names them: `{ 'x-single-active-consumer': true }`; for `x-queue-type` use `type`. They cannot
   * be changed once the queue exists, and a deploy with other ones fails. Use a policy for limits, TTL and dead-letter
   * exchanges, which can then change.
   * @default - none
   */
  readonly arguments?: Readonly<Record<string, string | number | boolean>>;
  /**
   * Exchanges from which it receives messages.
   * @default - none: publishers address the queue by its name
   */
  readonly bindings?: readonly { readonly exchange: string; readonly routingKey?: string }[];
}

/** How the options of a queue are checked. */
export const RABBITMQ_QUEUE: OptionShapes<RabbitMqQueue> = {
  name: required('string'),
  type: 'string',
  arguments: 'object',
  bindings: [{ exchange: required('string'), routingKey: 'string' }],
};

/** A policy of a {@link RabbitMqBroker}: settings for all queues or exchanges whose name matches. */
export interface RabbitMqPolicy {
  readonly name: string;
  /** Regular expression (PCRE); `^orders` matches names that start with `orders`. */
  readonly pattern: string;
  /** @default 'all' */
  readonly appliesTo?: (typeof POLICY_SUBJECTS)[number];
  /** The settings: `{ 'max-length': 10000, 'dead-letter-exchange': 'refused' }`. */
  readonly definition: Readonly<Record<string, string | number | boolean>>;
  /**
   * If several policies match, only the one with the highest priority applies.
   * @default 0
   */
  readonly priority?: number;
}

/** How the options of a policy are checked. */
export const RABBITMQ_POLICY: OptionShapes<RabbitMqPolicy> = {
  name: required('string'),
  pattern: required('string'),
  appliesTo: 'string',
  definition: required('object'),
  priority: 'number',
};

/**
 * Since 4.0 RabbitMQ deletes a message from a quorum queue at the 21st delivery without an acknowledgement, and logs
 * nothing. An operator policy applies in addition to the single user policy that applies to a queue, and also to queues
 * that clients declare. RabbitMQ uses the lower of two limits, so any other limit takes precedence over this one. It is
 * not -1: RabbitMQ 3 rejects that in a policy, and 4.0 and 4.1 write it to disk every five seconds.
 * Sources: https://www.rabbitmq.com/docs/quorum-queues#poison-message-handling, merge_policy_value in
 * deps/rabbit/src/rabbit_policies.erl and https://github.com/rabbitmq/rabbitmq-server/issues/14202
 */
const REDELIVER_FOREVER = {
  component: 'operator_policy',
  name: 'redeliver-forever',
  value: {
    pattern: '.*',
    // In effect quorum queues, the only type with a delivery limit: a policy never applies to a type that lacks one of
    // its keys (`unsupported_policies` in rabbit_classic_queue.erl). `quorum_queues` means the same, but only since 3.12.
    'apply-to': 'queues',
    definition: { 'delivery-limit': 1_000_000_000_000 },
    // Only one operator policy applies; with this priority, one that an administrator creates in the broker wins.
    priority: -1,
  },
};

/** Exchanges, queues and policies of one virtual host. */
export interface RabbitMqTopology {
  readonly exchanges: readonly RabbitMqExchange[];
  readonly queues: readonly RabbitMqQueue[];
  readonly policies: readonly RabbitMqPolicy[];
}

/** @throws TradingStackError for an invalid or duplicate name, an unknown type, and a binding to an unknown exchange */
export function checkTopology({ exchanges, queues, policies }: RabbitMqTopology, where: string): void {
  checkNames('exchange', exchanges, where);
  checkNames('queue', queues, where);
  checkNames('policy', policies, where);
  for (const { name, type } of exchanges) checkOneOf(type, EXCHANGE_TYPES, `the type of the exchange '${name}'`, where);
  for (const { name, pattern, appliesTo = 'all', definition, priority = 0 } of policies) {
    checkPattern(pattern, `the pattern of the policy '${name}'`, where);
    checkValues(definition, '', `the policy '${name}'`, where);
    checkOneOf(appliesTo, POLICY_SUBJECTS, `appliesTo of the policy '${name}'`, where);
    if (!Number.isInteger(priority)) {
      throw invalidValue(where, `the priority of the policy '${name}'`, priority, 'a whole number');
    }
  }
  const known = new Set([...exchanges.map(({ name }) => name), ...PREDECLARED]);
  for (const { name, type = 'quorum', arguments: others = {}, bindings = [] } of queues) {
    checkOneOf(type, QUEUE_TYPES, `the type of the queue '${name}'`, where);
    if ('x-queue-type' in others) {
      const what = `the queue '${name}' has x-queue-type in its arguments`;
      throw new TradingStackError('reserved-setting', where, what, 'Use its option `type`');
    }
    checkValues(others, 'x-', `the queue '${name}'`, where);
    for (const { routingKey = '' } of bindings) {
      checkShortString(routingKey, `a routing key of the queue '${name}'`, where);
    }
    const dangling = bindings.find(({ exchange }) => !known.has(exchange));
    if (dangling === undefined) continue;
    const what = `the queue '${name}' is bound to the exchange '${dangling.exchange}', which is not declared`;
    const fix = dangling.exchange.startsWith('amq.')
      ? `Use one of ${PREDECLARED.join(', ')}`
      : 'Add the exchange to `exchanges`';
    throw new TradingStackError('unknown-reference', where, what, fix);
  }
}

/** With any other value the broker would not start. */
function checkOneOf(value: string, allowed: readonly string[], property: string, where: string): void {
  if (allowed.includes(value)) return;
  const words = allowed.map((word) => `'${word}'`);
  throw invalidValue(where, property, value, `${words.slice(0, -1).join(', ')} or ${words.at(-1) ?? ''}`);
}

function checkNames(kind: string, all: readonly { readonly name: string }[], where: string): void {
  const seen = new Set<string>();
  for (const { name } of all) {
    if (name === '' || name.startsWith('amq.')) {
      throw invalidName(where, `the name of the ${kind}`, name, "a name that does not start with 'amq.'");
    }
    checkName(name, `the name of the ${kind}`, where);
    if (seen.has(name)) {
      const what = `the ${kind} '${name}' is defined twice`;
      throw new TradingStackError('duplicate-name', where, what, 'Remove or rename one of them');
    }
    seen.add(name);
  }
}

/**
 * The definitions that a broker imports after the users: the virtual host, its contents and the permissions in it. No
 * secrets.
 */
export function definitionsText(
  vhost: string,
  users: readonly RabbitMqUser[],
  { exchanges, queues, policies }: RabbitMqTopology,
): string {
  const inVhost = ({ name, ...definition }: Named): object => ({ name, vhost, ...definition });
  const definitions = {
    vhosts: [{ name: vhost }],
    permissions: users.map(({ name, permissions: { configure = '', write = '', read = '' } }) => ({
      user: name,
      vhost,
      configure,
      write,
      read,
    })),
    exchanges: exchanges.map(exchangeDefinition).map(inVhost),
    queues: queues.map(queueDefinition).map(inVhost),
    bindings: queues.flatMap(({ name, bindings = [] }) =>
      bindings.map(({ exchange, routingKey = '' }) => ({
        source: exchange,
        vhost,
        destination: name,
        destination_type: 'queue',
        routing_key: routingKey,
        arguments: {},
      })),
    ),
    parameters: [{ vhost, ...REDELIVER_FOREVER }],
    policies: policies.map(({ name, pattern, appliesTo = 'all', definition, priority = 0 }) => ({
      vhost,
      name,
      pattern,
      'apply-to': appliesTo,
      definition,
      priority,
    })),
  };
  return `${JSON.stringify(definitions, null, 2)}\n`;
}

interface Named {
  readonly name: string;
}

function exchangeDefinition({ name, type }: RabbitMqExchange) {
  return { name, type, durable: true, auto_delete: false, internal: false, arguments: {} };
}

function queueDefinition({ name, type = 'quorum', arguments: others }: RabbitMqQueue) {
  return { name, durable: true, auto_delete: false, arguments: { ...others, 'x-queue-type': type } };
}

/**
 * Requests to the HTTP API that declare a topology in the order in which its parts need each other: method, path and
 * body, separated by spaces. They change nothing that exists.
 * Format: https://www.rabbitmq.com/docs/http-api-reference
 */
export function topologyRequests(vhost: string, { exchanges, queues }: RabbitMqTopology): string[] {
  const path = (...parts: readonly string[]): string => parts.map(encodeURIComponent).join('/');
  const declare = (kind: string, { name, ...definition }: Named): string =>
    `PUT ${path(kind, vhost, name)} ${JSON.stringify(definition)}`;
  const bind = (queue: string, exchange: string, routingKey: string): string => {
    const body = JSON.stringify({ routing_key: routingKey, arguments: {} });
    return `POST ${path('bindings', vhost, 'e', exchange, 'q', queue)} ${body}`;
  };
  return [
    ...exchanges.map((exchange) => declare('exchanges', exchangeDefinition(exchange))),
    ...queues.map((queue) => declare('queues', queueDefinition(queue))),
    ...queues.flatMap(({ name, bindings = [] }) =>
      bindings.map(({ exchange, routingKey = '' }) => bind(name, exchange, routingKey)),
    ),
  ];
}

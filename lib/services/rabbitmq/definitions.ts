import { createHash } from 'node:crypto';

/** Types of exchanges that every broker has. */
export const EXCHANGE_TYPES = ['direct', 'fanout', 'topic', 'headers'] as const;
/** Types of queues. */
export const QUEUE_TYPES = ['quorum', 'classic', 'stream'] as const;
/** What a policy can be for. */
export const POLICY_SUBJECTS = ['all', 'queues', 'exchanges', 'quorum_queues', 'classic_queues', 'streams'] as const;

/** An exchange of a {@link RabbitMqBroker}; it is durable. */
export interface RabbitMqExchange {
  readonly name: string;
  readonly type: (typeof EXCHANGE_TYPES)[number];
}

/** A queue of a {@link RabbitMqBroker}; it is durable. */
export interface RabbitMqQueue {
  readonly name: string;
  /**
   * `quorum` writes every message to disk before it is confirmed; orders belong there. A message stays in it however
   * often it is delivered without an acknowledgement, unless `x-delivery-limit` among its arguments or
   * `delivery-limit` in a policy says otherwise. Give a dead-letter exchange with such a limit: without one RabbitMQ
   * deletes the message at the limit.
   * @default 'quorum'
   */
  readonly type?: (typeof QUEUE_TYPES)[number];
  /**
   * Arguments as RabbitMQ names them: `{ 'x-message-ttl': 60000 }`, but for `x-queue-type`, which is `type`. They
   * cannot be changed once the queue is there; a policy can.
   * @default - none
   */
  readonly arguments?: Readonly<Record<string, string | number | boolean>>;
  /**
   * Exchanges that it gets messages from.
   * @default - none: it is reached by its name
   */
  readonly bindings?: readonly { readonly exchange: string; readonly routingKey?: string }[];
}

/** A policy of a {@link RabbitMqBroker}: what holds for all queues or exchanges whose name matches. */
export interface RabbitMqPolicy {
  readonly name: string;
  /** Regular expression; `^orders` matches names that start so. */
  readonly pattern: string;
  /** @default 'all' */
  readonly appliesTo?: (typeof POLICY_SUBJECTS)[number];
  /** What holds: `{ 'max-length': 10000, 'dead-letter-exchange': 'refused' }`. */
  readonly definition: Readonly<Record<string, string | number | boolean>>;
  /**
   * Of several that match, the one with the highest counts.
   * @default 0
   */
  readonly priority?: number;
}

/**
 * Since 4.0 RabbitMQ deletes a message from a quorum queue at the 21st delivery without an acknowledgement, and logs
 * nothing. An operator policy counts in addition to a user's policy, of which only one holds for a queue, and also for
 * queues that clients declare. Of two limits the lower one holds, so any other takes precedence over this one. It is not
 * -1: RabbitMQ 3 refuses that in a policy, and 4.0 and 4.1 write it to disk every five seconds.
 * Sources: https://www.rabbitmq.com/docs/quorum-queues#poison-message-handling, merge_policy_value in
 * deps/rabbit/src/rabbit_policies.erl and https://github.com/rabbitmq/rabbitmq-server/issues/14202
 */
const REDELIVER_FOREVER = {
  component: 'operator_policy',
  name: 'redeliver-forever',
  value: {
    pattern: '.*',
    // Only quorum queues, the one type that has a delivery limit: a policy never holds for a type that lacks one of its
    // keys (`unsupported_policies` in rabbit_classic_queue.erl). `quorum_queues` says the same, but only since 3.12.
    'apply-to': 'queues',
    definition: { 'delivery-limit': 1_000_000_000_000 },
    // Of two operator policies only one holds: one that an administrator makes in the broker does.
    priority: -1,
  },
};

/** What a user may do with exchanges and queues: regular expressions of their names. */
export interface RabbitMqPermissions {
  /**
   * Names that it may declare and delete.
   * @default - none
   */
  readonly configure?: string;
  /**
   * Names that it may publish to, or bind.
   * @default - none
   */
  readonly write?: string;
  /**
   * Names that it may consume from, or bind to.
   * @default - none
   */
  readonly read?: string;
}

/** A user as it stands in the definitions, without its password. */
export interface RabbitMqUser {
  readonly name: string;
  readonly tags: readonly string[];
  readonly permissions: RabbitMqPermissions;
}

/** Exchanges, queues and policies of one virtual host. */
export interface RabbitMqTopology {
  readonly exchanges: readonly RabbitMqExchange[];
  readonly queues: readonly RabbitMqQueue[];
  readonly policies: readonly RabbitMqPolicy[];
}

/**
 * The users that a broker imports when it starts.
 * Format: https://www.rabbitmq.com/docs/definitions
 * @param passwords by the name of the user
 */
export function usersText(users: readonly RabbitMqUser[], passwords: Readonly<Record<string, string>>): string {
  return text({
    users: users.map(({ name, tags }) => ({
      name,
      password_hash: hashPassword(name, passwords[name] ?? ''),
      hashing_algorithm: 'rabbit_password_hashing_sha256',
      tags,
    })),
  });
}

/** What a broker imports after the users: the virtual host, what is in it, and what they may do there. No secret. */
export function definitionsText(
  vhost: string,
  users: readonly RabbitMqUser[],
  { exchanges, queues, policies }: RabbitMqTopology,
): string {
  return text({
    vhosts: [{ name: vhost }],
    permissions: users.map(({ name, permissions: { configure = '', write = '', read = '' } }) => ({
      user: name,
      vhost,
      configure,
      write,
      read,
    })),
    exchanges: exchanges.map(({ name, type }) => ({
      name,
      vhost,
      type,
      durable: true,
      auto_delete: false,
      internal: false,
      arguments: {},
    })),
    queues: queues.map(({ name, type = 'quorum', arguments: others }) => ({
      name,
      vhost,
      durable: true,
      auto_delete: false,
      arguments: { ...others, 'x-queue-type': type },
    })),
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
  });
}

function text(definitions: object): string {
  return `${JSON.stringify(definitions, null, 2)}\n`;
}

/**
 * A password as RabbitMQ keeps it: four bytes of salt and the SHA-256 of salt and password, in base64.
 * Source: https://www.rabbitmq.com/docs/passwords#computing-password-hash
 */
function hashPassword(user: string, password: string): string {
  // Not random: the text would be another one, and the broker replaced, each time that it is written.
  const salt = sha256(`${user}\n${password}`).subarray(0, 4);
  return Buffer.concat([salt, sha256(salt, Buffer.from(password))]).toString('base64');
}

function sha256(...parts: readonly (string | Buffer)[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

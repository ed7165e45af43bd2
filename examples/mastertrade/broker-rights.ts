import type { RabbitMqPermissions } from '../../lib';

/** What a service does with the broker. Topics are exchanges, commands are queues. */
export interface BrokerUse {
  /** Topics that it publishes. */
  readonly publishes?: readonly string[];
  /** Topics that it follows, each with a queue of its own, `<topic>.<service>.<id>`. */
  readonly follows?: readonly string[];
  /** Commands that it gives; answers come back by direct reply-to. */
  readonly gives?: readonly string[];
  /** Commands that it answers. */
  readonly answers?: readonly string[];
}

/** The least that RabbitMQ has to permit for it. */
export function brokerRights({
  publishes = [],
  follows = [],
  gives = [],
  answers = [],
}: BrokerUse): RabbitMqPermissions {
  const ownQueues = follows.map((topic) => `${topic}\\..+`);
  // Messages to a queue, and answers, go through the default exchange.
  const defaultExchange = gives.length + answers.length > 0 ? ['amq\\.default'] : [];
  return {
    configure: oneOf([...publishes, ...follows, ...ownQueues, ...gives, ...answers]),
    write: oneOf([...publishes, ...ownQueues, ...defaultExchange]),
    read: oneOf([...follows, ...ownQueues, ...answers]),
  };
}

/** A pattern of nothing else than these. */
function oneOf(patterns: readonly string[]): string {
  return patterns.length === 0 ? '^$' : `^(${[...new Set(patterns)].join('|')})$`;
}

import type { RabbitMqPermissions } from '../../lib';

/** How a service uses the broker. Topics are exchanges, commands are queues. */
export interface BrokerUse {
  /** Topics that it publishes to. */
  readonly publishes?: readonly string[];
  /** Topics that it subscribes to, each with a queue of its own, `<topic>.<service>.<id>`. */
  readonly follows?: readonly string[];
  /** Commands that it sends; answers arrive by direct reply-to. */
  readonly gives?: readonly string[];
  /** Commands that it answers. */
  readonly answers?: readonly string[];
}

/** The narrowest permissions for this use. */
export function brokerRights({
  publishes = [],
  follows = [],
  gives = [],
  answers = [],
}: BrokerUse): RabbitMqPermissions {
  const ownQueues = follows.map((topic) => `${topic}\\..+`);
  // Commands and their answers go through the default exchange.
  const defaultExchange = gives.length + answers.length > 0 ? ['amq\\.default'] : [];
  return {
    configure: oneOf([...publishes, ...follows, ...ownQueues, ...gives, ...answers]),
    write: oneOf([...publishes, ...ownQueues, ...defaultExchange]),
    read: oneOf([...follows, ...ownQueues, ...answers]),
  };
}

/** A pattern that matches these names and nothing else. */
function oneOf(patterns: readonly string[]): string {
  return patterns.length === 0 ? '^$' : `^(${[...new Set(patterns)].join('|')})$`;
}

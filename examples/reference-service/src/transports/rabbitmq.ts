import { randomUUID } from 'node:crypto';
import {
  connect,
  type ChannelModel,
  type ConfirmChannel,
  type ConsumeMessage,
  type RecoveringChannelModel,
} from 'amqplib';
import type { Command, Topic } from '../bus';
import type { Configuration } from '../configuration';
import { InFlight } from '../in-flight';
import { changingNothing, NothingDoneError } from '../nothing-done';
import type { Service } from '../service';
import { within } from '../time-limit';
import { Replies } from './replies';
import type { Listener, Responder, Transport } from './transport';

const RECOVERY = { initialDelay: 200, maxDelay: 2_000 };
const CONNECT_TIMEOUT_MS = 2_000;
/** After two missed heartbeats the connection counts as lost. */
const HEARTBEAT_SECONDS = 5;
/** Requests that one process answers at the same time; the broker keeps the others for other processes. */
const PREFETCH = 8;
/** How long the broker may take to confirm a published message. */
const CONFIRM_TIMEOUT_MS = 2_000;
/** Maximum length of a topic queue; then it drops the oldest messages. */
const LONGEST_QUEUE = 10_000;
const REPLY_TO = 'amq.rabbitmq.reply-to';
/** A header: milliseconds since 1970. */
const EXPIRES_AT = 'expires-at';

/**
 * A durable fanout exchange for each topic and a durable quorum queue for each command; answers arrive by direct
 * reply-to. A queue of ticks or fills belongs to one process and is deleted with it. A queue of alerts belongs to a
 * service and stores them while the service is down, because alerts must not be missed.
 */
export class RabbitMqTransport implements Transport {
  readonly name = 'rabbitmq';
  private readonly id = randomUUID();
  private readonly url: string;
  private readonly listeners = new Map<Topic, Listener[]>();
  private readonly responders = new Map<Command, Responder>();
  private readonly replies = new Replies();
  private readonly inFlight = new InFlight();
  private connection: RecoveringChannelModel | undefined;
  private link: Link | undefined;
  private problem = 'not connected yet';
  private blocked: string | undefined;

  constructor(
    private readonly service: Service,
    configuration: Configuration,
  ) {
    const form = { schemes: ['amqp', 'amqps'], example: 'amqp://user:password@rabbitmq:5672/trading' };
    const url = new URL(configuration.secretUrl('RABBITMQ_URL', form));
    if (!url.searchParams.has('heartbeat')) url.searchParams.set('heartbeat', String(HEARTBEAT_SECONDS));
    this.url = url.href;
  }

  /** Any process may answer: the check of the command shows whether one does. */
  reaches(): boolean {
    return true;
  }

  readonly check = async (): Promise<void> => {
    this.connected();
    if (this.blocked !== undefined) throw new Error(`the broker takes no messages: ${this.blocked}`);
  };

  async publish(topic: Topic, message: object): Promise<void> {
    const { channel, once } = this.connected();
    await once(`exchange ${topic}`, () => channel.assertExchange(topic, 'fanout', { durable: true }));
    await send(channel, topic, '', message, { appId: this.id });
  }

  subscribe(topic: Topic, listener: Listener): void {
    this.listeners.set(topic, [...(this.listeners.get(topic) ?? []), listener]);
  }

  async request(command: Command, message: object, timeout: number): Promise<unknown> {
    const { channel, once } = this.connected();
    const expiresAt = Date.now() + timeout;
    return this.replies.expect(timeout, async (correlationId) => {
      await changingNothing(() => once(`queue ${command}`, () => assertCommandQueue(channel, command)));
      // A request that was not delivered before the timeout leaves the queue.
      const expiry = { expiration: timeout, headers: { [EXPIRES_AT]: expiresAt } };
      const properties = { correlationId, replyTo: REPLY_TO, persistent: true, ...expiry };
      await send(channel, '', command, message, properties);
    });
  }

  respond(command: Command, responder: Responder): void {
    this.responders.set(command, responder);
  }

  async start(): Promise<void> {
    const setup = (model: ChannelModel): Promise<void> => this.setUp(model);
    this.connection = await connect(this.url, {
      clientProperties: { connection_name: this.service.name },
      timeout: CONNECT_TIMEOUT_MS,
      keepAlive: true,
      recovery: { ...RECOVERY, waitForConnect: false, setup },
    });
    this.connection.on('connect-failed', (error) => {
      this.lost(error);
    });
    this.connection.on('disconnect', (error) => {
      this.lost(error);
    });
    this.connection.on('error', (error) => {
      this.service.log.warn({ err: error }, 'the connection to RabbitMQ failed');
    });
    this.connection.on('blocked', (reason) => (this.blocked = reason));
    this.connection.on('unblocked', () => (this.blocked = undefined));
  }

  async stop(): Promise<void> {
    const { link } = this;
    if (link !== undefined) {
      await Promise.allSettled(link.consumers.map((tag) => link.channel.cancel(tag)));
      await this.inFlight.settled();
      // Waits for pending acknowledgements.
      await link.channel.close().catch(() => {});
    }
    await this.connection?.close();
    await this.inFlight.settled();
  }

  private connected(): Link {
    if (this.link === undefined) throw new NothingDoneError(`no connection to RabbitMQ: ${this.problem}`);
    return this.link;
  }

  /** On every new connection, because the broker may be a new and empty one. */
  private async setUp(model: ChannelModel): Promise<void> {
    // An error event without a listener would end the process.
    model.on('error', () => {});
    const channel = await model.createConfirmChannel();
    channel.on('error', (error: Error) => {
      this.lost(error);
      // The broker closes the channel on an error: reconnect.
      model.close().catch(() => {});
    });
    await channel.prefetch(PREFETCH);
    const consumers: string[] = [];
    await channel.consume(
      REPLY_TO,
      (message) => {
        this.acceptReply(message);
      },
      { noAck: true },
    );
    for (const [topic, listeners] of this.listeners) consumers.push(await this.listen(channel, topic, listeners));
    for (const [command, responder] of this.responders) {
      consumers.push(await this.answer(channel, command, responder));
    }
    this.blocked = undefined;
    this.link = { channel, once: onceEach(), consumers };
    this.service.log.info('connected to RabbitMQ');
  }

  private async listen(channel: ConfirmChannel, topic: Topic, listeners: readonly Listener[]): Promise<string> {
    await channel.assertExchange(topic, 'fanout', { durable: true });
    const isKept = topic === 'alerts';
    const queue = await (isKept ? this.assertKeptQueue(channel, topic) : this.assertOwnQueue(channel, topic));
    await channel.bindQueue(queue, topic, '');
    const receive = async (message: ConsumeMessage): Promise<void> => {
      await this.receive(message, listeners);
      if (isKept) channel.ack(message);
    };
    const { consumerTag } = await channel.consume(
      queue,
      (message) => {
        if (message === null) return;
        void this.inFlight.track(this.service.tolerate('receiving a message', () => receive(message)));
      },
      { noAck: !isKept },
    );
    return consumerTag;
  }

  private async assertKeptQueue(channel: ConfirmChannel, topic: Topic): Promise<string> {
    const queue = `${topic}.${this.service.name}`;
    await channel.assertQueue(queue, {
      durable: true,
      maxLength: LONGEST_QUEUE,
      arguments: { 'x-queue-type': 'quorum' },
    });
    return queue;
  }

  private async assertOwnQueue(channel: ConfirmChannel, topic: Topic): Promise<string> {
    // The newest ticks matter most: a subscriber that does not keep up loses the oldest ones.
    const queue = `${topic}.${this.service.name}.${randomUUID()}`;
    await channel.assertQueue(queue, { exclusive: true, autoDelete: true, durable: false, maxLength: LONGEST_QUEUE });
    return queue;
  }

  /** Resolves when it was handled, or cannot be. */
  private async receive(message: ConsumeMessage, listeners: readonly Listener[]): Promise<void> {
    if (message.properties.appId === this.id) return;
    await this.service.tolerate('receiving a message', async () => {
      const content = parse(message);
      await Promise.all(listeners.map((listener) => listener(content)));
    });
  }

  private async answer(channel: ConfirmChannel, command: Command, responder: Responder): Promise<string> {
    await assertCommandQueue(channel, command);
    const { consumerTag } = await channel.consume(command, (message) => {
      if (message === null) return;
      // Acknowledged after the answer, so that the broker redelivers it if this process dies.
      const reply = async (): Promise<void> => {
        const { replyTo, correlationId } = message.properties as { replyTo: unknown; correlationId: unknown };
        const answer = await answerTo(message, responder);
        if (typeof replyTo === 'string') await send(channel, '', replyTo, answer, { correlationId });
        channel.ack(message);
      };
      void this.inFlight.track(this.service.tolerate('answering a request', reply));
    });
    this.service.log.info(`answering ${command} of RabbitMQ`);
    return consumerTag;
  }

  private acceptReply(message: ConsumeMessage | null): void {
    if (message === null) return;
    void this.service.tolerate('receiving an answer', () => {
      this.replies.accept(String(message.properties.correlationId), parse(message));
    });
  }

  private lost(error: Error): void {
    this.problem = error.message;
    this.link = undefined;
    this.replies.fail(new Error(`lost the connection to RabbitMQ: ${error.message}`));
    this.service.log.warn({ err: error }, 'no connection to RabbitMQ');
  }
}

/** State that exists only as long as one connection. */
interface Link {
  readonly channel: ConfirmChannel;
  readonly once: ReturnType<typeof onceEach>;
  readonly consumers: readonly string[];
}

/** Runs a named action on its first use only. */
function onceEach(): (name: string, act: () => Promise<unknown>) => Promise<unknown> {
  const done = new Map<string, Promise<unknown>>();
  return (name, act) => {
    const result = done.get(name) ?? act();
    done.set(name, result);
    return result;
  };
}

function assertCommandQueue(channel: ConfirmChannel, command: Command): Promise<unknown> {
  return channel.assertQueue(command, { durable: true, arguments: { 'x-queue-type': 'quorum' } });
}

/** Resolves when the broker has confirmed it. */
function send(
  channel: ConfirmChannel,
  exchange: string,
  key: string,
  message: object,
  properties: object,
): Promise<void> {
  const content = Buffer.from(JSON.stringify(message));
  const options = { contentType: 'application/json', ...properties };
  const confirmed = new Promise<void>((resolve, reject) => {
    channel.publish(exchange, key, content, options, (error?: Error | null) => {
      if (error) reject(error);
      else resolve();
    });
  });
  return within(CONFIRM_TIMEOUT_MS, confirmed);
}

/** A message that is not JSON would be redelivered forever if it were not answered. */
async function answerTo(message: ConsumeMessage, responder: Responder): Promise<object> {
  let content: unknown;
  try {
    content = parse(message);
  } catch (error) {
    return { error: (error as Error).message };
  }
  return responder(content, Number(message.properties.headers?.[EXPIRES_AT]));
}

function parse(message: ConsumeMessage): unknown {
  return JSON.parse(message.content.toString());
}

import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { TOPICS, type Command, type Topic } from '../bus';
import type { Configuration } from '../configuration';
import { InFlight } from '../in-flight';
import { NothingDoneError } from '../nothing-done';
import { RedisConnection, requiredRedisUrl } from '../redis-connection';
import type { Service } from '../service';
import { Replies } from './replies';
import type { Listener, Responder, Transport } from './transport';

/** How long one BRPOP waits; short, so that stopping does not wait long for it. */
const POP_SECONDS = 1;
const POP_OPTIONS = { socketTimeout: POP_SECONDS * 1_000 + 2_000 };
const RETRY_MS = 200;
/** Answers that are not fetched expire after this time. */
const REPLIES_TTL_SECONDS = 60;

interface Published {
  readonly origin: string;
  readonly message: unknown;
}

interface Asked {
  readonly id: string;
  readonly replyTo: string;
  /** Milliseconds since 1970 if the sender is valid. */
  readonly expiresAt: unknown;
  readonly message: object;
}

/** A channel for each topic; a list for each command, and one for the answers to each process. */
export class RedisTransport implements Transport {
  readonly name = 'redis_bus';
  private readonly id = randomUUID();
  private readonly replyList = `replies:${this.id}`;
  private readonly url: string;
  private readonly commands: RedisConnection;
  private readonly connections: RedisConnection[] = [];
  private readonly listeners = new Map<string, Listener[]>();
  private readonly responders = new Map<Command, Responder>();
  private readonly replies = new Replies();
  private readonly taking: Promise<void>[] = [];
  private fetching: Promise<void> | undefined;
  private readonly inFlight = new InFlight();
  /** Requests are rejected first, and answers only after that. */
  private stopping = false;
  private stopped = false;

  constructor(
    private readonly service: Service,
    configuration: Configuration,
  ) {
    this.url = requiredRedisUrl(configuration);
    this.commands = this.connect();
  }

  /** Any process may answer; the check of the command shows whether one does. */
  reaches(): boolean {
    return true;
  }

  readonly check = async (): Promise<void> => {
    await Promise.all(this.connections.map((connection) => connection.connected()));
    await this.commands.check();
  };

  async publish(topic: Topic, message: object): Promise<void> {
    const published: Published = { origin: this.id, message };
    await this.commands.ask((redis) => redis.publish(topic, JSON.stringify(published)));
  }

  subscribe(topic: Topic, listener: Listener): void {
    this.listeners.set(topic, [...(this.listeners.get(topic) ?? []), listener]);
  }

  async request(command: Command, message: object, timeout: number): Promise<unknown> {
    this.fetching ??= this.fetchReplies();
    const expiresAt = Date.now() + timeout;
    let sent: string | undefined;
    try {
      return await this.replies.expect(timeout, async (id) => {
        const asked: Asked = { id, replyTo: this.replyList, expiresAt, message };
        const payload = (sent = JSON.stringify(asked));
        await this.commands.ask((redis) => redis.lpush(command, payload));
      });
    } catch (error) {
      if (error instanceof NothingDoneError || sent === undefined) throw error;
      // A request that is still in the list was not started.
      if (await this.withdraw(command, sent)) throw new NothingDoneError((error as Error).message);
      throw error;
    }
  }

  /** Whether the request was removed from the list. */
  private async withdraw(command: Command, payload: string): Promise<boolean> {
    try {
      return (await this.commands.ask((redis) => redis.lrem(command, 1, payload))) === 1;
    } catch (error) {
      this.service.log.warn({ err: error }, 'could not withdraw a request; it is not started after its deadline');
      return false;
    }
  }

  respond(command: Command, responder: Responder): void {
    this.responders.set(command, responder);
  }

  async start(): Promise<void> {
    if (this.listeners.size > 0) this.listen(TOPICS.filter((topic) => this.listeners.has(topic)));
    for (const [command, responder] of this.responders) {
      const answer = (payload: string): Promise<void> => this.answer(payload, responder);
      this.taking.push(this.pop(command, () => this.stopping, answer));
    }
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await Promise.all(this.taking);
    // Requests in progress may themselves wait for answers.
    await this.inFlight.settled();
    this.stopped = true;
    await this.fetching;
    for (const connection of this.connections) connection.close();
  }

  private listen(topics: readonly Topic[]): void {
    // Subscribe on each new connection: without an offline queue the client does not resubscribe.
    const connection = this.connect({ autoResubscribe: false });
    connection.on('ready', (redis) => {
      redis.subscribe(...topics).catch((error: unknown) => {
        this.service.log.warn({ err: error }, 'could not subscribe');
        redis.disconnect(true);
      });
    });
    connection.on('message', (_redis, channel, payload) => {
      if (this.stopping) return;
      void this.service.tolerate('receiving a message', () => {
        const { origin, message } = JSON.parse(payload) as Published;
        if (origin === this.id) return;
        for (const listener of this.listeners.get(channel) ?? []) void this.inFlight.track(listener(message));
      });
    });
  }

  private fetchReplies(): Promise<void> {
    const accept = async (payload: string): Promise<void> => {
      const { id, answer } = JSON.parse(payload) as { id: string; answer: unknown };
      this.replies.accept(id, answer);
    };
    return this.pop(this.replyList, () => this.stopped, accept);
  }

  /** Passes on the items of the list until `ended`. */
  private async pop(list: string, ended: () => boolean, handle: (payload: string) => Promise<void>): Promise<void> {
    const connection = this.connect(POP_OPTIONS);
    while (!ended()) {
      try {
        const popped = await connection.ask((redis) => redis.brpop(list, POP_SECONDS));
        const payload = popped?.[1];
        if (payload === undefined) continue;
        void this.inFlight.track(this.service.tolerate('handling a request', () => handle(payload)));
      } catch {
        // The connection logs the reason.
        await delay(RETRY_MS);
      }
    }
  }

  private async answer(payload: string, responder: Responder): Promise<void> {
    const { id, replyTo, expiresAt, message } = JSON.parse(payload) as Asked;
    const answer = JSON.stringify({ id, answer: await responder(message, Number(expiresAt)) });
    await this.commands.ask((redis) =>
      redis.multi().lpush(replyTo, answer).expire(replyTo, REPLIES_TTL_SECONDS).exec(),
    );
  }

  private connect(options = {}): RedisConnection {
    const connection = new RedisConnection(this.url, this.service, options);
    this.connections.push(connection);
    return connection;
  }
}

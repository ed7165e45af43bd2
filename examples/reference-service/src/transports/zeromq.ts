import { Publisher, Request, Router, Subscriber } from 'zeromq';
import type { Command, Topic } from '../bus';
import type { Configuration } from '../configuration';
import { InFlight } from '../in-flight';
import { NothingDoneError } from '../nothing-done';
import type { Service } from '../service';
import { noAnswer } from '../time-limit';
import type { Listener, Responder, Transport } from './transport';

/** Detects that the other side was replaced without closing its connection. */
const HEARTBEAT = { heartbeatInterval: 2_000, heartbeatTimeout: 4_000 };
/** Each attempt to connect resolves the name again. */
const RECONNECT = { connectTimeout: 2_000, reconnectInterval: 200, reconnectMaxInterval: 2_000 };
/** Time for sending the last answers and fills. */
const LINGER_MS = 500;
const ADDRESS = { schemes: ['tcp'], example: 'tcp://order-executor:5556' };

/** For each command, the variable with its address for the sender, and the port of the receiver. */
const COMMANDS = {
  orders: { url: 'ORDER_EXECUTOR_URL', port: 'ZMQ_EXEC_PORT', default: 5_555 },
  'risk-checks': { url: 'RISK_MANAGER_URL', port: 'ZMQ_RISK_PORT', default: 5_557 },
} as const;

/**
 * No broker: PUB and SUB for ticks, frame 1 the symbol, frame 2 the tick; PUB and SUB for fills and alerts, frame 1 the
 * topic; REQ and ROUTER for commands, frame 2 the deadline.
 */
export class ZeroMqTransport implements Transport {
  readonly name = 'zeromq';
  private readonly inFlight = new InFlight();
  private readonly listeners = new Map<Topic, Listener[]>();
  private readonly responders = new Map<Command, Responder>();
  private readonly ticks: Outlet;
  private readonly events: Outlet | undefined;
  private readonly subscribers: Subscriber[] = [];
  private readonly routers: Router[] = [];
  private stopping = false;

  constructor(
    private readonly service: Service,
    private readonly configuration: Configuration,
  ) {
    this.ticks = new Outlet(service, address(this.port('ZMQ_MARKET_PORT', 5_556)));
    // Without this port there are no subscribers.
    const events = this.port('ZMQ_EVENTS_PORT', 0);
    this.events = events === 0 ? undefined : new Outlet(service, address(events));
    // Read now, so that errors are found before the start.
    for (const { url, port } of Object.values(COMMANDS)) {
      this.url(url);
      this.port(port, 1);
    }
  }

  reaches(command: Command): boolean {
    return this.url(COMMANDS[command].url) !== undefined;
  }

  async publish(topic: Topic, message: object): Promise<void> {
    const payload = JSON.stringify(message);
    if (topic === 'ticks') await this.ticks.send([(message as { symbol: string }).symbol, payload]);
    else await this.events?.send([topic, payload]);
  }

  subscribe(topic: Topic, listener: Listener): void {
    this.listeners.set(topic, [...(this.listeners.get(topic) ?? []), listener]);
  }

  /** One socket per request, so that an unanswered request has no effect on later ones. */
  async request(command: Command, message: object, timeout: number): Promise<unknown> {
    const url = this.url(COMMANDS[command].url);
    if (url === undefined) throw new NothingDoneError(`${COMMANDS[command].url} is not set`);
    const socket = new Request({ ...RECONNECT, linger: 0, sendTimeout: timeout, receiveTimeout: timeout });
    const deadline = Date.now() + timeout;
    try {
      socket.connect(url);
      await socket.send([JSON.stringify(message), String(deadline)]);
      socket.receiveTimeout = Math.max(deadline - Date.now(), 1);
      const [answer] = await socket.receive();
      return JSON.parse(String(answer));
    } catch (error) {
      throw (error as NodeJS.ErrnoException).code === 'EAGAIN' ? noAnswer(timeout) : error;
    } finally {
      socket.close();
    }
  }

  respond(command: Command, responder: Responder): void {
    this.responders.set(command, responder);
  }

  async start(): Promise<void> {
    if (this.configuration.optionalText('ZMQ_MARKET_PORT') !== undefined) await this.ticks.bind();
    await this.events?.bind();
    for (const [command, responder] of this.responders) await this.answer(command, responder);
    if (this.listeners.has('ticks')) this.listen(this.url('MARKET_DATA_URL') ?? 'tcp://market-data:5556', ['']);
    const topics = (['fills', 'alerts'] as const).filter((topic) => this.listeners.has(topic));
    if (topics.length === 0) return;
    for (const name of ['ORDER_EXECUTOR_EVENTS_URL', 'RISK_MANAGER_EVENTS_URL']) {
      const url = this.url(name);
      if (url !== undefined) this.listen(url, topics);
    }
  }

  async stop(): Promise<void> {
    this.stopping = true;
    for (const subscriber of this.subscribers) subscriber.close();
    // The sockets stay bound until then, because answers need their connections.
    await this.inFlight.settled();
    for (const router of this.routers) router.close();
    this.ticks.close();
    this.events?.close();
  }

  private listen(url: string, prefixes: readonly string[]): void {
    const socket = new Subscriber({ ...HEARTBEAT, ...RECONNECT, linger: 0 });
    socket.subscribe(...prefixes);
    socket.connect(url);
    this.subscribers.push(socket);
    void this.receive(socket, prefixes[0] === '' ? () => 'ticks' : (frame) => frame);
  }

  private async receive(socket: Subscriber, topicOf: (frame: string) => string): Promise<void> {
    for await (const [frame, payload] of socket) {
      const listeners = this.listeners.get(topicOf(String(frame)) as Topic) ?? [];
      await this.service.tolerate('receiving a message', () => {
        const message: unknown = JSON.parse(String(payload));
        for (const listener of listeners) void listener(message);
      });
    }
  }

  private async answer(command: Command, responder: Responder): Promise<void> {
    const { port, default: fallback } = COMMANDS[command];
    const where = address(this.port(port, fallback));
    const socket = new Router({ ...HEARTBEAT, linger: LINGER_MS });
    await socket.bind(where);
    this.routers.push(socket);
    this.service.log.info(`answering ${command} at ${where}`);
    void this.serve(socket, responder);
  }

  private async serve(socket: Router, responder: Responder): Promise<void> {
    const send = oneAtATime((frames: unknown[]) => socket.send(frames as Buffer[]));
    for await (const [asker, separator, payload, expiresAt] of socket) {
      const reply = async (): Promise<void> => {
        const answer = this.stopping
          ? { error: 'stopping', nothingDone: true }
          : await responder(JSON.parse(String(payload)), expiresAt && Number(String(expiresAt)));
        await send([asker, separator, JSON.stringify(answer)]);
      };
      void this.inFlight.track(this.service.tolerate('answering a request', reply));
    }
  }

  private url(name: string): string | undefined {
    return this.configuration.optionalUrl(name, ADDRESS);
  }

  private port(name: string, fallback: number): number {
    return this.configuration.wholeNumber(name, { min: 1, max: 65_535, default: fallback });
  }
}

/** A PUB socket that is bound on first use. */
class Outlet {
  private readonly socket = new Publisher({ ...HEARTBEAT, linger: LINGER_MS });
  private bound: Promise<void> | undefined;
  private readonly write = oneAtATime((frames: string[]) => this.socket.send(frames));

  constructor(
    private readonly service: Service,
    private readonly address: string,
  ) {}

  async bind(): Promise<void> {
    this.bound ??= this.socket.bind(this.address);
    await this.bound;
    this.service.log.info(`publishing at ${this.address}`);
  }

  async send(frames: string[]): Promise<void> {
    if (this.bound === undefined) await this.bind();
    await this.bound;
    await this.write(frames);
  }

  close(): void {
    this.socket.close();
  }
}

/** A ZeroMQ socket refuses to send while it sends. */
function oneAtATime<Value>(send: (value: Value) => Promise<void>): (value: Value) => Promise<void> {
  let last = Promise.resolve();
  return (value) => {
    const sent = last.then(() => send(value));
    last = sent.catch(() => {});
    return sent;
  };
}

function address(port: number): string {
  return `tcp://0.0.0.0:${port}`;
}

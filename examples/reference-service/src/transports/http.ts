import { WebSocket } from 'ws';
import type { Command, Topic } from '../bus';
import type { Configuration } from '../configuration';
import { InFlight } from '../in-flight';
import { NothingDoneError } from '../nothing-done';
import type { Service } from '../service';
import { noAnswer } from '../time-limit';
import { WebSockets } from '../web-sockets';
import type { Listener, Responder, Transport } from './transport';

const EVENTS_PATH = '/events';
const PING_SECONDS = 2;
const LONGEST_SILENCE_MS = 2.5 * PING_SECONDS * 1_000;
const RECONNECT_MS = 500;
/** A header: milliseconds since 1970. */
const EXPIRES_AT = 'expires-at';
/** Errors before a connection was established, so nothing was done; after that the outcome is unknown. */
const NOT_CONNECTED = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN']);
/** The request has no receiver, or it is stopping. A receiver answers with 200 or 500. */
const NOT_TAKEN = new Set([404, 503]);
const ADDRESS = { schemes: ['http', 'https'], example: 'http://order-executor:8081' };

/** The variables with the addresses of commands and topics. */
const ANSWERS: Readonly<Record<Command, string>> = { orders: 'ORDER_EXECUTOR_URL', 'risk-checks': 'RISK_MANAGER_URL' };
const SOURCES: Readonly<Record<string, readonly Topic[]>> = {
  MARKET_DATA_URL: ['ticks'],
  ORDER_EXECUTOR_URL: ['fills', 'alerts'],
  RISK_MANAGER_URL: ['alerts'],
};

/** No broker: `POST /orders` and `POST /risk-checks`; the topics by WebSocket at `/events`. */
export class HttpTransport implements Transport {
  readonly name = 'http';
  private readonly urls: ReadonlyMap<string, string>;
  private readonly audience: WebSockets;
  private readonly listeners = new Map<Topic, Listener[]>();
  private readonly sources: Source[] = [];
  private readonly inFlight = new InFlight();

  constructor(
    private readonly service: Service,
    configuration: Configuration,
  ) {
    const variables = new Set([...Object.values(ANSWERS), ...Object.keys(SOURCES)]);
    const given = [...variables].map((name) => [name, configuration.optionalUrl(name, ADDRESS)] as const);
    this.urls = new Map(given.flatMap(([name, url]) => (url === undefined ? [] : [[name, url.replace(/\/+$/, '')]])));
    this.audience = new WebSockets(service, PING_SECONDS, { path: EVENTS_PATH });
  }

  reaches(command: Command): boolean {
    return this.urls.has(ANSWERS[command]);
  }

  async publish(topic: Topic, message: object): Promise<void> {
    this.audience.send({ topic, message });
  }

  subscribe(topic: Topic, listener: Listener): void {
    this.listeners.set(topic, [...(this.listeners.get(topic) ?? []), listener]);
  }

  async request(command: Command, message: object, timeout: number): Promise<unknown> {
    const url = this.urls.get(ANSWERS[command]);
    if (url === undefined) throw new NothingDoneError(`${ANSWERS[command]} is not set`);
    try {
      const response = await fetch(`${url}/${command}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', [EXPIRES_AT]: String(Date.now() + timeout) },
        body: JSON.stringify(message),
        signal: AbortSignal.timeout(timeout),
      });
      if (NOT_TAKEN.has(response.status)) throw new NothingDoneError(`${url}/${command} answered ${response.status}`);
      return await response.json();
    } catch (error) {
      if (error instanceof NothingDoneError) throw error;
      if ((error as Error).name === 'TimeoutError') throw noAnswer(timeout);
      const { code, message } = ((error as Error).cause ?? error) as NodeJS.ErrnoException;
      if (NOT_CONNECTED.has(String(code))) {
        throw new NothingDoneError(`could not ask: ${message || code}`, { cause: error });
      }
      throw new Error(`no answer: ${message || code}`, { cause: error });
    }
  }

  respond(command: Command, responder: Responder): void {
    this.service.http.post(`/${command}`, async (request, reply) => {
      const answer = await responder(request.body, Number(request.headers[EXPIRES_AT]));
      return reply.code('error' in answer ? 500 : 200).send(answer);
    });
  }

  async start(): Promise<void> {
    for (const [name, offered] of Object.entries(SOURCES)) {
      const topics = offered.filter((topic) => this.listeners.has(topic));
      const url = this.urls.get(name);
      if (url === undefined || topics.length === 0) continue;
      const address = `${url.replace(/^http/, 'ws')}${EVENTS_PATH}`;
      this.sources.push(
        new Source(this.service, address, (text) => {
          this.receive(text, topics);
        }),
      );
    }
  }

  async stop(): Promise<void> {
    for (const source of this.sources) source.close();
    await this.inFlight.settled();
    // Last, because requests in flight may have filled orders.
    this.audience.close();
  }

  /** A process with several roles may publish more topics than the subscriber asked for. */
  private receive(text: string, topics: readonly Topic[]): void {
    void this.service.tolerate('receiving a message', () => {
      const { topic, message } = JSON.parse(text) as { topic: Topic; message: unknown };
      if (!topics.includes(topic)) return;
      for (const listener of this.listeners.get(topic) ?? []) void this.inFlight.track(listener(message));
    });
  }
}

/** A WebSocket that is connected again, by name, until it is closed. */
class Source {
  private socket: WebSocket | undefined;
  private retry: NodeJS.Timeout | undefined;
  private silence: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(
    private readonly service: Service,
    private readonly address: string,
    private readonly handle: (text: string) => void,
  ) {
    this.connect();
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.retry);
    clearTimeout(this.silence);
    this.socket?.terminate();
  }

  private connect(): void {
    const socket = new WebSocket(this.address, { handshakeTimeout: 2_000 });
    this.socket = socket;
    socket.on('open', () => {
      this.heard(socket);
    });
    socket.on('ping', () => {
      this.heard(socket);
    });
    socket.on('message', (data) => {
      this.heard(socket);
      // With the default `binaryType` every message is a Buffer.
      this.handle((data as Buffer).toString());
    });
    socket.on('error', (error) => {
      this.service.log.warn({ err: error }, `no connection to ${this.address}`);
    });
    socket.on('close', () => {
      clearTimeout(this.silence);
      if (this.closed) return;
      this.retry = setTimeout(() => {
        this.connect();
      }, RECONNECT_MS);
    });
  }

  private heard(socket: WebSocket): void {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => {
      socket.terminate();
    }, LONGEST_SILENCE_MS);
  }
}

import type { Bus, Command, Topic } from './bus';
import type { Configuration } from './configuration';
import { InFlight } from './in-flight';
import { NothingDoneError } from './nothing-done';
import type { Service } from './service';
import { within } from './time-limit';
import type { Transport } from './transports/transport';

type Handler = (message: unknown) => void | Promise<void>;
type Answerer = (message: unknown, deadline: number) => Promise<object>;

/** The answer to a request that failed. */
interface Failure {
  readonly error?: unknown;
  /** Whether the request can safely be repeated. */
  readonly nothingDone?: unknown;
}

/** A request that only checks whether there is a receiver. */
const PING = { ping: true };
/** Below the timeout of a health check, so that the check reports this reason. */
const PING_TIMEOUT_MS = 2_000;

/** The bus of this process: its own handlers first, then the transport, if there is one. */
export class ProcessBus implements Bus {
  private readonly listeners = new Map<Topic, Handler[]>();
  private readonly answerers = new Map<Command, Answerer>();
  private readonly inFlight = new InFlight();
  private readonly timeouts: Readonly<Record<Command, number>>;

  constructor(
    private readonly service: Service,
    configuration: Configuration,
    private readonly transport?: Transport,
  ) {
    this.timeouts = {
      // Longer than the risk check that it includes.
      orders: configuration.wholeNumber('ORDER_TIMEOUT_MS', { min: 10, max: 60_000, default: 4_000 }),
      'risk-checks': configuration.wholeNumber('RISK_CHECK_TIMEOUT_MS', { min: 10, max: 60_000, default: 2_000 }),
    };
    if (transport?.check !== undefined) service.health.add(transport.name, transport.check);
  }

  async publish(topic: Topic, message: object): Promise<void> {
    for (const handle of this.listeners.get(topic) ?? []) void this.receive(topic, handle, message);
    await this.transport?.publish(topic, message);
  }

  subscribe(topic: Topic, handle: Handler): void {
    const listeners = this.listeners.get(topic) ?? [];
    this.listeners.set(topic, [...listeners, handle]);
    this.transport?.subscribe(topic, (message) => this.receive(topic, handle, message));
  }

  async request(command: Command, message: object): Promise<unknown> {
    return this.ask(command, message, this.timeouts[command]);
  }

  respond(command: Command, handle: Answerer): void {
    if (this.answerers.has(command)) throw new Error(`two roles of this process answer ${command}`);
    this.answerers.set(command, handle);
    const limit = this.timeouts[command];
    this.transport?.respond(command, (message, expiresAt) => this.answer(handle, message, limit, expiresAt));
  }

  reaches(command: Command): boolean {
    return this.answers(command) || this.transport?.reaches(command) === true;
  }

  answers(command: Command): boolean {
    return this.answerers.has(command);
  }

  async check(command: Command): Promise<void> {
    await this.ask(command, PING, PING_TIMEOUT_MS);
  }

  async start(): Promise<void> {
    await this.transport?.start();
  }

  async stop(): Promise<void> {
    await this.transport?.stop();
    await this.inFlight.settled();
  }

  private async ask(command: Command, message: object, timeout: number): Promise<unknown> {
    const handle = this.answerers.get(command);
    if (handle === undefined && !this.reaches(command)) {
      throw new NothingDoneError(`no receiver is configured for ${command}`);
    }
    const answer = await (handle === undefined
      ? this.transport?.request(command, message, timeout)
      : within(timeout, this.answer(handle, message, timeout)));
    const { error, nothingDone } = (answer ?? {}) as Failure;
    if (error !== undefined) throw new (nothingDone === true ? NothingDoneError : Error)(reason(error));
    return answer;
  }

  private receive(topic: Topic, handle: Handler, message: unknown): Promise<void> {
    return this.inFlight.track(this.service.tolerate(`handling ${topic}`, () => handle(message)));
  }

  /** `expiresAt` comes from outside, so `limit` applies in any case. */
  private async answer(handle: Answerer, message: unknown, limit: number, expiresAt = Number.NaN): Promise<object> {
    if ((message as Partial<typeof PING> | null)?.ping === true) return {};
    const now = Date.now();
    const deadline = Math.min(now + limit, Number.isNaN(expiresAt) ? Infinity : expiresAt);
    try {
      if (now > deadline) {
        throw new NothingDoneError(`it came ${now - deadline} ms after its deadline, if both clocks are right`);
      }
      return await this.inFlight.track(handle(message, deadline));
    } catch (error) {
      this.service.log.warn({ err: error }, 'answered a request with an error');
      const failure: Failure = { error: (error as Error).message };
      return error instanceof NothingDoneError ? { ...failure, nothingDone: true } : failure;
    }
  }
}

/** Received from outside: another version may send something other than a string. */
function reason(error: unknown): string {
  return typeof error === 'string' ? error : JSON.stringify(error);
}

import type { Command, Topic } from '../bus';
import type { Configuration } from '../configuration';
import type { Service } from '../service';

/** Handles a message from outside; never rejects. */
export type Listener = (message: unknown) => Promise<void>;

/**
 * Answers a request from outside; never rejects. `expiresAt` is the deadline of the sender in milliseconds since 1970,
 * or NaN if it was not a number.
 */
export type Responder = (message: unknown, expiresAt?: number) => Promise<object>;

/**
 * Carries the messages between processes. It survives the other side: a lost connection is re-established by name, and
 * until then work that needs it fails immediately or after its timeout and is never queued.
 */
export interface Transport {
  /** Its name in `/health`. */
  readonly name: string;
  /** Whether the configuration contains the address for the command. */
  reaches(command: Command): boolean;
  /** Rejects while there is no connection to the broker; only for transports with a broker. */
  readonly check?: () => Promise<void>;
  publish(topic: Topic, message: object): Promise<void>;
  /** Call before `start()`. The listener does not get messages of this process. */
  subscribe(topic: Topic, listener: Listener): void;
  /**
   * Rejects if there is no answer within `timeout` milliseconds. A request carries its deadline, because it may be in a
   * queue from which it cannot be removed; after that it is never started. Rejects with a `NothingDoneError` only if it
   * was certainly not started and never will be.
   */
  request(command: Command, message: object, timeout: number): Promise<unknown>;
  /** Call before `start()`. */
  respond(command: Command, responder: Responder): void;
  /** Starts to connect without waiting for the other side, which may start later. */
  start(): Promise<void>;
  /** Accepts no more messages, sends pending answers, then disconnects. */
  stop(): Promise<void>;
}

export type TransportConstructor = new (service: Service, configuration: Configuration) => Transport;

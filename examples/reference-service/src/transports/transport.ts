import type { Command, Topic } from '../bus';
import type { Configuration } from '../configuration';
import type { Service } from '../service';

/** Handles a message from outside; never rejects. */
export type Listener = (message: unknown) => Promise<void>;

/**
 * Answers a request from outside; never rejects. `expiresAt` is what the asker said, in milliseconds since 1970; NaN
 * when it was no number.
 */
export type Responder = (message: unknown, expiresAt?: number) => Promise<object>;

/**
 * Carries the messages between processes. It lasts longer than the other side: what is lost is connected again, by
 * name, and until then work that needs it fails at once or after its time-out, and is never kept for later.
 */
export interface Transport {
  /** What `/health` calls it. */
  readonly name: string;
  /** Whether the configuration says where the command is answered. */
  reaches(command: Command): boolean;
  /** Rejects while there is no connection to the broker; only where there is one. */
  readonly check?: () => Promise<void>;
  publish(topic: Topic, message: object): Promise<void>;
  /** Before `start()`. What this process published itself is not handed to it. */
  subscribe(topic: Topic, listener: Listener): void;
  /**
   * Rejects when there is no answer within `timeout` milliseconds. A request not begun by then is never begun: it
   * carries the time, because it may wait in places that nobody can take it back from. Rejects with a
   * `NothingDoneError` only when it is sure that nobody began it or will.
   */
  request(command: Command, message: object, timeout: number): Promise<unknown>;
  /** Before `start()`. */
  respond(command: Command, responder: Responder): void;
  /** Begins to connect; does not wait for the other side, which may come up later. */
  start(): Promise<void>;
  /** Takes no more messages, sends the answers to those it took, then disconnects. */
  stop(): Promise<void>;
}

export type TransportConstructor = new (service: Service, configuration: Configuration) => Transport;

/** Published to everybody who listens. */
export const TOPICS = ['ticks', 'fills', 'alerts'] as const;
export type Topic = (typeof TOPICS)[number];

/** Answered by exactly one. */
export const COMMANDS = ['orders', 'risk-checks'] as const;
export type Command = (typeof COMMANDS)[number];

/**
 * How roles reach each other. A handler in the same process is used directly, every other one through the transport
 * of `TRANSPORT`. Messages are objects that survive JSON; whoever receives one parses it, because it may come from
 * another version.
 */
export interface Bus {
  /** Hands the message to every listener; rejects when the transport could not take it. */
  publish(topic: Topic, message: object): Promise<void>;
  /** Before `start()`. What the handler throws is logged and counted. */
  subscribe(topic: Topic, handle: (message: unknown) => void | Promise<void>): void;
  /**
   * The answer; rejects on a time-out or an error answer. After a `NothingDoneError` nothing was done and nothing will
   * be, after any other error that is unknown.
   */
  request(command: Command, message: object): Promise<unknown>;
  /**
   * Before `start()`. What the handler throws is the error the asker gets. `deadline`, in milliseconds since 1970, is
   * when nobody waits for the answer any more: what is not begun by then is not to be begun.
   */
  respond(command: Command, handle: (message: unknown, deadline: number) => Promise<object>): void;
  /** Whether the command is answered in this process or the configuration says where. Known once all roles are made. */
  reaches(command: Command): boolean;
  /** Whether a role of this process answers the command. Known once all roles are made. */
  answers(command: Command): boolean;
  /** Resolves when the command would be answered now; rejects with the reason why not. For health checks. */
  check(command: Command): Promise<void>;
  start(): Promise<void>;
  /** Takes no more messages, finishes those that it took and disconnects. Handlers may be called until it resolves. */
  stop(): Promise<void>;
}

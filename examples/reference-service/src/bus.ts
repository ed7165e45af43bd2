/** Published to all subscribers. */
export const TOPICS = ['ticks', 'fills', 'alerts'] as const;
export type Topic = (typeof TOPICS)[number];

/** Answered by exactly one receiver. */
export const COMMANDS = ['orders', 'risk-checks'] as const;
export type Command = (typeof COMMANDS)[number];

/**
 * How roles communicate. A handler in the same process is called directly, any other through the transport of
 * `TRANSPORT`. Messages are JSON objects; the receiver validates them, because they may come from another version.
 */
export interface Bus {
  /** Passes the message to every listener; rejects if the transport did not accept it. */
  publish(topic: Topic, message: object): Promise<void>;
  /** Call before `start()`. Errors of the handler are logged and counted. */
  subscribe(topic: Topic, handle: (message: unknown) => void | Promise<void>): void;
  /**
   * The answer; rejects after the timeout and on an error answer. After a `NothingDoneError` nothing was done or will
   * be; after any other error the outcome is unknown.
   */
  request(command: Command, message: object): Promise<unknown>;
  /**
   * Call before `start()`. Errors of the handler are returned to the sender. `deadline`, in milliseconds since 1970, is
   * the end of the sender's timeout: do not start the work after it.
   */
  respond(command: Command, handle: (message: unknown, deadline: number) => Promise<object>): void;
  /** Whether the command has a handler in this process or an address. Known once all roles are created. */
  reaches(command: Command): boolean;
  /** Whether a role of this process answers the command. Known once all roles are created. */
  answers(command: Command): boolean;
  /** Resolves if the command would be answered now; rejects with the reason otherwise. For health checks. */
  check(command: Command): Promise<void>;
  start(): Promise<void>;
  /** Accepts no more messages, finishes those in progress and disconnects. Handlers may be called until it resolves. */
  stop(): Promise<void>;
}

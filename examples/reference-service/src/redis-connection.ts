import { Redis, ReplyError } from 'ioredis';
import { ConfigurationError, type Configuration } from './configuration';
import { nothingDone, NothingDoneError } from './nothing-done';
import type { Service } from './service';

const LONGEST_RECONNECT_DELAY_MS = 2_000;
const FORM = { schemes: ['redis', 'rediss'], example: 'redis://:password@redis:6379' };

/** Options that differ between connections. */
interface ConnectionOptions {
  readonly socketTimeout?: number;
  readonly autoResubscribe?: boolean;
}

/** `REDIS_URL`, or the URL of `REDIS_HOST`, `REDIS_PORT` and `REDIS_PASSWORD`, or `undefined` if neither is set. */
export function optionalRedisUrl(configuration: Configuration): string | undefined {
  const host = configuration.optionalText('REDIS_HOST');
  const url = configuration.optionalSecretUrl('REDIS_URL', FORM);
  if (url !== undefined || host === undefined) return url;
  const port = configuration.wholeNumber('REDIS_PORT', { min: 1, max: 65_535, default: 6_379 });
  const password = configuration.optionalText('REDIS_PASSWORD');
  const login = password === undefined ? '' : `:${encodeURIComponent(password)}@`;
  return `redis://${login}${host}:${port}`;
}

export function requiredRedisUrl(configuration: Configuration): string {
  const url = optionalRedisUrl(configuration);
  if (url === undefined) throw new ConfigurationError(`REDIS_URL is not set; it must be a URL such as ${FORM.example}`);
  return url;
}

/** One connection, which is re-established by name whenever it is lost. */
export class RedisConnection {
  private readonly redis: Redis;
  private lastError = 'not connected yet';

  constructor(url: string, service: Service, options: ConnectionOptions = {}) {
    this.redis = new Redis(url, {
      connectionName: service.name,
      connectTimeout: 1_000,
      // If the server vanishes without closing the connection, only one command may fail, not every later one.
      socketTimeout: 1_000,
      // A queued value would be stale when the server returns, so fail immediately.
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      retryStrategy: (attempt) => Math.min(attempt * 200, LONGEST_RECONNECT_DELAY_MS),
      ...options,
    });
    this.redis.on('error', (error: Error) => {
      this.lastError = error.message;
      service.log.warn({ err: error }, 'no connection to Redis');
    });
  }

  /**
   * Runs a command. Without a connection, the error contains the reason, which that of the client does not. It is a
   * `NothingDoneError` if the command was not sent or Redis rejected it.
   */
  async ask<Answer>(command: (redis: Redis) => Promise<Answer>): Promise<Answer> {
    await this.connected();
    try {
      return await command(this.redis);
    } catch (error) {
      if (error instanceof ReplyError) throw nothingDone(error);
      throw this.redis.status === 'ready' ? error : new Error(`lost the connection to Redis: ${this.lastError}`);
    }
  }

  /** Sends no command, because a blocking connection would answer it late. */
  async connected(): Promise<void> {
    if (this.redis.status !== 'ready') throw new NothingDoneError(`no connection to Redis: ${this.lastError}`);
  }

  async check(): Promise<void> {
    await this.ask((redis) => redis.ping());
  }

  on(event: 'ready', act: (redis: Redis) => void): void;
  on(event: 'message', act: (redis: Redis, channel: string, payload: string) => void): void;
  on(event: 'ready' | 'message', act: (redis: Redis, channel: string, payload: string) => void): void {
    this.redis.on(event, (channel: string, payload: string) => {
      act(this.redis, channel, payload);
    });
  }

  close(): void {
    this.redis.disconnect();
  }
}

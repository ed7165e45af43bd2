import { Redis } from 'ioredis';
import type { Configuration } from './configuration';
import type { Service } from './service';

const LONGEST_RECONNECT_DELAY_MS = 2_000;

/** JSON values in Redis, over one connection that is made again, by name, whenever it is lost. */
export class Cache {
  private readonly redis: Redis;
  private lastError = 'not connected yet';

  /** The cache of `REDIS_URL`, or nothing when that variable was not given. */
  static optional(service: Service, configuration: Configuration): Cache | undefined {
    const url = configuration.optionalSecretUrl('REDIS_URL', {
      schemes: ['redis', 'rediss'],
      example: 'redis://:password@redis:6379',
    });
    return url === undefined ? undefined : new Cache(url, service);
  }

  private constructor(url: string, service: Service) {
    this.redis = new Redis(url, {
      connectionName: service.name,
      connectTimeout: 1_000,
      // A peer that vanished without closing the connection must cost one command, not every later one.
      socketTimeout: 1_000,
      // A value that waits for a lost server is stale when it returns: fail now, so that the failure is seen.
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      retryStrategy: (attempt) => Math.min(attempt * 200, LONGEST_RECONNECT_DELAY_MS),
    });
    this.redis.on('error', (error: Error) => {
      this.lastError = error.message;
      service.log.warn({ err: error }, 'no connection to the cache');
    });
    service.health.add('redis', async () => {
      await this.ask((redis) => redis.ping());
    });
  }

  async put(key: string, value: unknown): Promise<void> {
    await this.ask((redis) => redis.set(key, JSON.stringify(value)));
  }

  async putFor(seconds: number, key: string, value: unknown): Promise<void> {
    await this.ask((redis) => redis.set(key, JSON.stringify(value), 'EX', seconds));
  }

  async get(key: string): Promise<unknown> {
    const text = await this.ask((redis) => redis.get(key));
    return text === null ? undefined : JSON.parse(text);
  }

  close(): void {
    this.redis.disconnect();
  }

  /** The error of a command that had no connection does not say why there is none; this one does. */
  private async ask<Answer>(command: (redis: Redis) => Promise<Answer>): Promise<Answer> {
    try {
      return await command(this.redis);
    } catch (error) {
      throw this.redis.status === 'ready' ? error : new Error(`no connection to Redis: ${this.lastError}`);
    }
  }
}

import type { Configuration } from './configuration';
import { optionalRedisUrl, RedisConnection } from './redis-connection';
import type { Service } from './service';

/** JSON values in Redis. */
export class Cache {
  /** The cache at `REDIS_URL` or `REDIS_HOST`, or `undefined` if neither is set. */
  static optional(service: Service, configuration: Configuration): Cache | undefined {
    const url = optionalRedisUrl(configuration);
    return url === undefined ? undefined : new Cache(new RedisConnection(url, service), service);
  }

  private constructor(
    private readonly connection: RedisConnection,
    service: Service,
  ) {
    service.health.add('redis', () => connection.check());
  }

  async put(key: string, value: unknown): Promise<void> {
    await this.connection.ask((redis) => redis.set(key, JSON.stringify(value)));
  }

  async putFor(seconds: number, key: string, value: unknown): Promise<void> {
    await this.connection.ask((redis) => redis.set(key, JSON.stringify(value), 'EX', seconds));
  }

  async get(key: string): Promise<unknown> {
    const text = await this.connection.ask((redis) => redis.get(key));
    return text === null ? undefined : JSON.parse(text);
  }

  close(): void {
    this.connection.close();
  }
}

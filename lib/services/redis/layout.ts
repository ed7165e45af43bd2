import type { IConstruct } from 'constructs';
import type { Image } from '../../workload/images/image';
import { requireLayout, type ServerImageLayout } from '../server-image';

/** What differs between the images; all have the data in `/data` and the entry point `docker-entrypoint.sh`. */
export interface RedisLayout extends ServerImageLayout {
  readonly user: string;
  readonly server: string;
  readonly client: string;
}

const LAYOUTS: readonly RedisLayout[] = [
  // https://github.com/redis/docker-library-redis
  {
    repository: 'redis',
    user: 'redis',
    server: 'redis-server',
    client: 'redis-cli',
  },
  // https://github.com/valkey-io/valkey-container
  {
    repository: 'valkey/valkey',
    user: 'valkey',
    server: 'valkey-server',
    client: 'valkey-cli',
  },
];

/** @throws TradingStackError for an image that is not in the table */
export function redisLayout(image: Image, cache: IConstruct): RedisLayout {
  return requireLayout(image, LAYOUTS, cache, 'redis:7.4-alpine').layout;
}

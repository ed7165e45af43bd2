import type { SynthesizedSystem } from '../synthesized-system';

/** The user that each container runs as. */
export const USERS = {
  api_gateway_1: '1000:1000',
  api_gateway_2: '1000:1000',
  api_gateway_3: '1000:1000',
  websocket_service_1: '1000:1000',
  websocket_service_2: '1000:1000',
  strategy_service: '1000:1000',
  order_service: '1000:1000',
  analytics_service: '1000:1000',
  schema: '1000:1000',
  postgres: 'postgres',
  redis: 'redis',
  influxdb: 'influxdb',
  influxdb_buckets: 'influxdb',
  influxdb_analytics_service: 'influxdb',
  influxdb_strategy_service: 'influxdb',
  proxy: '101:101',
};
/** They exit with 0 before the others start. */
export const JOBS = ['schema', 'influxdb_buckets', 'influxdb_analytics_service', 'influxdb_strategy_service'];

/** Programs of the platform's own. */
export const OWN = Object.entries(USERS).flatMap(([name, user]) => (user === '1000:1000' ? [name] : []));

/** All services, without the jobs. */
export function running(one: SynthesizedSystem): string[] {
  return one.containers.map(({ name }) => one.serviceOf(String(name))).filter((name) => !JOBS.includes(name));
}

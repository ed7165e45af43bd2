import type { SynthesizedSystem } from '../synthesized-system';

/** The user that each container runs as; `node` is 1000. */
export const USERS = {
  api_gateway_1: 'node',
  api_gateway_2: 'node',
  api_gateway_3: 'node',
  websocket_service_1: 'node',
  websocket_service_2: 'node',
  strategy_service: 'node',
  order_service: 'node',
  analytics_service: 'node',
  schema: 'node',
  postgres: 'postgres',
  redis: 'redis',
  influxdb: 'influxdb',
  influxdb_buckets: 'influxdb',
  influxdb_analytics_service: 'influxdb',
  influxdb_strategy_service: 'influxdb',
  proxy: '101:101',
  websocket_proxy: '101:101',
};
/** They exit with 0 before the others start. */
export const JOBS = ['schema', 'influxdb_buckets', 'influxdb_analytics_service', 'influxdb_strategy_service'];

/** Programs of the platform's own. */
export const OWN = Object.entries(USERS).flatMap(([name, user]) => (user === 'node' ? [name] : []));

/** All services, without the jobs. */
export function running(one: SynthesizedSystem): string[] {
  return one.containers.map(({ name }) => one.serviceOf(String(name))).filter((name) => !JOBS.includes(name));
}

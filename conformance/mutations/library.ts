import { mutationsOf } from './mutation';

const security = mutationsOf('lib/engines/docker/render-security.ts');
const engine = mutationsOf('lib/engines/docker/docker-engine.ts');
const postgres = mutationsOf('lib/services/postgres/postgres-db.ts');
const redis = mutationsOf('lib/services/redis/settings.ts');
const nginx = mutationsOf('lib/services/nginx/route-directives.ts');
const page = mutationsOf('lib/services/nginx/configuration.ts');
const worker = mutationsOf('lib/services/app/background-worker.ts');
const panels = mutationsOf('lib/workload/connections/monitored.ts');
const dashboards = mutationsOf('lib/monitoring/grafana/dashboards/service-rows.ts');
const prometheus = mutationsOf('lib/monitoring/prometheus/prometheus.ts');
const secrets = mutationsOf('lib/platform/secrets/secret-store.ts');
const docker = mutationsOf('lib/engines/docker/render-container.ts');
const stack = mutationsOf('lib/trading-stack.ts');
const logging = mutationsOf('lib/workload/logging/logging.ts');
const service = mutationsOf('lib/engines/swarm/render-service.ts');
const broker = mutationsOf('lib/services/rabbitmq/rabbitmq-broker.ts');

export const LIBRARY_MUTATIONS = [
  security('S1-38', "'no-new-privileges:true'", "'no-new-privileges:false'"),
  engine('S0-42', "driver: 'bridge'", "driver: 'macvlan' as 'bridge'"),
  engine('S1-23', "driver: 'bridge'", "driver: 'macvlan' as 'bridge'"),
  engine('S2-19', "driver: 'bridge'", "driver: 'macvlan' as 'bridge'"),
  engine('S3-42', "driver: 'bridge'", "driver: 'macvlan' as 'bridge'"),
  postgres('S2-36', 'POSTGRES_DB: database', 'POSTGRES_DATABASE: database'),
  postgres('S0-32', 'POSTGRES_USER: user', 'POSTGRES_NAME: user'),
  postgres('S2-35', "'pg_isready', '-q', '-h', '127.0.0.1'", "'true', '-q', '-h', '127.0.0.1'"),
  redis('S0-37', "appendonly: appendOnly ? 'yes' : 'no'", "appendonly: appendOnly ? 'no' : 'yes'"),
  nginx('S2-13', "'$websocket' : '\"\"'", "'\"\"' : '$websocket'"),
  page('S2-12', 'try_files $uri /index.html;', 'try_files $uri =404;'),
  worker('S4-3', 'environment: { HEARTBEAT_FILE }', 'environment: {}'),
  panels('S1-28', 'process_resident_memory_bytes{job="$job"}', 'process_virtual_memory_bytes{job="$job"}'),
  dashboards('S1-30', "'Error Rates'", "'Errors'"),
  prometheus('S3-36', 'scrape_interval: prometheusDuration(this.scrapeInterval)', "scrape_interval: '60s'"),
  secrets('S4-29', "SECRETS_PATH = '/run/secrets'", "SECRETS_PATH = '/secrets'"),
  docker('S1-21', '{ wait: true, waitTimeout', '{ wait: false, waitTimeout'),
  docker('S4-31', '{ wait: true, waitTimeout', '{ wait: false, waitTimeout'),
  stack('S0-22', '?? RestartPolicy.unlessStopped()', '?? RestartPolicy.onFailure()'),
  stack('S0-30', '?? RestartPolicy.unlessStopped()', '?? RestartPolicy.onFailure()'),
  logging('S0-24', 'maximumFiles = 3', 'maximumFiles = 5'),
  logging('S1-40', 'Size.bytes(10_000_000)', 'Size.bytes(20_000_000)'),
  service('S0-60', 'fileName: literal(at),', "fileName: literal('/other'),"),
  broker('S3-61', "tags: ['administrator']", "tags: ['monitoring']"),
  docker('S4-32', 'memory: resources.memoryBytes / MEBI,', 'memory: 0,'),
  docker('S1-19', 'external: port.host', 'external: port.container'),
  docker('S1-44', 'tmpfs.length > 0', 'tmpfs.length > 9'),
  docker('S1-38', 'readOnly: readOnlyRootFilesystem,', 'readOnly: false,'),
  docker('S4-29', 'path: at, readOnly: true }', 'path: at, readOnly: false }'),
];

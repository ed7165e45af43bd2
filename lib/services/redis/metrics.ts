import { KNOWN, type MetricsAlert, withRunbooks } from '../../workload/connections/metrics-alert';
import type { MetricsPanel, MetricsSource } from '../../workload/connections/monitored';
import { Image } from '../../workload/images/image';
import { Secret } from '../../workload/secrets/secret';
import { Duration } from '../../workload/units/duration';
import type { Workload } from '../../workload/workload';
import { REDIS_PORT } from './settings';

/** The metrics of a Redis server, from an exporter that logs in with its password if it has one. */
export function redisMetrics(job: string, server: Workload, password: Secret | undefined): MetricsSource {
  const address = `redis://${server.host}:${REDIS_PORT}`;
  return {
    job,
    target: {
      kind: 'exporter',
      image: Image.fromRegistry('oliver006/redis_exporter:v1.88.0'),
      port: 9121,
      path: '/metrics',
      environment: {
        REDIS_ADDR: address,
        // The exporter holds the password, and its endpoint for other targets requires no authentication.
        REDIS_EXPORTER_DISABLE_SCRAPE_ENDPOINT: 'true',
      },
      // The exporter expects a map from addresses to passwords, not a plain password.
      secrets: (exporter) =>
        password === undefined
          ? {}
          : {
              REDIS_PASSWORD_FILE: Secret.derived(exporter, 'passwords.json', {
                parts: { password },
                compose: (contents) => JSON.stringify({ [address]: contents.password }),
              }),
            },
      uses: [server],
    },
    upQuery: 'redis_up{job="$job"}',
    panels: REDIS_PANELS,
    alerts: REDIS_ALERTS,
  };
}

// Zero is no limit.
const MEMORY = 'redis_memory_used_bytes{job="$job"} / (redis_memory_max_bytes{job="$job"} > 0)';
const REFUSED = 'redis_errors_total{job="$job", err=~"OOM|MISCONF"}';
const SAVES = '{__name__=~"redis_(rdb_last_bgsave|aof_last_write|aof_last_bgrewrite)_status", job="$job"}';

/** Metric names of redis_exporter: https://github.com/oliver006/redis_exporter */
const REDIS_PANELS: readonly MetricsPanel[] = [
  {
    title: 'Memory',
    query: MEMORY,
    legend: 'share of maxmemory',
    unit: 'percentunit',
    dashboard: 'resources',
  },
  {
    title: 'CPU (cores)',
    query:
      'rate(redis_cpu_user_seconds_total{job="$job"}[$__rate_interval]) + ' +
      'rate(redis_cpu_sys_seconds_total{job="$job"}[$__rate_interval])',
    legend: 'used',
    unit: 'short',
    dashboard: 'resources',
  },
  {
    title: 'Connections',
    query: 'redis_connected_clients{job="$job"}',
    legend: 'open',
    unit: 'short',
    dashboard: 'resources',
  },
  {
    title: 'Rejected writes',
    // Not a rate: the series starts with the first error, and a rate does not count that. It counts from zero before.
    query: `sum(${REFUSED}) or 0 * sum(redis_total_error_replies{job="$job"})`,
    legend: 'since it started',
    unit: 'short',
    dashboard: 'errors',
  },
  {
    title: 'Persistence',
    query: SAVES,
    legend: '{{__name__}}',
    unit: 'short',
    dashboard: 'errors',
  },
  {
    title: 'Commands',
    query: 'rate(redis_commands_processed_total{job="$job"}[$__rate_interval])',
    legend: 'a second',
    unit: 'ops',
  },
  {
    title: 'Hit ratio',
    // Without the condition it is NaN while there are no reads.
    query:
      'rate(redis_keyspace_hits_total{job="$job"}[$__rate_interval]) / (rate(redis_keyspace_hits_total{job="$job"}[$__rate_interval]) + rate(redis_keyspace_misses_total{job="$job"}[$__rate_interval]) > 0)',
    legend: 'hits',
    unit: 'percentunit',
  },
  {
    title: 'Evicted keys',
    query: 'rate(redis_evicted_keys_total{job="$job"}[$__rate_interval])',
    legend: 'a second',
    unit: 'ops',
    dashboard: 'resources',
  },
];

const REDIS_ALERTS: readonly MetricsAlert[] = withRunbooks([
  {
    name: 'ServiceRestarting',
    // Not the time of its start, which the exporter computes from the uptime in whole seconds: it varies by one.
    expr: 'resets(redis_uptime_in_seconds{job="$job"}[15m]) > $threshold',
    threshold: 2,
    [KNOWN]: { threshold: { unit: 'count', of: 'restarts in 15 minutes' } },
    severity: 'warning',
    summary: '$job keeps restarting',
    description:
      'Redis has restarted {{ $value }} times in 15 minutes. Its log says why: ' +
      '`npm run logs -- $stack $job --since 15m`. Exit code 137 means that it was killed, often for lack of memory: ' +
      'lower `maxMemory` or raise `resources.memory`.',
  },
  {
    name: 'RedisMemoryFull',
    // A server that evicts keys is full by design.
    expr:
      `${MEMORY} > $threshold ` + 'and on (instance) redis_instance_info{job="$job", maxmemory_policy="noeviction"}',
    threshold: 0.9,
    [KNOWN]: { threshold: { unit: 'share', of: 'of `maxMemory`' } },
    for: Duration.minutes(5),
    severity: 'warning',
    summary: '$job is almost full',
    description:
      'Redis uses {{ $value | humanizePercentage }} of its memory, and refuses writes when it is full. Delete keys, ' +
      'consume the queues, or raise `maxMemory` and `resources.memory`.',
  },
  {
    name: 'RedisRefusesWrites',
    // Not a rate: the series starts with the first error, and a rate does not count that.
    expr: `sum(${REFUSED}) > (sum(${REFUSED} offset 15m) or 0 * sum(redis_up{job="$job"}))`,
    severity: 'critical',
    summary: '$job refuses writes',
    description:
      'Redis answered writes with an error within 15 minutes: OOM means that its memory is full, MISCONF that it cannot ' +
      'save to its disk. Delete keys or raise `maxMemory` and `resources.memory`, or make room on the disk.',
  },
  {
    name: 'RedisNotSaving',
    expr: `min(${SAVES}) == 0`,
    for: Duration.minutes(5),
    severity: 'critical',
    summary: '$job cannot save to its disk',
    description:
      'A restart loses everything since the last save. The log of Redis says why: the disk is full, or there is too ' +
      'little memory for the copy that it saves.',
  },
  {
    name: 'RedisRejectsConnections',
    expr: 'increase(redis_rejected_connections_total{job="$job"}[5m]) > 0',
    severity: 'warning',
    summary: '$job rejects connections',
    description:
      'More clients connect than `maxclients` allows. See which ones they are: ' +
      '`npm run console -- $stack $job -- CLIENT LIST`. Let them close their connections, or raise the limit.',
  },
]);

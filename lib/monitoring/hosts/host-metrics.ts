import type { Construct } from 'constructs';
import { invalidValue } from '../../errors';
import type { OptionShapes } from '../../options/options';
import { Platform } from '../../platform/platform';
import { KNOWN, type MetricsAlert, withRunbooks } from '../../workload/connections/metrics-alert';
import { type MetricsPanel, type MetricsSource, UP } from '../../workload/connections/monitored';
import { Image } from '../../workload/images/image';
import { Duration } from '../../workload/units/duration';

/** Options of the metrics of the engine's machines. */
export interface HostOptions {
  /**
   * How many machines a Swarm has; each runs one exporter. On one host it is always 1.
   * @default 1
   */
  readonly nodes?: number;
}

/** How {@link HostOptions} are checked. */
export const HOST_OPTIONS: OptionShapes<HostOptions> = { nodes: 'number' };

const PORT = 9100;

/**
 * Docker mounts this file from the folder of its own data, where volumes and images are, into every container. So the
 * exporter sees how full that disk is without a folder of the machine.
 */
const ON_DISK_OF_DOCKER = 'mountpoint="/etc/hosts"';

/** What these collectors read in `/proc` is about the machine in a container too, so that nothing has to be mounted. */
const FLAGS: readonly string[] = [
  '--collector.disable-defaults',
  ...['cpu', 'diskstats', 'filesystem', 'loadavg', 'meminfo', 'stat', 'vmstat'].map((name) => `--collector.${name}`),
  '--collector.filesystem.mount-points-include=^/etc/hosts$',
];

/** The job, and the row on the dashboards. */
const JOB = 'host';

/**
 * The metrics of the engine's machine: CPU, memory, load, and the disk that Docker keeps its data on.
 * @throws TradingStackError unless `nodes` is a whole number, and for several of them without a Swarm of several machines
 */
export function hostMetrics(monitoring: Construct, { nodes = 1 }: HostOptions): MetricsSource {
  if (!Number.isInteger(nodes) || nodes < 1) {
    throw invalidValue(monitoring.node.path, 'host.nodes', nodes, 'a whole number, 1 or more');
  }
  if (nodes > 1 && !Platform.of(monitoring).engine.traits.hasRemoteNodes) {
    const allowed = '1: only a Swarm with the option `cluster` has several machines';
    throw invalidValue(monitoring.node.path, 'host.nodes', nodes, allowed);
  }
  return {
    job: JOB,
    target: {
      kind: 'exporter',
      image: Image.fromRegistry('prom/node-exporter:v1.12.1'),
      command: FLAGS,
      port: PORT,
      path: '/metrics',
      environment: {},
      secrets: () => ({}),
      uses: [],
      nodes,
    },
    upQuery: UP,
    panels: PANELS,
    alerts: ALERTS,
  };
}

const AVAILABLE = `node_filesystem_avail_bytes{job="$job",${ON_DISK_OF_DOCKER}}`;
const DISK_SIZE = `node_filesystem_size_bytes{job="$job",${ON_DISK_OF_DOCKER}}`;
const FREE_DISK = `${AVAILABLE} / ${DISK_SIZE}`;
const FREE_MEMORY = 'node_memory_MemAvailable_bytes{job="$job"} / node_memory_MemTotal_bytes{job="$job"}';
const CPU = '1 - avg by (instance) (rate(node_cpu_seconds_total{job="$job",mode="idle"}[$__rate_interval]))';
const MEMORY = `1 - ${FREE_MEMORY}`;
const DISK = `1 - ${FREE_DISK}`;

/** Metric names of node_exporter: https://github.com/prometheus/node_exporter */
const PANELS: readonly MetricsPanel[] = [
  { title: 'Machine', query: CPU, legend: 'CPU {{instance}}', unit: 'percentunit', dashboard: 'overview' },
  { title: 'Machine', query: MEMORY, legend: 'memory {{instance}}', unit: 'percentunit', dashboard: 'overview' },
  { title: 'Machine', query: DISK, legend: 'disk {{instance}}', unit: 'percentunit', dashboard: 'overview' },
  {
    title: 'Processes killed for lack of memory',
    query: 'increase(node_vmstat_oom_kill{job="$job"}[1h])',
    legend: '{{instance}}',
    unit: 'short',
    dashboard: 'errors',
  },
  { title: 'CPU', query: CPU, legend: '{{instance}}', unit: 'percentunit', dashboard: 'resources' },
  { title: 'Memory', query: MEMORY, legend: '{{instance}}', unit: 'percentunit', dashboard: 'resources' },
  { title: "Disk of Docker's data", query: DISK, legend: '{{instance}}', unit: 'percentunit', dashboard: 'resources' },
  {
    title: 'Load of each core',
    query:
      'node_load1{job="$job"} / on (instance) count by (instance) (node_cpu_seconds_total{job="$job",mode="idle"})',
    legend: '{{instance}}',
    unit: 'short',
    dashboard: 'resources',
  },
  {
    title: 'Time that disks are busy',
    query: 'rate(node_disk_io_time_seconds_total{job="$job"}[$__rate_interval])',
    legend: '{{instance}} {{device}}',
    unit: 'percentunit',
    dashboard: 'resources',
  },
];

const ALERTS: readonly MetricsAlert[] = withRunbooks([
  {
    name: 'HostDiskFillingUp',
    // A disk with much space fills up for a while after a deploy, and then no more.
    expr: `predict_linear(${AVAILABLE}[6h], 86400) < 0 and ${FREE_DISK} < $threshold`,
    threshold: 0.4,
    [KNOWN]: { threshold: { unit: 'share', of: 'of the disk that is free' } },
    for: Duration.minutes(30),
    severity: 'warning',
    summary: "The disk with Docker's data will be full within a day",
    description:
      'It has been filling up for 6 hours. `docker system df -v` shows what grows, and ' +
      '`npm run images -- --prune` removes old images and keeps what a rollback needs.',
  },
  {
    name: 'HostDiskFull',
    expr: `${FREE_DISK} < $threshold`,
    threshold: 0.1,
    [KNOWN]: { threshold: { unit: 'share', of: 'of the disk that is free' } },
    for: Duration.minutes(5),
    severity: 'critical',
    summary: "The disk with Docker's data is almost full",
    description:
      '{{ $value | humanizePercentage }} is free. Databases and brokers stop when there is no space left. Remove old images with ' +
      '`npm run images -- --prune`, which keeps what a rollback needs, and find large volumes with `docker system df -v`.',
  },
  {
    name: 'HostMemoryLow',
    expr: `${FREE_MEMORY} < $threshold`,
    threshold: 0.1,
    [KNOWN]: { threshold: { unit: 'share', of: 'of the memory that is available' } },
    for: Duration.minutes(10),
    severity: 'warning',
    summary: 'The machine has little memory left',
    description:
      '{{ $value | humanizePercentage }} is available. When memory runs out, the kernel kills a process. ' +
      '`docker stats` shows which service grows: lower its memory limit, or move it to another machine.',
  },
  {
    name: 'HostOutOfMemory',
    expr: 'increase(node_vmstat_oom_kill{job="$job"}[15m]) > 0',
    severity: 'warning',
    summary: 'A process was killed for lack of memory',
    description:
      'The machine or a container had no memory left. `npm run status -- $stack` shows which service was restarted: ' +
      'raise its memory limit, or give the machine more memory.',
  },
]);

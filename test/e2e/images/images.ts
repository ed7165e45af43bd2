/**
 * The images that the end-to-end tests need, each with the folder of its stand-in, which is built if neither
 * the engine nor a registry has the public image. A stand-in is the server itself, as Debian, Maven Central or Go's module proxy has it, behind the
 * public image's contract; only InfluxDB and Grafana, which Debian does not have, are imitations.
 */

/**
 * What a build needs in addition to its folder: a part of the machine (its npm, its CA bundle), which cannot be
 * committed, or a package of npm's registry or of Maven Central.
 */
export type Staged = 'npm' | 'ca-certificates.crt' | 'postgresql.tgz' | 'questdb.jar';

/** A public image and how to build its stand-in. */
export interface StandIn {
  /** The public name, which the stand-in gets too. */
  readonly name: string;
  /** Folder next to this file, with a Dockerfile. */
  readonly folder: string;
  /** The image that the Dockerfile starts from, provided first. */
  readonly base: string;
  /**
   * Version of the server in it, which the build checks: that of the name where it can be had, and the nearest otherwise.
   * `undefined` for an imitation.
   */
  readonly version: string | undefined;
  /** What the harness copies into the build context under the same names. */
  readonly stage?: readonly Staged[];
  /**
   * Whether only its own tests need it, which are skipped with a banner if it cannot be built.
   * @default false
   */
  readonly optional?: boolean;
  /** Further build arguments. */
  readonly arguments?: Readonly<Record<string, string>>;
}

/** The base image of every stand-in, created with `debootstrap`. */
export const BASE_IMAGE = 'debian:sid-slim';

/** The Node image, on which other stand-ins are based. */
const NODE_IMAGE = 'node:24-slim';

export const STAND_INS: readonly StandIn[] = [
  { name: NODE_IMAGE, folder: 'node', base: BASE_IMAGE, version: '24', stage: ['npm', 'ca-certificates.crt'] },
  // Debian sid's is 24.
  { name: 'node:22-alpine', folder: 'node-22', base: NODE_IMAGE, version: '22' },
  { name: 'python:3.14-slim', folder: 'python', base: BASE_IMAGE, version: '3.14', stage: ['ca-certificates.crt'] },
  // Debian sid has no 3.12.
  { name: 'python:3.12-slim', folder: 'python', base: BASE_IMAGE, version: '3.14', stage: ['ca-certificates.crt'] },
  { name: 'postgres:15-alpine', folder: 'postgres', base: BASE_IMAGE, version: '15' },
  {
    name: 'postgres:16-alpine',
    folder: 'postgres',
    base: BASE_IMAGE,
    version: '16',
    stage: ['postgresql.tgz'],
    arguments: { SOURCE: 'from a package of npm, with the clients of 18,' },
  },
  { name: 'postgres:17-alpine', folder: 'postgres', base: BASE_IMAGE, version: '17' },
  {
    name: 'postgres:18-alpine',
    folder: 'postgres',
    base: BASE_IMAGE,
    version: '18',
    arguments: { PGDATA: '/var/lib/postgresql/18/docker', VOLUME: '/var/lib/postgresql' },
  },
  // Debian has no Redis 7.
  { name: 'redis:7-alpine', folder: 'redis', base: BASE_IMAGE, version: '8.0' },
  { name: 'redis:7.4-alpine', folder: 'redis', base: BASE_IMAGE, version: '8.0' },
  { name: 'rabbitmq:4.3-management-alpine', folder: 'rabbitmq', base: BASE_IMAGE, version: '4.3' },
  { name: 'influxdb:2.9-alpine', folder: 'influxdb', base: NODE_IMAGE, version: undefined },
  // Maven Central has no newer one.
  {
    name: 'questdb/questdb:10.0.1',
    folder: 'questdb',
    base: BASE_IMAGE,
    version: '9.3',
    stage: ['questdb.jar'],
    optional: true,
  },
  // Debian does not have these versions of Prometheus, Alertmanager and the exporters.
  { name: 'prom/prometheus:v3.13.2', folder: 'prometheus', base: BASE_IMAGE, version: '3.5' },
  { name: 'prom/alertmanager:v0.35.0', folder: 'alertmanager', base: BASE_IMAGE, version: '0.33' },
  {
    name: 'quay.io/prometheuscommunity/postgres-exporter:v0.20.1',
    folder: 'postgres-exporter',
    base: BASE_IMAGE,
    version: '0.19',
  },
  { name: 'oliver006/redis_exporter:v1.88.0', folder: 'redis-exporter', base: BASE_IMAGE, version: '1.86' },
  { name: 'nginxinc/nginx-unprivileged:1.30-alpine-slim', folder: 'nginx', base: BASE_IMAGE, version: '1.30' },
  { name: 'nginx/nginx-prometheus-exporter:1.5.1', folder: 'nginx-exporter', base: BASE_IMAGE, version: '1.5' },
  { name: 'restic/restic:0.19.1', folder: 'restic', base: BASE_IMAGE, version: '0.19' },
  // Debian has no 1.12.
  { name: 'prom/node-exporter:v1.12.1', folder: 'node-exporter', base: BASE_IMAGE, version: '1.11' },
  {
    name: 'victoriametrics/victoria-logs:v1.52.2',
    folder: 'victoria-logs',
    base: BASE_IMAGE,
    version: '1.52.2',
    stage: ['ca-certificates.crt'],
    optional: true,
  },
  { name: 'grafana/grafana:12.4.9', folder: 'grafana', base: NODE_IMAGE, version: undefined },
];

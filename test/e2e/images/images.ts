/**
 * The images that the end-to-end tests need, each with the folder of its stand-in, which is built if neither
 * the engine nor a registry has the public image.
 */

/**
 * What a build needs in addition to its folder: the `shared` folder of the images, or a part of the machine (its
 * Node binary, its npm, its CA bundle), which cannot be committed.
 */
export type Staged = 'shared' | 'node' | 'npm' | 'ca-certificates.crt';

/** A public image and how to build its stand-in. */
export interface StandIn {
  /** The public name, which the stand-in gets too. */
  readonly name: string;
  /** Folder next to this file, with a Dockerfile. */
  readonly folder: string;
  /** The image that the Dockerfile starts from, provided first. */
  readonly base: string;
  /** What the harness copies into the build context under the same names. */
  readonly stage?: readonly Staged[];
}

/** The base image of every stand-in, created with `debootstrap`. */
export const BASE_IMAGE = 'debian:bookworm-slim';

/** The Node image, on which other stand-ins are based. */
const NODE_IMAGE = 'node:24-slim';

export const STAND_INS: readonly StandIn[] = [
  {
    name: NODE_IMAGE,
    folder: 'node',
    base: BASE_IMAGE,
    stage: ['node', 'npm', 'ca-certificates.crt'],
  },
  { name: 'postgres:15-alpine', folder: 'postgres', base: BASE_IMAGE },
  { name: 'postgres:16-alpine', folder: 'postgres', base: BASE_IMAGE },
  { name: 'postgres:17-alpine', folder: 'postgres', base: BASE_IMAGE },
  { name: 'redis:7.4-alpine', folder: 'redis', base: BASE_IMAGE },
  { name: 'rabbitmq:4.3-management-alpine', folder: 'rabbitmq', base: BASE_IMAGE },
  { name: 'influxdb:2.9-alpine', folder: 'influxdb', base: NODE_IMAGE },
  {
    name: 'prom/prometheus:v3.13.2',
    folder: 'prometheus',
    base: BASE_IMAGE,
    stage: ['shared'],
  },
  {
    name: 'quay.io/prometheuscommunity/postgres-exporter:v0.20.1',
    folder: 'postgres-exporter',
    base: BASE_IMAGE,
    stage: ['shared'],
  },
  {
    name: 'oliver006/redis_exporter:v1.88.0',
    folder: 'redis-exporter',
    base: BASE_IMAGE,
    stage: ['shared'],
  },
  { name: 'nginxinc/nginx-unprivileged:1.30-alpine-slim', folder: 'nginx', base: BASE_IMAGE },
  {
    name: 'nginx/nginx-prometheus-exporter:1.5.1',
    folder: 'nginx-exporter',
    base: BASE_IMAGE,
    stage: ['shared'],
  },
  { name: 'grafana/grafana:12.4.9', folder: 'grafana', base: NODE_IMAGE },
];

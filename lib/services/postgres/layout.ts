import type { IConstruct } from 'constructs';
import { invalidPath, invalidValue, TradingStackError } from '../../errors';
import type { Image } from '../../workload/images/image';
import { isWithin } from '../../workload/storage/mounts';
import { layoutUnknown, serverImage, type ServerImageLayout } from '../server-image';

/** Where an image keeps its data, and the user that it runs as. */
export interface PostgresLayout {
  /** Where the volume has to be mounted. */
  readonly mountPoint: string;
  readonly user: string;
}

/** How the user describes an image that is not in the table. */
export interface PostgresLayoutOptions {
  readonly majorVersion?: number | undefined;
  readonly dataDirectory?: string | undefined;
  readonly runAs?: string | undefined;
}

interface KnownLayout extends ServerImageLayout {
  /** Finds the major version of PostgreSQL in a tag. */
  readonly majorVersion: RegExp;
  readonly mountPoint: (majorVersion: number) => string;
}

/** Images with the user `postgres` and the entry point `docker-entrypoint.sh` of the official one. */
const LAYOUTS: readonly KnownLayout[] = [
  // https://github.com/docker-library/postgres, https://hub.docker.com/_/postgres ("PGDATA")
  { repository: 'postgres', majorVersion: /^(\d+)/, mountPoint: officialMountPoint },
  // FROM postgres: https://github.com/postgis/docker-postgis/blob/master/18-3.6/Dockerfile
  { repository: 'postgis/postgis', majorVersion: /^(\d+)-/, mountPoint: officialMountPoint },
  // FROM postgres: https://github.com/pgvector/pgvector/blob/master/Dockerfile
  { repository: 'pgvector/pgvector', majorVersion: /\bpg(\d+)/, mountPoint: officialMountPoint },
  // FROM postgres:<version>-alpine: https://github.com/timescale/timescaledb-docker/blob/main/Dockerfile
  { repository: 'timescale/timescaledb', majorVersion: /\bpg(\d+)/, mountPoint: officialMountPoint },
  // PGDATA is /home/postgres/pgdata/data: https://github.com/timescale/timescaledb-docker-ha/blob/master/Dockerfile
  { repository: 'timescale/timescaledb-ha', majorVersion: /\bpg(\d+)/, mountPoint: () => '/home/postgres/pgdata' },
];

/** From version 18 on the data is in a folder that is named after the version, and the volume is above it. */
function officialMountPoint(majorVersion: number): string {
  return majorVersion >= 18 ? '/var/lib/postgresql' : '/var/lib/postgresql/data';
}

/**
 * The layout of an image: that of the table, or that which the user describes with `dataDirectory` and `runAs`.
 * @throws TradingStackError if the layout or the version that decides on it is unknown, if a volume cannot be mounted at
 *   `dataDirectory`, and if the data would be outside of the volume
 */
export function postgresLayout(image: Image, options: PostgresLayoutOptions, database: IConstruct): PostgresLayout {
  const { path: where } = database.node;
  const { majorVersion, dataDirectory, runAs } = options;
  if (majorVersion !== undefined && !(Number.isInteger(majorVersion) && majorVersion >= 10)) {
    throw invalidValue(where, 'majorVersion', majorVersion, 'a whole number, 10 or more');
  }
  const { name, tag = '', layout } = serverImage(image, LAYOUTS, database);
  if (layout === undefined) {
    if (dataDirectory !== undefined && runAs !== undefined) {
      return { mountPoint: plainPath(dataDirectory, where), user: runAs };
    }
    throw layoutUnknown(where, name, LAYOUTS, {
      example: 'postgres:17-alpine',
      otherwise:
        "Otherwise set dataDirectory: '/var/lib/postgresql/data' and runAs: 'postgres', with the PGDATA that " +
        `\`docker image inspect -f '{{.Config.Env}}' ${name}\` prints and the user of its server; the image has to ` +
        'have docker-entrypoint.sh',
    });
  }
  const mountPoint = layout.mountPoint(majorVersion ?? majorVersionIn(tag, layout, name, where));
  if (dataDirectory !== undefined) checkDataDirectory(dataDirectory, mountPoint, where);
  return { mountPoint, user: 'postgres' };
}

/** @throws TradingStackError for a pulled image that is known not to contain TimescaleDB */
export function checkTimescaleImage(image: Image, database: IConstruct): void {
  const { name, layout } = serverImage(image, LAYOUTS, database);
  // A build, and an image that is only based on the known one, may add the extension.
  if (layout === undefined || image.pulledName !== name || layout.repository.startsWith('timescale/')) return;
  throw new TradingStackError(
    'image-version-unsupported',
    database.node.path,
    `the image ${name} does not contain TimescaleDB`,
    `Use Image.fromRegistry('${TIMESCALE_IMAGE}'), or build the extension into an image`,
  );
}

export const TIMESCALE_IMAGE = 'timescale/timescaledb:2.30.2-pg17';

/** The path without a slash at its end. It is part of the script that guards the data, which compares it with `PGDATA`. */
function plainPath(directory: string, where: string): string {
  const isPlain = /^(\/[\w.+-]+)+\/?$/.test(directory) && !/\/\.{1,2}(\/|$)/.test(directory);
  if (isPlain) return directory.replace(/\/$/, '');
  const allowed = "the absolute path of a folder below /, of letters, digits and . _ + -: '/srv/pgdata'";
  throw invalidPath(where, 'dataDirectory', directory, allowed);
}

function majorVersionIn(tag: string, layout: KnownLayout, name: string, where: string): number {
  const major = layout.majorVersion.exec(tag)?.[1];
  if (major !== undefined) return Number(major);
  throw new TradingStackError(
    'image-version-unknown',
    where,
    `the name of the image ${name} does not say which major version of PostgreSQL it contains`,
    'Set majorVersion, which decides where the volume is mounted',
  );
}

function checkDataDirectory(directory: string, mountPoint: string, where: string): void {
  if (isWithin(plainPath(directory, where), mountPoint)) return;
  throw new TradingStackError(
    'data-outside-volume',
    where,
    `dataDirectory '${directory}' is outside the volume, so the data would be lost with the container`,
    `Use ${mountPoint}, where the volume is mounted, or a folder below it`,
  );
}

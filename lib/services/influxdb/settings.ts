import type { IConstruct } from 'constructs';
import { invalidName, TradingStackError } from '../../errors';
import type { Image } from '../../workload/images/image';
import type { WorkloadOptions } from '../../workload/workload-props';
import { checkUsedVariables, checkVariables, type ReservedSetting } from '../server';
import { requireLayout, type ServerImageLayout } from '../server-image';

/** The HTTP API, the pages and the metrics. */
export const INFLUX_PORT = 8086;
/** The user of the image. */
export const INFLUX_USER = 'influxdb';

/** Variables that clients, the volumes or the setup depend on. */
const RESERVED_VARIABLES: readonly ReservedSetting[] = [
  {
    names: /^INFLUXD_((BOLT|ENGINE|SQLITE)_PATH|STORE)$/,
    replacement: 'Remove it, or set volume: outside of the volume the data is lost with the container',
  },
  {
    names: /^INFLUXD_(HTTP_BIND_ADDRESS|INIT_PORT)$/,
    replacement: 'Remove it: clients connect to 8086; to use another host port, set hostPort in `ports`',
  },
  {
    names: /^INFLUXD_TLS_(CERT|KEY)$/,
    replacement: 'Remove it: clients connect over plain HTTP; terminate TLS in a proxy instead',
  },
  {
    names: /^DOCKER_INFLUXDB_INIT_(USERNAME|PASSWORD|ORG|BUCKET|RETENTION|ADMIN_TOKEN)(_FILE)?$/,
    replacement: 'Use user, password, organization, bucket, retention or operatorToken',
  },
];

/** @throws TradingStackError for variables that the construct manages */
export function checkInfluxVariables(options: WorkloadOptions, where: string): void {
  checkVariables(options, RESERVED_VARIABLES, where);
  checkUsedVariables(options, { environment: RESERVED_VARIABLES, secrets: RESERVED_VARIABLES }, where);
}

// https://github.com/influxdata/influxdata-docker/tree/master/influxdb
const LAYOUTS: readonly ServerImageLayout[] = [{ repository: 'influxdb' }];

/** @throws TradingStackError for an image of unknown layout, and for one that is not known to be of version 2 */
export function checkInfluxImage(image: Image, server: IConstruct): void {
  const { path: where } = server.node;
  const { name, tag } = requireLayout(image, LAYOUTS, server, 'influxdb:2.9-alpine');
  if (tag !== undefined && /^2(\D|$)/.test(tag)) return;
  throw new TradingStackError(
    'image-version-unsupported',
    where,
    `the image ${name} is not InfluxDB 2 by its name; versions 1 and 3 have different APIs, variables and folders`,
    "Use an image of version 2, such as Image.fromRegistry('influxdb:2.9-alpine'), or run this one in a Workload",
  );
}

/** @throws TradingStackError unless InfluxDB accepts the name, and a shell script and a variable need no quoting */
export function checkInfluxName(name: string, property: string, where: string): void {
  if (/^[A-Za-z0-9][A-Za-z0-9_./-]*$/.test(name)) return;
  throw invalidName(where, property, name, 'letters, digits and, after the first character, . _ - /');
}

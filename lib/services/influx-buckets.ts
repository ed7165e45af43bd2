import { Construct } from 'constructs';
import { invalidValue, TradingStackError } from '../errors';
import type { Duration } from '../workload/duration';
import { type InfluxJobProps, influxJob } from './influx-job';
import type { Workload } from '../workload/workload';

/** A bucket of an {@link InfluxDb}: a set of points that are kept for the same time. */
export interface InfluxBucket {
  readonly name: string;
  /**
   * How long points are kept; an hour or more.
   * @default - for ever, or as long as was said before
   */
  readonly retention?: Duration;
}

/** Properties of {@link InfluxBuckets}. */
export interface InfluxBucketsProps extends InfluxJobProps {
  readonly buckets: readonly InfluxBucket[];
}

/**
 * A job that creates the buckets that the code names, and sets how long points are kept. Unlike the image's own set-up
 * it also works on a volume that has data: it runs again whenever they change. It deletes no bucket.
 */
export class InfluxBuckets extends Construct {
  readonly workload: Workload;

  constructor(scope: Construct, id: string, props: InfluxBucketsProps) {
    super(scope, id);
    this.workload = influxJob(this, props, { script: [...FUNCTION, ...props.buckets.map(statement), ''].join('\n') });
  }
}

const FUNCTION = [
  'bucket() {',
  '  name="$1"; shift',
  '  id="$(influx bucket list --name "$name" --hide-headers 2>/dev/null | cut -f 1)"',
  '  if [ -z "$id" ]; then influx bucket create --name "$name" "$@"',
  '  elif [ "$#" -gt 0 ]; then influx bucket update --id "$id" "$@"; fi',
  '}',
];

function statement({ name, retention }: InfluxBucket): string {
  return `bucket '${name}'${retention === undefined ? '' : ` --retention ${retention.toWholeSeconds()}s`}`;
}

/** @throws TradingStackError if a name is impossible or stands twice, or a retention is too short */
export function checkBuckets(buckets: readonly InfluxBucket[], where: string): void {
  const seen = new Set<string>();
  for (const { name, retention } of buckets) {
    checkInfluxName(name, 'the name of the bucket', where);
    if (seen.has(name)) {
      throw new TradingStackError(where, `the bucket '${name}' stands twice`, 'Leave one of them out');
    }
    if (retention !== undefined && retention.toWholeSeconds() < SHORTEST_RETENTION_SECONDS) {
      throw invalidValue(where, `the retention of '${name}'`, `${retention.toWholeSeconds()} s`, 'an hour or more');
    }
    seen.add(name);
  }
}

/** @throws TradingStackError unless InfluxDB, a variable and a shell take the name as it is */
export function checkInfluxName(name: string, what: string, where: string): void {
  if (/^[A-Za-z0-9][A-Za-z0-9_./-]*$/.test(name)) return;
  throw invalidValue(where, what, name, 'letters, digits, and . _ - / inside');
}

/** Source: https://docs.influxdata.com/influxdb/v2/admin/buckets/create-bucket/ */
const SHORTEST_RETENTION_SECONDS = 3600;

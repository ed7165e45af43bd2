import { Construct } from 'constructs';
import { invalidValue, TradingStackError } from '../../errors';
import { checkText, listOf } from '../../platform/plain-values';
import { checkDuration, type Duration } from '../../workload/units/duration';
import { ID_OF, type InfluxJobProps, influxJob } from './job';
import { objectLike } from '../../workload/object-like';
import type { Workload } from '../../workload/workload';

/** A bucket of an {@link InfluxDb}: a set of points that are kept for the same time. */
export interface InfluxBucket {
  readonly name: string;
  /**
   * How long points are kept; an hour or more, which is the least that InfluxDB takes. Shorter than before, older points
   * go.
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
    this.workload = influxJob(this, props, {
      script: `${ID_OF}${FUNCTION}${props.buckets.map((bucket) => `${statement(bucket)}\n`).join('')}`,
    });
  }
}

const FUNCTION = `bucket() {
  name="$1"; shift
  id="$(id_of bucket "$name")"
  if [ -z "$id" ]; then influx bucket create --name "$name" "$@"
  elif [ "$#" -gt 0 ]; then influx bucket update --id "$id" "$@"; fi
}
`;

function statement({ name, retention }: InfluxBucket): string {
  if (retention === undefined) return `bucket '${name}'`;
  const seconds = retention.toWholeSeconds();
  // Both at once: alone, a retention below the shard groups that the bucket has is refused, and a duration of shard
  // groups sets the retention back to the command's default (https://github.com/influxdata/influxdb/issues/24765).
  return `bucket '${name}' --retention ${seconds}s --shard-group-duration ${shardGroupSeconds(seconds)}s`;
}

/**
 * How much time the points of one file span, as InfluxDB itself chooses it for a new bucket: shardGroupDuration in
 * v1/services/meta/data.go of version 2, https://docs.influxdata.com/influxdb/v2/reference/internals/shards/
 */
function shardGroupSeconds(retention: number): number {
  if (retention >= 180 * DAY) return 7 * DAY;
  return retention >= 2 * DAY ? DAY : HOUR;
}

const HOUR = 3600;
const DAY = 24 * HOUR;

/** Buckets beside the first one, of which plain JavaScript may give their names alone. */
export const checkBucketList = listOf(objectLike("buckets: [{ name: 'ticks' }]"));

/** @throws TradingStackError if a name is impossible or stands twice, or a retention is too short */
export function checkBuckets(buckets: readonly InfluxBucket[], where: string): void {
  const seen = new Set<string>();
  for (const { name, retention } of buckets) {
    checkInfluxName(name, 'the name of the bucket', where);
    if (seen.has(name)) {
      throw new TradingStackError('invalid-value', where, `the bucket '${name}' stands twice`, 'Leave one of them out');
    }
    if (retention !== undefined) checkDuration(retention, `the retention of '${name}'`, where);
    if (retention !== undefined && retention.toWholeSeconds() < HOUR) {
      throw invalidValue(where, `the retention of '${name}'`, `${retention.toWholeSeconds()} s`, 'an hour or more');
    }
    seen.add(name);
  }
}

/** @throws TradingStackError unless InfluxDB, a variable and a shell take the name as it is */
export function checkInfluxName(name: string, what: string, where: string): void {
  checkText(name, what, where);
  if (/^[A-Za-z0-9][A-Za-z0-9_./-]*$/.test(name)) return;
  throw invalidValue(where, what, name, 'letters, digits, and . _ - / inside');
}

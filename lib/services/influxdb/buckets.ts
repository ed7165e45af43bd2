import { Construct } from 'constructs';
import { invalidValue, TradingStackError } from '../../errors';
import { type OptionShapes, required } from '../../options/options';
import { Duration } from '../../workload/units/duration';
import type { Workload } from '../../workload/workload';
import { ID_OF, type InfluxJobProps, influxJob } from './job';
import { checkInfluxName } from './settings';

/** A bucket of an {@link InfluxDb}: a set of points that share one retention. */
export interface InfluxBucket {
  readonly name: string;
  /**
   * How long points are kept; InfluxDB accepts an hour or more. A shorter retention than before deletes older points.
   * @default - forever, or the retention that the bucket already has
   */
  readonly retention?: Duration;
}

/** How the options of a bucket are checked. */
export const INFLUX_BUCKET: OptionShapes<InfluxBucket> = { name: required('string'), retention: Duration };

/** Properties of {@link InfluxBuckets}. */
export interface InfluxBucketsProps extends InfluxJobProps {
  readonly buckets: readonly InfluxBucket[];
}

/**
 * A job that creates the declared buckets and sets their retention. Unlike the image's own setup it also works on a volume
 * that has data: it runs again whenever the declarations change. It deletes no bucket.
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
  // Both at once: a retention below the existing shard group duration is rejected on its own, and a shard group duration
  // on its own resets the retention to the default (https://github.com/influxdata/influxdb/issues/24765).
  return `bucket '${name}' --retention ${seconds}s --shard-group-duration ${shardGroupSeconds(seconds)}s`;
}

/**
 * The time span of one shard group, as InfluxDB chooses it for a new bucket: shardGroupDuration in
 * v1/services/meta/data.go of version 2, https://docs.influxdata.com/influxdb/v2/reference/internals/shards/
 */
function shardGroupSeconds(retention: number): number {
  if (retention >= 180 * DAY) return 7 * DAY;
  return retention >= 2 * DAY ? DAY : HOUR;
}

const HOUR = 3600;
const DAY = 24 * HOUR;

/** @throws TradingStackError if a name is invalid or defined twice, or a retention is too short */
export function checkBuckets(buckets: readonly InfluxBucket[], where: string): void {
  const seen = new Set<string>();
  for (const { name, retention } of buckets) {
    checkInfluxName(name, 'the name of the bucket', where);
    if (seen.has(name)) {
      const what = `the bucket '${name}' is defined twice`;
      throw new TradingStackError('duplicate-name', where, what, 'Remove or rename one of them');
    }
    if (retention !== undefined && retention.toWholeSeconds() < HOUR) {
      throw invalidValue(where, `the retention of '${name}'`, `${retention.toWholeSeconds()} s`, 'an hour or more');
    }
    seen.add(name);
  }
}

import { invalidValue, TradingStackError, wrongSpelling } from '../../errors';
import type { UpdateSpec, WorkloadSpec } from '../../platform/spec';
import { timeToNoticeFailure } from '../health/timing';
import { checkDuration, Duration } from '../units/duration';
import { isA } from '../is-a';

/** Options of an {@link UpdatePolicy}. */
export interface UpdateOptions {
  /**
   * How many replicas are replaced at a time.
   * @default 1
   */
  readonly parallelism?: number;
  /**
   * Time between one replica, or as many as are replaced at a time, and the next.
   * @default Duration.seconds(0)
   */
  readonly delay?: Duration;
  /**
   * What a replica that fails does to the update: all go back to what ran before, or it stops where it is, or it goes
   * on.
   * @default 'rollback'
   */
  readonly onFailure?: 'rollback' | 'pause' | 'continue';
  /**
   * Time after a replica is healthy in which a failure of it is one of the update.
   * @default - as long as it takes to stop one that hangs: all tries of its health check, each with its interval and
   *   timeout, its `stopGracePeriod`, and five seconds
   */
  readonly monitor?: Duration;
}

const ON_FAILURE: readonly string[] = ['rollback', 'pause', 'continue'];

/** The fields of a specification that an update depends on. */
type Updated = Pick<
  WorkloadSpec,
  'path' | 'replicas' | 'volumes' | 'ports' | 'healthCheck' | 'placement' | 'stopGracePeriodSeconds'
>;

/**
 * How a Swarm puts a new version in the place of the old one.
 *
 * @example
 * updatePolicy: UpdatePolicy.startFirst({ delay: Duration.seconds(10) })
 */
export class UpdatePolicy {
  /** The old one is stopped when the new one is healthy: somebody answers all the time, and for a while both run. */
  static startFirst(options: UpdateOptions = {}): UpdatePolicy {
    return new UpdatePolicy('start-first', options);
  }

  /** The new one is started when the old one has stopped: there are never two, and for a while there is none. */
  static stopFirst(options: UpdateOptions = {}): UpdatePolicy {
    return new UpdatePolicy('stop-first', options);
  }

  /**
   * What a workload has that says nothing. Replicas say that several may run at once, so their new ones start first.
   * Of one a second might trade twice, and it is stopped first. So are those of which a node has no more than a number:
   * where every node has that many, a new one has nowhere to go, and a Swarm would wait for it without end.
   */
  static for(workload: Updated): UpdatePolicy {
    const { replicas, placement } = workload;
    const canOverlap = replicas > 1 && placement.replicasPerNode === null && exclusiveOf(workload) === undefined;
    return canOverlap ? UpdatePolicy.startFirst() : UpdatePolicy.stopFirst();
  }

  private constructor(
    private readonly order: UpdateSpec['order'],
    private readonly options: UpdateOptions,
  ) {
    const { parallelism = 1, delay, onFailure = 'rollback', monitor } = options;
    if (!Number.isInteger(parallelism) || parallelism < 1) {
      throw invalidValue('UpdatePolicy', 'parallelism', parallelism, 'a whole number, 1 or more');
    }
    if (!ON_FAILURE.includes(onFailure)) {
      throw invalidValue('UpdatePolicy', 'onFailure', onFailure, `one of ${ON_FAILURE.join(', ')}`);
    }
    if (delay !== undefined) checkDuration(delay, 'delay', 'UpdatePolicy');
    if (monitor !== undefined) checkDuration(monitor, 'monitor', 'UpdatePolicy');
  }

  /**
   * The policy as the engines take it.
   * @throws TradingStackError if the new one cannot start beside the old one
   */
  toSpec(workload: Updated): UpdateSpec {
    const { parallelism = 1, delay = Duration.seconds(0), onFailure = 'rollback', monitor } = this.options;
    if (this.order === 'start-first') refuseToOverlap(workload);
    return {
      order: this.order,
      parallelism,
      delayMilliseconds: delay.toMilliseconds(),
      onFailure,
      monitorMilliseconds: monitor?.toMilliseconds() ?? timeToNoticeFailure(workload),
    };
  }
}

/** What two at the same time cannot have. */
function exclusiveOf({ volumes, ports }: Updated): string | undefined {
  const alone = volumes.find(({ exclusive }) => exclusive);
  const [port] = ports;
  return alone ? `the volume ${alone.volume}` : port && `the host port ${port.host}`;
}

function refuseToOverlap(workload: Updated): void {
  const exclusive = exclusiveOf(workload);
  if (exclusive === undefined) return;
  const what = `its new version cannot start before the old one has stopped: both would have ${exclusive}`;
  throw new TradingStackError(
    'invalid-value',
    workload.path,
    what,
    'Use UpdatePolicy.stopFirst, or leave `updatePolicy` out',
  );
}

/** @throws TradingStackError for what only plain JavaScript can give: `'start-first'` */
export function checkUpdatePolicy(given: unknown, property: string, where: string): void {
  if (isA(UpdatePolicy, given)) return;
  const order = given === 'start-first' ? 'startFirst' : 'stopFirst';
  throw wrongSpelling(where, property, given, `${property}: UpdatePolicy.${order}()`);
}

import { invalidValue, TradingStackError } from '../../errors';
import { checkOptions, type OptionShapes } from '../../options/options';
import { type UpdateSpec, type WorkloadSpec } from '../../platform/spec';
import { timeToNoticeFailure } from '../health/timing';
import { Duration } from '../units/duration';

/** Options of an {@link UpdatePolicy}. */
export interface UpdateOptions {
  /**
   * How many replicas are replaced at a time.
   * @default 1
   */
  readonly parallelism?: number;
  /**
   * Pause between one batch of replicas and the next.
   * @default Duration.seconds(0)
   */
  readonly delay?: Duration;
  /**
   * What happens when a new replica fails: all replicas are rolled back, or the update pauses, or it continues.
   * @default 'rollback'
   */
  readonly onFailure?: 'rollback' | 'pause' | 'continue';
  /**
   * Time after a replica becomes healthy in which its failure counts as a failure of the update.
   * @default - as long as it takes to stop a replica that hangs: all retries of its health check, each with its
   *   interval and timeout, its `stopGracePeriod`, and five seconds
   */
  readonly monitor?: Duration;
}

const UPDATE_OPTIONS: OptionShapes<UpdateOptions> = {
  parallelism: 'number',
  delay: Duration,
  onFailure: 'string',
  monitor: Duration,
};

const ON_FAILURE: readonly string[] = ['rollback', 'pause', 'continue'];

/** The fields of a specification that an update depends on. */
type Updated = Pick<
  WorkloadSpec,
  'path' | 'replicas' | 'volumes' | 'ports' | 'healthCheck' | 'placement' | 'stopGracePeriodSeconds'
>;

/**
 * How a Swarm replaces the old version of a service with the new one.
 *
 * @example
 * updatePolicy: UpdatePolicy.startFirst({ delay: Duration.seconds(10) })
 */
export class UpdatePolicy {
  /**
   * Stops the old replica when the new one is healthy. The service stays available, and both run for a while.
   * @throws TradingStackError if an option does not exist or is out of range
   */
  static startFirst(options: UpdateOptions = {}): UpdatePolicy {
    return new UpdatePolicy('start-first', options);
  }

  /**
   * Starts the new replica when the old one has stopped. They never run at the same time, and for a while neither does.
   * @throws TradingStackError if an option does not exist or is out of range
   */
  static stopFirst(options: UpdateOptions = {}): UpdatePolicy {
    return new UpdatePolicy('stop-first', options);
  }

  /**
   * The policy of a workload that sets none. Several replicas may run at once by definition, so the new one starts
   * first. A second instance of a single one might trade twice, so the old one stops first. The same goes for a limit of
   * replicas per node: if every node has reached it, a Swarm would wait forever for a place for the new one.
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
    checkOptions(options, UPDATE_OPTIONS, 'UpdatePolicy');
    const { parallelism = 1, onFailure = 'rollback' } = options;
    if (!Number.isInteger(parallelism) || parallelism < 1) {
      throw invalidValue('UpdatePolicy', 'parallelism', parallelism, 'a whole number, 1 or more');
    }
    if (!ON_FAILURE.includes(onFailure)) {
      throw invalidValue('UpdatePolicy', 'onFailure', onFailure, `one of ${ON_FAILURE.join(', ')}`);
    }
  }

  /**
   * The policy for the engines.
   * @throws TradingStackError if the old and the new replica cannot run at the same time
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

/** The resources that only one of two running replicas can have. */
function exclusiveOf({ volumes, ports }: Updated): string | undefined {
  const volume = volumes.find(({ exclusive }) => exclusive);
  const [port] = ports;
  return volume ? `the volume ${volume.volume}` : port && `the host port ${port.host}`;
}

function refuseToOverlap(workload: Updated): void {
  const exclusive = exclusiveOf(workload);
  if (exclusive === undefined) return;
  throw new TradingStackError(
    'update-conflict',
    workload.path,
    `the new version cannot start before the old one has stopped, as only one of them can have ${exclusive}`,
    'Use UpdatePolicy.stopFirst(), or remove `updatePolicy`',
  );
}

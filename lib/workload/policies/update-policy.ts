import { invalidValue, TradingStackError, unsupported } from '../../errors';
import { checkOptions, type OptionShapes } from '../../options/options';
import type { ContainerEngine } from '../../platform/container-engine';
import { isProbed, type UpdateSpec, type WorkloadSpec } from '../../platform/spec';
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
   * What happens when a new replica fails: all replicas are rolled back, or the update pauses, or it continues. The Docker
   * engine can only pause: with {@link UpdatePolicy.startFirst}, the old replica goes on serving.
   * @default 'rollback' on a Swarm, 'pause' on the Docker engine
   */
  readonly onFailure?: 'rollback' | 'pause' | 'continue';
  /**
   * Time after a replica becomes healthy in which its failure counts as a failure of the update. Swarm only.
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
  'path' | 'replicas' | 'volumes' | 'ports' | 'hostPorts' | 'healthCheck' | 'placement' | 'stopGracePeriodSeconds'
>;

/**
 * How a deploy replaces the old version of a service with the new one. A Swarm carries it out itself; on the Docker engine
 * the command line does.
 *
 * @example
 * updatePolicy: UpdatePolicy.startFirst({ delay: Duration.seconds(10) })
 */
export class UpdatePolicy {
  /**
   * Stops the old replica when the new one is healthy. The service stays available, and both run for a while: the program
   * must start to listen only when it can answer, and must finish its requests when it gets SIGTERM.
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
   * Like {@link startFirst}, except that a service of which only one can run at a time is stopped first: one with a host
   * port, with a volume of its own, or, on the Docker engine, without a health check. This is the default of roles that only
   * answer requests, such as {@link ApiGateway}.
   * @throws TradingStackError if an option does not exist or is out of range
   */
  static startFirstIfPossible(options: UpdateOptions = {}): UpdatePolicy {
    return new UpdatePolicy('start-first-if-possible', options);
  }

  /**
   * The policy of a workload that sets none. Several replicas may run at once by definition, so the new one starts
   * first. A second instance of a single one might trade twice, so the old one stops first.
   */
  static for(workload: Pick<WorkloadSpec, 'replicas'>): UpdatePolicy {
    return workload.replicas > 1 ? UpdatePolicy.startFirstIfPossible() : UpdatePolicy.stopFirst();
  }

  private constructor(
    private readonly order: UpdateSpec['order'] | 'start-first-if-possible',
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
   * @throws TradingStackError if the old and the new replica cannot run at the same time, or if the engine does not support
   *   an option
   */
  toSpec(workload: Updated, engine: UpdatingEngine): UpdateSpec {
    const { carriesOutUpdates } = engine.traits;
    if (!carriesOutUpdates) this.refuseOptionsOfSwarm(workload.path, engine);
    const { parallelism = 1, delay = Duration.seconds(0), monitor } = this.options;
    const { onFailure = carriesOutUpdates ? 'rollback' : 'pause' } = this.options;
    return {
      order: this.orderFor(workload, engine),
      parallelism,
      delayMilliseconds: delay.toMilliseconds(),
      onFailure,
      monitorMilliseconds: monitor?.toMilliseconds() ?? timeToNoticeFailure(workload),
    };
  }

  private orderFor(workload: Updated, engine: UpdatingEngine): UpdateSpec['order'] {
    // Without a health check only a Swarm, which watches its replicas, notices that the new one does not work.
    const isUnchecked = !engine.traits.carriesOutUpdates && !isProbed(workload.healthCheck);
    if (this.order === 'start-first') {
      refuseToOverlap(workload);
      if (isUnchecked) {
        const hint = 'Set `healthCheck`, or use UpdatePolicy.stopFirst()';
        throw unsupported(workload.path, engine.name, 'UpdatePolicy.startFirst without a health check', hint);
      }
      return 'start-first';
    }
    if (this.order === 'stop-first' || isUnchecked) return 'stop-first';
    // If every node has reached the limit, a Swarm would wait forever for a place for the new replica.
    const isLimited = workload.placement.replicasPerNode !== null;
    return isLimited || exclusiveOf(workload) !== undefined ? 'stop-first' : 'start-first';
  }

  private refuseOptionsOfSwarm(where: string, { name }: UpdatingEngine): void {
    const { onFailure, monitor } = this.options;
    if (onFailure !== undefined && onFailure !== 'pause') {
      const hint =
        'Remove `onFailure` from `updatePolicy`: the update stops, and with startFirst the old version serves';
      throw unsupported(where, name, `onFailure: '${onFailure}' of an update policy`, hint);
    }
    if (monitor !== undefined) {
      const hint = 'Remove `monitor` from `updatePolicy`, or use a stricter `healthCheck`';
      throw unsupported(where, name, 'monitor of an update policy', hint);
    }
  }
}

/** What an update policy depends on. */
type UpdatingEngine = Pick<ContainerEngine, 'name' | 'traits'>;

/** The resources that only one of two running replicas can have. */
function exclusiveOf({
  volumes,
  ports,
  hostPorts,
}: Pick<Updated, 'volumes' | 'ports' | 'hostPorts'>): string | undefined {
  const volume = volumes.find(({ exclusive }) => exclusive);
  const [port] = [...ports.map(({ host }) => host), ...hostPorts];
  if (volume) return `the volume ${volume.volume}`;
  return port === undefined ? undefined : `the host port ${port}`;
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

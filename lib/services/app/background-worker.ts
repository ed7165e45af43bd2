import { Construct } from 'constructs';
import { invalidValue } from '../../errors';
import { checkOptions, type OptionShapes } from '../../options/options';
import type { Connection, IConnectable } from '../../workload/connections/connection';
import { warnOfEviction } from '../../workload/connections/eviction';
import { Duration } from '../../workload/units/duration';
import { HealthCheck } from '../../workload/health/health-check';
import { UNPRIVILEGED } from '../../workload/policies/security';
import { Size } from '../../workload/units/size';
import { Workload } from '../../workload/workload';
import { WORKLOAD_PROPS, type WorkloadProps } from '../../workload/workload-props';

/** Properties of a {@link BackgroundWorker}. */
export interface BackgroundWorkerProps extends WorkloadProps {
  /**
   * Longest time between two heartbeats.
   * @default Duration.minutes(1)
   */
  readonly heartbeatWithin?: Duration;
}

const BACKGROUND_WORKER_PROPS: OptionShapes<BackgroundWorkerProps> = { ...WORKLOAD_PROPS, heartbeatWithin: Duration };

/** `/tmp` is in memory, so it is writable on a read-only root file system. */
const HEARTBEAT_FILE = '/tmp/heartbeat';

/**
 * A program of yours without an HTTP interface, which takes its work from a queue or a feed. It is healthy while it keeps
 * touching the file named in `HEARTBEAT_FILE`. It runs as the `USER` of the Dockerfile that is built, otherwise as user
 * 1000, on a read-only root file system with `/tmp` in memory.
 *
 * @example
 * new BackgroundWorker(stack, 'order_service', { image, uses: [database, queue] });
 */
export class BackgroundWorker extends Construct implements IConnectable {
  readonly workload: Workload;

  /** @throws TradingStackError for an option that the engine would refuse or that could not work */
  constructor(scope: Construct, id: string, props: BackgroundWorkerProps) {
    super(scope, id);
    checkOptions(props, BACKGROUND_WORKER_PROPS, this.node.path);
    const { heartbeatWithin = Duration.minutes(1) } = props;
    if (heartbeatWithin.toWholeSeconds() === 0) {
      throw invalidValue(
        this.node.path,
        'heartbeatWithin',
        '0s',
        'a second or more: with less, it would never be healthy',
      );
    }
    this.workload = new Workload(this, 'Default', props, {
      environment: { HEARTBEAT_FILE },
      minimum: { memory: Size.mebibytes(32) },
      defaults: {
        healthCheck: HealthCheck.heartbeatFile(HEARTBEAT_FILE, { maximumAge: heartbeatWithin }),
        ...UNPRIVILEGED,
      },
    });
    warnOfEviction(this, props.uses);
  }

  /** Only start order: there is nothing to connect to. */
  connection(): Connection {
    return this.workload.connection();
  }
}

import { Construct } from 'constructs';
import { invalidValue } from '../../errors';
import type { Connection, IConnectable } from '../../workload/connections/connection';
import { checkDuration, Duration } from '../../workload/units/duration';
import { HealthCheck } from '../../workload/health/health-check';
import { UNPRIVILEGED } from '../../workload/policies/security';
import { Size } from '../../workload/units/size';
import { Workload } from '../../workload/workload';
import type { WorkloadProps } from '../../workload/workload-props';

/** Properties of a {@link BackgroundWorker}. */
export interface BackgroundWorkerProps extends WorkloadProps {
  /**
   * Longest time between two signs of life.
   * @default Duration.minutes(1)
   */
  readonly heartbeatWithin?: Duration;
}

/** In memory, so that a root file system that is read-only does not matter. */
const HEARTBEAT_FILE = '/tmp/heartbeat';

/**
 * A program of yours that nobody calls: it takes its work from a queue or a feed. It is healthy as long as it touches
 * the file that `HEARTBEAT_FILE` names. It runs as user 1000 on a read-only root file system with `/tmp` in memory.
 *
 * @example
 * new BackgroundWorker(stack, 'order_service', { image, uses: [database, queue] });
 */
export class BackgroundWorker extends Construct implements IConnectable {
  readonly workload: Workload;

  /** @throws TradingStackError for anything that the engine would refuse or that could not work */
  constructor(scope: Construct, id: string, props: BackgroundWorkerProps) {
    super(scope, id);
    const { heartbeatWithin = Duration.minutes(1) } = props;
    checkDuration(heartbeatWithin, 'heartbeatWithin', this.node.path);
    if (heartbeatWithin.toWholeSeconds() === 0)
      throw invalidValue(this.node.path, 'heartbeatWithin', '0s', 'a second or more: with less it is never healthy');
    this.workload = new Workload(this, 'Default', props, {
      environment: { HEARTBEAT_FILE },
      minimum: { memory: Size.mebibytes(32) },
      defaults: {
        healthCheck: HealthCheck.heartbeatFile(HEARTBEAT_FILE, { maximumAge: heartbeatWithin }),
        ...UNPRIVILEGED,
      },
    });
  }

  /** Start order alone: there is nothing to connect to. */
  connection(): Connection {
    return this.workload.connection();
  }
}

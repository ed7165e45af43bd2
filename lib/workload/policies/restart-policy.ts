import { invalidValue } from '../../errors';
import { checkOptions, type OptionShapes } from '../../options/options';
import type { RestartSpec } from '../../platform/spec';

/** Options of {@link RestartPolicy.always} and {@link RestartPolicy.unlessStopped}. */
export interface RestartOptions {
  /**
   * Whether a container on the Docker engine is restarted, too, when it is unhealthy: when its health check has failed
   * as often as its `retries` say. The program gets the stop signal, and is killed after `stopGracePeriod`. A Swarm
   * always replaces unhealthy containers, with this option or without.
   *
   * A container that has not been healthy since its start is restarted after 5 minutes, and not before a deploy would
   * stop waiting for it. A server with data, which may be in recovery, is not. The container needs a health check of its
   * own, `/bin/sh` in the image, and the init process and `/dev/shm` that it has by default.
   *
   * As an option of a stack, it leaves out containers that lack one of these, and servers with data; set it on their
   * constructs to restart them as well.
   * @default false
   */
  readonly whenUnhealthy?: boolean;
}

const OPTIONS: OptionShapes<RestartOptions> = { whenUnhealthy: 'boolean' };

/**
 * What the engine does when a workload exits. The Docker engine restarts a container whose health check fails only with
 * `whenUnhealthy`.
 *
 * @example
 * RestartPolicy.unlessStopped({ whenUnhealthy: true })
 */
export class RestartPolicy {
  /**
   * Restarts it after every exit and when the daemon starts, unless it was stopped manually.
   * @throws TradingStackError for an unknown option
   */
  static unlessStopped(options: RestartOptions = {}): RestartPolicy {
    checkOptions(options, OPTIONS, 'RestartPolicy.unlessStopped');
    return new RestartPolicy('unless-stopped', options);
  }

  /**
   * Restarts it after every exit.
   * @throws TradingStackError for an unknown option
   */
  static always(options: RestartOptions = {}): RestartPolicy {
    checkOptions(options, OPTIONS, 'RestartPolicy.always');
    return new RestartPolicy('always', options);
  }

  /**
   * Restarts it after an exit code other than 0.
   * @param maximumRetries limit of restarts; unlimited if it is left out
   * @throws TradingStackError unless the limit is a whole number, 1 or more
   */
  static onFailure(maximumRetries?: number): RestartPolicy {
    if (maximumRetries !== undefined && (!Number.isInteger(maximumRetries) || maximumRetries < 1)) {
      throw invalidValue('RestartPolicy.onFailure', 'maximumRetries', maximumRetries, 'a whole number, 1 or more');
    }
    return new RestartPolicy('on-failure', {}, maximumRetries);
  }

  /** Does not restart it. */
  static never(): RestartPolicy {
    return new RestartPolicy('no');
  }

  private constructor(
    private readonly condition: RestartSpec['condition'],
    private readonly options: RestartOptions = {},
    private readonly maximumRetries?: number,
  ) {}

  /** The policy for the engines. */
  toSpec(): RestartSpec {
    const { condition, maximumRetries = null } = this;
    return { condition, maximumRetries, whenUnhealthy: this.options.whenUnhealthy === true ? 'always' : 'never' };
  }
}

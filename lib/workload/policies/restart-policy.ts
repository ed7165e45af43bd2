import { invalidValue } from '../../errors';
import type { RestartSpec } from '../../platform/spec';

/**
 * What the engine does when a workload exits. The Docker engine restarts a container only when it exits, not when its
 * health check fails.
 *
 * @example
 * RestartPolicy.onFailure(5)
 */
export class RestartPolicy {
  /** Restarts it after every exit and when the daemon starts, unless it was stopped manually. */
  static unlessStopped(): RestartPolicy {
    return new RestartPolicy({ condition: 'unless-stopped', maximumRetries: null });
  }

  /** Restarts it after every exit. */
  static always(): RestartPolicy {
    return new RestartPolicy({ condition: 'always', maximumRetries: null });
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
    return new RestartPolicy({ condition: 'on-failure', maximumRetries: maximumRetries ?? null });
  }

  /** Does not restart it. */
  static never(): RestartPolicy {
    return new RestartPolicy({ condition: 'no', maximumRetries: null });
  }

  private constructor(private readonly spec: RestartSpec) {}

  /** The policy for the engines. */
  toSpec(): RestartSpec {
    return this.spec;
  }
}

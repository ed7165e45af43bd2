import { invalidValue, wrongSpelling } from '../../errors';
import type { RestartSpec } from '../../platform/spec';
import { isA } from '../is-a';

/**
 * What the engine does when a workload ends. A plain engine restarts on exit only, never because a health check fails.
 *
 * @example
 * RestartPolicy.onFailure(5)
 */
export class RestartPolicy {
  /** Again after every end and after a restart of the daemon, unless somebody stopped it by hand. */
  static unlessStopped(): RestartPolicy {
    return new RestartPolicy({ condition: 'unless-stopped', maximumRetries: null });
  }

  /** Again after every end. */
  static always(): RestartPolicy {
    return new RestartPolicy({ condition: 'always', maximumRetries: null });
  }

  /**
   * Again after an exit code other than 0.
   * @param maximumRetries how often at most; without it, for ever
   * @throws TradingStackError if that is no whole number from 1
   */
  static onFailure(maximumRetries?: number): RestartPolicy {
    if (maximumRetries !== undefined && (!Number.isInteger(maximumRetries) || maximumRetries < 1)) {
      throw invalidValue('RestartPolicy.onFailure', 'maximumRetries', maximumRetries, 'a whole number, 1 or more');
    }
    return new RestartPolicy({ condition: 'on-failure', maximumRetries: maximumRetries ?? null });
  }

  /** Never. */
  static never(): RestartPolicy {
    return new RestartPolicy({ condition: 'no', maximumRetries: null });
  }

  private constructor(private readonly spec: RestartSpec) {}

  /** The policy as the engines take it. */
  toSpec(): RestartSpec {
    return this.spec;
  }
}

/** @throws TradingStackError for what only plain JavaScript can give: Compose's `'always'` */
export function checkRestartPolicy(given: unknown, property: string, where: string): void {
  if (isA(RestartPolicy, given)) return;
  const spelled = typeof given === 'string' ? COMPOSE_POLICIES.get(given) : undefined;
  throw wrongSpelling(where, property, given, `${property}: RestartPolicy.${spelled ?? 'unlessStopped()'}`);
}

const COMPOSE_POLICIES: ReadonlyMap<string, string> = new Map([
  ['no', 'never()'],
  ['always', 'always()'],
  ['on-failure', 'onFailure()'],
  ['unless-stopped', 'unlessStopped()'],
]);

import { NO_CACHE_VARIABLE } from '../../internal';

/** Options of a plan. */
export interface PlanOptions {
  readonly destroy?: boolean;
  /** Addresses of resources to replace although nothing about them changed. */
  readonly replace?: readonly string[];
  /**
   * Whether to compare the state with the engine first.
   * @default - unless neither has changed since the last time
   */
  readonly refresh?: boolean;
  /** Whether images that are built or replaced are built without the cache of the builder. */
  readonly noCache?: boolean;
  /** Addresses of the only resources to plan, with those they depend on. */
  readonly targets?: readonly string[];
  /** Whether it is a part of a plan that was shown before, with its warnings. */
  readonly isStep?: boolean;
  /**
   * Whether the state is locked meanwhile. A plan that is only shown needs no lock, and must not stop a deploy.
   * @default true
   */
  readonly locks?: boolean;
}

/**
 * What is under way waits for others, such as a plan on another machine. Only its first step does not, so that a lock that
 * stays is reported before anything has been changed.
 */
export const WAIT_FOR_LOCK = '-lock-timeout=2m';

/** The options as Terraform's command line takes them. */
export function wordsOf({
  destroy,
  refresh,
  replace = [],
  noCache,
  targets = [],
  isStep,
  locks,
}: PlanOptions): string[] {
  return [
    ...(locks === false ? ['-lock=false'] : []),
    ...(isStep ? [WAIT_FOR_LOCK] : []),
    ...(destroy ? ['-destroy'] : []),
    ...(refresh === false ? ['-refresh=false'] : []),
    ...(noCache ? [`-var=${NO_CACHE_VARIABLE}=true`] : []),
    ...replace.map((address) => `-replace=${address}`),
    ...targets.map((address) => `-target=${address}`),
  ];
}

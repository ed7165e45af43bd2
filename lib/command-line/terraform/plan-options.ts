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
  /** Addresses of the only resources to plan, with those they depend on. */
  readonly targets?: readonly string[];
  /** Whether it is a part of a plan that was shown before, with its warnings. */
  readonly isStep?: boolean;
}

/** The options as Terraform's command line takes them. */
export function wordsOf({ destroy, refresh, replace = [], targets = [] }: PlanOptions): string[] {
  return [
    ...(destroy ? ['-destroy'] : []),
    ...(refresh === false ? ['-refresh=false'] : []),
    ...replace.map((address) => `-replace=${address}`),
    ...targets.map((address) => `-target=${address}`),
  ];
}

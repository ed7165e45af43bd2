import type { PlannedChanges } from '../plan/changes';

/** A plan that was made. */
export interface Plan {
  readonly isEmpty: boolean;
  readonly read: () => Promise<PlannedChanges>;
  /** Prints Terraform's own description of it. */
  readonly printText: () => Promise<void>;
  /**
   * Applies it. @throws CommandError if nothing was applied
   */
  readonly apply: () => Promise<Applied>;
}

/** How an apply ended. */
export interface Applied {
  readonly succeeded: boolean;
  /** Addresses of the resources that Terraform's errors are about. */
  readonly failedAddresses: readonly string[];
}

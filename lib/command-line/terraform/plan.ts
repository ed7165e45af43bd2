import type { PlannedChanges } from '../plan/changes';

/** A plan that was made. */
export interface Plan {
  readonly isEmpty: boolean;
  readonly read: () => Promise<PlannedChanges>;
  /** Prints Terraform's own description of it. */
  readonly printText: () => Promise<void>;
  /**
   * Applies it.
   * @param stop ends the apply early; Terraform finishes what it has started
   * @throws CommandError if nothing was applied
   */
  readonly apply: (stop?: AbortSignal) => Promise<Applied>;
}

/** How an apply ended. */
export interface Applied {
  readonly succeeded: boolean;
  /** Addresses of the resources that Terraform's errors are about. */
  readonly failedAddresses: readonly string[];
  /** Terraform's errors, as they were printed. */
  readonly errors: readonly string[];
}

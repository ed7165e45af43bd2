import type { TradingStack } from '../../index';
import type { PlanOptions } from '../terraform/plan-options';

/** The images that a deploy builds again although nothing about them changed. */
export interface Rebuild {
  /** Why, by their Terraform addresses. */
  readonly reasons: ReadonlyMap<string, string>;
  /** Whether they are built without the cache of the builder. */
  readonly noCache: boolean;
}

/**
 * The images that a stack builds, if their base images were pulled again or if they are to be built without a cache. Their
 * tags stay the same: they are hashes of what the folders contain.
 */
export function rebuildOf(
  { platform }: TradingStack,
  { pull, noCache }: { readonly pull: boolean; readonly noCache: boolean },
): Rebuild {
  const built = pull || noCache ? platform.images.all.filter(({ spec }) => spec.build !== null) : [];
  const reason = noCache ? 'without the build cache' : 'with the base images that were pulled';
  return {
    reasons: new Map(built.map(({ address }) => [address, reason])),
    // A stack that builds nothing has no variable for it.
    noCache: noCache && built.length > 0,
  };
}

/** Plans them, for a plan that builds images. */
export function buildingAgain({ reasons, noCache }: Rebuild): Required<Pick<PlanOptions, 'replace' | 'noCache'>> {
  return { replace: [...reasons.keys()], noCache };
}

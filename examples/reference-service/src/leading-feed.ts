import type { Tick } from './tick';

/**
 * Makes one feed of several that publish the same symbols. Of each symbol those ticks count that are ahead of all
 * before; when the one that was ahead is silent, because it went away or started again, those that come.
 */
export class LeadingFeed {
  private readonly last = new Map<string, { readonly sequence: number; readonly at: number }>();

  /** @param silence milliseconds after which the one that was ahead is taken for gone */
  constructor(
    private readonly silence: number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Whether the tick counts. */
  takes({ symbol, sequence }: Tick): boolean {
    const last = this.last.get(symbol);
    const at = this.now();
    if (last !== undefined && sequence <= last.sequence && at - last.at < this.silence) return false;
    this.last.set(symbol, { sequence, at });
    return true;
  }
}

import type { Tick } from './tick';

/**
 * Merges several feeds of the same symbols. For each symbol, it accepts ticks with a higher sequence than all before.
 * If the leading feed is silent because it stopped or restarted, it accepts the next tick of any feed.
 */
export class LeadingFeed {
  private readonly last = new Map<string, { readonly sequence: number; readonly at: number }>();

  /** @param silence milliseconds without an accepted tick after which the leading feed counts as stopped */
  constructor(
    private readonly silence: number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Whether the tick is accepted. */
  takes({ symbol, sequence }: Tick): boolean {
    const last = this.last.get(symbol);
    const at = this.now();
    if (last !== undefined && sequence <= last.sequence && at - last.at < this.silence) return false;
    this.last.set(symbol, { sequence, at });
    return true;
  }
}

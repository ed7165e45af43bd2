import type { Features } from './features';
import { midPrice, type Tick } from './tick';

/** The latest prices of one symbol, oldest first. */
export class PriceWindow {
  /** The last features that were computed from these prices. */
  features: Features | undefined;
  private readonly held: number[] = [];
  private lastSequence = 0;

  constructor(private readonly size: number) {}

  /** False for a tick whose sequence does not advance: the feed started again, with unrelated prices. */
  continuesWith(tick: Tick): boolean {
    return tick.sequence > this.lastSequence;
  }

  add(tick: Tick): void {
    this.lastSequence = tick.sequence;
    this.held.push(midPrice(tick));
    if (this.held.length > this.size) this.held.shift();
  }

  get full(): boolean {
    return this.held.length === this.size;
  }

  get prices(): readonly number[] {
    return [...this.held];
  }
}

/** A window for each symbol. */
export class PriceWindows {
  private readonly held = new Map<string, PriceWindow>();

  constructor(private readonly size: number) {}

  /** Adds the price to the window of its symbol, which is a new one if the feed started again. */
  add(tick: Tick): PriceWindow {
    const held = this.held.get(tick.symbol);
    const window = held?.continuesWith(tick) ? held : new PriceWindow(this.size);
    this.held.set(tick.symbol, window);
    window.add(tick);
    return window;
  }

  get all(): readonly PriceWindow[] {
    return [...this.held.values()];
  }
}

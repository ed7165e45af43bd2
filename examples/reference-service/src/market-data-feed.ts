import type { Counter } from 'prom-client';
import type { Bus } from './bus';
import type { Configuration } from './configuration';
import { LeadingFeed } from './leading-feed';
import type { Service } from './service';
import { parseTick, type Tick } from './tick';

/** The ticks of the market data role, the last one of each symbol, and how old they are. */
export class MarketDataFeed {
  ticks = 0;
  private readonly maxAge: number;
  private readonly started = performance.now();
  private lastTick: number | undefined;
  private readonly received: Counter;
  private readonly last = new Map<string, { readonly tick: Tick; readonly at: number }>();

  /** Passes on each tick as it arrives, and only once if several services publish it. */
  constructor(service: Service, configuration: Configuration, bus: Bus, handle: (tick: Tick) => void | Promise<void>) {
    this.maxAge = configuration.wholeNumber('MARKET_DATA_MAX_AGE_SECONDS', { min: 1, max: 86_400, default: 10 });
    this.received = service.metrics.counter('ticks_received_total', 'Ticks received from the market data feed');
    service.metrics.gauge(
      'market_data_age_seconds',
      'Time since the last tick, or since the start when there was none',
      () => this.age,
    );
    service.health.add('market_data', () => this.check());
    const feed = new LeadingFeed(this.maxAge * 1_000);
    bus.subscribe('ticks', (message) => {
      const tick = this.accept(message);
      if (!feed.takes(tick)) return;
      this.last.set(tick.symbol, { tick, at: performance.now() });
      return handle(tick);
    });
  }

  /** The last tick of each symbol, no matter how old. */
  get lastTicks(): readonly Tick[] {
    return [...this.last.values()].map(({ tick }) => tick);
  }

  /** The symbol's last tick, unless it is older than `MARKET_DATA_MAX_AGE_SECONDS`. */
  fresh(symbol: string): Tick | undefined {
    const last = this.last.get(symbol);
    return last !== undefined && secondsSince(last.at) <= this.maxAge ? last.tick : undefined;
  }

  private accept(message: unknown): Tick {
    const tick = parseTick(message);
    this.ticks += 1;
    this.lastTick = performance.now();
    this.received.inc();
    return tick;
  }

  private get age(): number {
    return secondsSince(this.lastTick ?? this.started);
  }

  private async check(): Promise<void> {
    if (this.lastTick === undefined) throw new Error('no tick received yet');
    if (this.age > this.maxAge) {
      throw new Error(`last tick ${this.age.toFixed(1)} s ago; at most ${this.maxAge} s allowed`);
    }
  }
}

function secondsSince(time: number): number {
  return (performance.now() - time) / 1_000;
}

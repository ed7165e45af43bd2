import type { Counter } from 'prom-client';
import type { Bus } from './bus';
import type { Configuration } from './configuration';
import { LeadingFeed } from './leading-feed';
import type { Service } from './service';
import { parseTick, type Tick } from './tick';

/** The ticks of the market data role, and how old the last one is. */
export class MarketDataFeed {
  ticks = 0;
  private readonly maxAge: number;
  private readonly started = performance.now();
  private lastTick: number | undefined;
  private readonly received: Counter;

  /** Hands over each tick as it comes, once where several services publish the same. */
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
      if (feed.takes(tick)) return handle(tick);
    });
  }

  private accept(message: unknown): Tick {
    const tick = parseTick(message);
    this.ticks += 1;
    this.lastTick = performance.now();
    this.received.inc();
    return tick;
  }

  private get age(): number {
    return (performance.now() - (this.lastTick ?? this.started)) / 1_000;
  }

  private async check(): Promise<void> {
    if (this.lastTick === undefined) throw new Error('no tick received yet');
    if (this.age > this.maxAge) {
      throw new Error(`last tick ${this.age.toFixed(1)} s ago; at most ${this.maxAge} s allowed`);
    }
  }
}

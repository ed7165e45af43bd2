import { setInterval } from 'node:timers/promises';
import type { Counter } from 'prom-client';
import type { Bus } from '../bus';
import type { Configuration } from '../configuration';
import { RandomWalk } from '../random-walk';
import type { Service } from '../service';
import { SYMBOL_PATTERN } from '../tick';
import type { Role } from './role';

const DEFAULT_SYMBOLS = ['EURUSD', 'GBPUSD', 'USDJPY'];

/** Publishes synthetic prices: one tick a symbol and interval. */
export class MarketData implements Role {
  private readonly walks: readonly RandomWalk[];
  private readonly interval: number;
  private readonly stopping = new AbortController();
  private readonly published: Counter;
  private publishing: Promise<void> | undefined;
  private lastTick: number | undefined;

  constructor(
    private readonly service: Service,
    configuration: Configuration,
    private readonly bus: Bus,
  ) {
    const seed = configuration.wholeNumber('SEED', { min: 0, max: 2 ** 32 - 1, default: 1 });
    const symbols = configuration.names('SYMBOLS', SYMBOL_PATTERN, DEFAULT_SYMBOLS);
    this.walks = symbols.map((symbol) => new RandomWalk(symbol, seed));
    this.interval = configuration.wholeNumber('TICK_INTERVAL_MS', { min: 10, max: 3_600_000, default: 500 });
    this.published = service.metrics.counter('ticks_published_total', 'Ticks published');
    service.health.add('ticks', () => this.check());
  }

  async start(): Promise<void> {
    this.service.log.info(`publishing ${this.walks.map((walk) => walk.symbol).join(', ')}`);
    this.publishing = this.publish();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.publishing;
  }

  private async publish(): Promise<void> {
    try {
      for await (const work of setInterval(this.interval, 'publishing ticks', { signal: this.stopping.signal })) {
        await this.service.tolerate(work, () => this.step());
      }
    } catch (error) {
      if (!this.stopping.signal.aborted) throw error;
    }
  }

  private async step(): Promise<void> {
    for (const walk of this.walks) {
      const tick = walk.next(new Date());
      this.service.priceHistory?.record(tick);
      await this.bus.publish('ticks', tick);
      this.published.inc();
    }
    this.lastTick = performance.now();
  }

  private async check(): Promise<void> {
    if (this.lastTick === undefined) throw new Error('nothing published yet');
    const silence = performance.now() - this.lastTick;
    // With some slack, so that a busy machine does not look like a stuck publisher.
    if (silence > 5 * this.interval + 1_000) throw new Error(`nothing published for ${Math.round(silence)} ms`);
  }
}

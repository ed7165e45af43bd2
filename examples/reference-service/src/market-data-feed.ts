import type { Counter } from 'prom-client';
import { Subscriber } from 'zeromq';
import type { Configuration } from './configuration';
import type { Service } from './service';
import { parseTick, type Tick } from './tick';

/** The subscription to the ticks of the market data role. */
export class MarketDataFeed {
  ticks = 0;
  private readonly url: string;
  private readonly maxAge: number;
  private readonly socket = new Subscriber({
    // The publisher may be replaced without its connection being closed: ask whether it is still there. Each attempt
    // to connect resolves its name anew.
    heartbeatInterval: 2_000,
    heartbeatTimeout: 4_000,
    connectTimeout: 2_000,
    reconnectInterval: 200,
    reconnectMaxInterval: 2_000,
    linger: 0,
  });
  private readonly started = performance.now();
  private lastTick: number | undefined;
  private readonly received: Counter;

  constructor(
    private readonly service: Service,
    configuration: Configuration,
  ) {
    const form = { schemes: ['tcp'], example: 'tcp://market_data:5556' };
    this.url = configuration.url('MARKET_DATA_URL', form, form.example);
    this.maxAge = configuration.wholeNumber('MARKET_DATA_MAX_AGE_SECONDS', { min: 1, max: 86_400, default: 10 });
    this.received = service.metrics.counter('ticks_received_total', 'Ticks received from the market data feed');
    service.metrics.gauge(
      'market_data_age_seconds',
      'Time since the last tick, or since the start when there was none',
      () => this.age,
    );
    service.health.add('market_data', () => this.check());
  }

  /** Hands over each tick as it comes, until the feed is closed. */
  async receive(handle: (tick: Tick) => void): Promise<void> {
    this.socket.subscribe('');
    this.socket.connect(this.url);
    for await (const frames of this.socket) {
      const payload = String(frames[1]);
      await this.service.tolerate('receiving a tick', () => this.accept(payload, handle));
    }
  }

  close(): void {
    this.socket.close();
  }

  private accept(payload: string, handle: (tick: Tick) => void): void {
    const tick = parseTick(payload);
    this.ticks += 1;
    this.lastTick = performance.now();
    this.received.inc();
    handle(tick);
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

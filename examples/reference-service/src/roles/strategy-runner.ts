import type { Counter } from 'prom-client';
import { Cache } from '../cache';
import { CommandEndpoint, type Command } from '../command-endpoint';
import type { Configuration } from '../configuration';
import { Database } from '../database';
import { FeatureApiClient } from '../feature-api-client';
import { REQUIRED_PRICES } from '../features';
import { MarketDataFeed } from '../market-data-feed';
import { PriceWindow } from '../price-window';
import type { Service } from '../service';
import { ACTIONS, decide, type Action, type Signal } from '../signal';
import { midPrice, type Tick } from '../tick';
import type { Role } from './role';

const SCHEMA = `CREATE TABLE IF NOT EXISTS signals (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  symbol text NOT NULL,
  action text NOT NULL,
  price numeric NOT NULL,
  features jsonb NOT NULL,
  price_sequence bigint NOT NULL,
  created_at timestamptz NOT NULL
)`;
const INSERT = `INSERT INTO signals (symbol, action, price, features, price_sequence, created_at)
  VALUES ($1, $2, $3, $4, $5, $6)`;

/** Turns ticks into signals: asks the feature API about each symbol's recent prices and decides. */
export class StrategyRunner implements Role {
  private readonly feed: MarketDataFeed;
  private readonly featureApi: FeatureApiClient;
  private readonly endpoint: CommandEndpoint;
  private readonly database: Database | undefined;
  private readonly cache: Cache | undefined;
  private readonly signals: Counter;

  private readonly windows = new Map<string, PriceWindow>();
  private readonly lastSignals = new Map<string, Signal>();
  private readonly signalsByAction: Record<Action, number> = { BUY: 0, SELL: 0, HOLD: 0 };
  /** The decisions being made, by symbol. */
  private readonly deciding = new Map<string, Promise<void>>();
  private running: readonly Promise<void>[] = [];

  constructor(
    private readonly service: Service,
    configuration: Configuration,
  ) {
    this.feed = new MarketDataFeed(service, configuration);
    this.featureApi = new FeatureApiClient(configuration);
    const commands = new Map<string, Command>([
      ['status', () => this.status()],
      ['signal', (request) => this.lastSignal(request.symbol)],
    ]);
    this.endpoint = new CommandEndpoint(service, configuration, commands);
    this.database = Database.optional(service, configuration, SCHEMA);
    this.cache = Cache.optional(service, configuration);
    this.signals = service.metrics.counter('signals_total', 'Signals given', ['action']);
    for (const action of ACTIONS) this.signals.inc({ action }, 0);
    service.health.add('feature_api', () => this.featureApi.check());
  }

  async start(): Promise<void> {
    await this.endpoint.bind();
    this.running = [this.endpoint.serve(), this.feed.receive((tick) => this.onTick(tick))];
  }

  async stop(): Promise<void> {
    this.feed.close();
    this.endpoint.close();
    await Promise.all(this.running);
    await Promise.all(this.deciding.values());
    this.cache?.close();
    await this.database?.close();
  }

  private onTick(tick: Tick): void {
    const held = this.windows.get(tick.symbol);
    const window = held?.continuesWith(tick) ? held : new PriceWindow(REQUIRED_PRICES);
    this.windows.set(tick.symbol, window);
    window.add(tick);
    // A decision that takes longer than a tick is not queued behind: the next one starts from the newest prices.
    if (!window.full || this.deciding.has(tick.symbol)) return;
    const decision = this.service
      .tolerate('deciding', () => this.signal(tick, window))
      .finally(() => this.deciding.delete(tick.symbol));
    this.deciding.set(tick.symbol, decision);
  }

  private async signal(tick: Tick, window: PriceWindow): Promise<void> {
    const { symbol } = tick;
    const features = await this.featureApi.compute(symbol, window.prices);
    const signal: Signal = {
      symbol,
      action: decide(window.features, features),
      price: midPrice(tick),
      priceSequence: tick.sequence,
      features,
      createdAt: new Date().toISOString(),
    };
    window.features = features;
    this.lastSignals.set(symbol, signal);
    this.signalsByAction[signal.action] += 1;
    this.signals.inc({ action: signal.action });
    if (signal.action !== 'HOLD') this.service.log.info({ signal }, `${signal.action} ${symbol} at ${signal.price}`);
    await this.record(signal);
  }

  private async record(signal: Signal): Promise<void> {
    const { symbol, action, price, priceSequence, features, createdAt } = signal;
    await Promise.all([
      this.service.tolerate('storing a signal', async () =>
        this.database?.run(INSERT, [symbol, action, price, JSON.stringify(features), priceSequence, createdAt]),
      ),
      this.service.tolerate('caching a signal', async () => this.cache?.put(`signal:${symbol}`, signal)),
      this.service.tolerate('writing the heartbeat', () => this.service.heartbeat.beat()),
    ]);
  }

  private status(): object {
    return {
      service: this.service.name,
      uptime: Math.round(process.uptime()),
      ticks: this.feed.ticks,
      signals: this.signalsByAction,
    };
  }

  private lastSignal(symbol: unknown): Signal {
    const signal = typeof symbol === 'string' ? this.lastSignals.get(symbol) : undefined;
    if (signal === undefined) throw new Error(`no signal yet for the symbol ${JSON.stringify(symbol)}`);
    return signal;
  }
}

import type { Counter } from 'prom-client';
import type { Bus } from '../bus';
import { CommandEndpoint, type Command } from '../command-endpoint';
import { ConfigurationError, type Configuration } from '../configuration';
import { featureSource, type FeatureSource } from '../feature-source';
import { REQUIRED_PRICES } from '../features';
import { InFlight } from '../in-flight';
import { ListedStrategies } from '../listed-strategies';
import { MarketDataFeed } from '../market-data-feed';
import { orderId, parseOrderAnswer, type Order } from '../order';
import { PriceWindows, type PriceWindow } from '../price-window';
import type { Service } from '../service';
import { ACTIONS, decide, type Action, type Signal } from '../signal';
import { StrategyGeneration } from '../strategy-generation';
import { midPrice, type Tick } from '../tick';
import type { Role } from './role';

const INSERT = `INSERT INTO signals (symbol, action, price, features, price_sequence, created_at)
  VALUES ($1, $2, $3, $4, $5, $6)`;
const LARGEST_QUANTITY = 1e9;

type Decision = Pick<Signal, 'symbol' | 'action' | 'price' | 'createdAt'>;

/** Turns ticks into signals from the features of each symbol's recent prices, and signals into orders. */
export class StrategyRunner implements Role {
  private readonly feed: MarketDataFeed;
  private readonly features: FeatureSource;
  private readonly listed: ListedStrategies | undefined;
  private readonly generation: StrategyGeneration | undefined;
  private readonly endpoint: CommandEndpoint | undefined;
  private readonly quantity: number;
  private readonly isNamed: boolean;
  private readonly signals: Counter;

  private readonly windows = new PriceWindows(REQUIRED_PRICES);
  private readonly lastSignals = new Map<string, Signal>();
  private readonly signalsByAction: Record<Action, number> = { BUY: 0, SELL: 0, HOLD: 0 };
  /** The symbols of the decisions in progress. */
  private readonly deciding = new Set<string>();
  private readonly inFlight = new InFlight();
  private stopping = false;

  constructor(
    private readonly service: Service,
    configuration: Configuration,
    private readonly bus: Bus,
  ) {
    this.feed = new MarketDataFeed(service, configuration, bus, (tick) => {
      this.onTick(tick);
    });
    this.features = featureSource(service, configuration);
    this.listed = ListedStrategies.optional(service, configuration);
    this.generation = StrategyGeneration.optional(service, configuration);
    this.quantity = configuration.amount('ORDER_QUANTITY', { max: LARGEST_QUANTITY, default: 1 });
    this.isNamed = configuration.optionalText('SERVICE_NAME') !== undefined;
    const commands = new Map<string, Command>([
      ['status', () => this.status()],
      ['signal', (request) => this.lastSignal(request.symbol)],
    ]);
    this.endpoint = CommandEndpoint.optional(service, configuration, commands);
    this.signals = service.metrics.counter('signals_total', 'Signals given', ['action']);
    for (const action of ACTIONS) this.signals.inc({ action }, 0);
  }

  async start(): Promise<void> {
    if (this.bus.reaches('orders')) {
      this.requireName();
      this.service.health.add('order_executor', () => this.bus.check('orders'));
    }
    this.listed?.start();
    this.generation?.start();
    // An executor in this process receives orders on that port.
    if (!this.bus.answers('orders')) await this.endpoint?.start();
  }

  close(): void {
    this.stopping = true;
  }

  async stop(): Promise<void> {
    await this.endpoint?.stop();
    await this.generation?.stop();
    await this.inFlight.settled();
  }

  /** Two strategies with the same name would place one order instead of two. */
  private requireName(): void {
    if (this.isNamed) return;
    throw new ConfigurationError(
      'SERVICE_NAME is not set; a strategy that orders needs a name of its own, the same for all its replicas, ' +
        'because the ids of its orders begin with it',
    );
  }

  private onTick(tick: Tick): void {
    // The market data role may record it too: a tick is one point in the history, even if it is written twice.
    this.service.priceHistory?.record(tick);
    this.followStrategies(tick);
    const window = this.windows.add(tick);
    // Decisions that take longer than a tick do not queue: the next one uses the latest prices.
    if (this.stopping || !window.full || this.deciding.has(tick.symbol)) return;
    this.deciding.add(tick.symbol);
    const decision = this.service.tolerate('deciding', () => this.signal(tick, window));
    void this.inFlight.track(decision.finally(() => this.deciding.delete(tick.symbol)));
  }

  /** Each strategy orders under its own name, so that their orders have different ids. */
  private followStrategies(tick: Tick): void {
    const decisions = [...(this.listed?.decide(tick) ?? []), ...(this.generation?.decide(tick) ?? [])];
    for (const { strategy, action } of decisions) {
      if (this.stopping || action === 'HOLD') continue;
      const { symbol } = tick;
      const decision = { symbol, action, price: midPrice(tick), createdAt: new Date().toISOString() };
      this.signals.inc({ action });
      this.service.log.info(`${action} ${symbol} at ${decision.price}, decided by ${strategy}`);
      void this.inFlight.track(this.order(strategy, decision, tick));
    }
  }

  private async signal(tick: Tick, window: PriceWindow): Promise<void> {
    const { symbol } = tick;
    const features = await this.features.compute(symbol, window.prices);
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
    // With a file, only the strategies in it and generated ones order.
    const ordering = this.listed === undefined ? this.order(this.service.name, signal, tick) : undefined;
    await Promise.all([this.record(signal), ordering]);
  }

  private async record(signal: Signal): Promise<void> {
    const { symbol, action, price, priceSequence, features, createdAt } = signal;
    await Promise.all([
      this.service.tolerate('storing a signal', async () =>
        this.service.database?.run(INSERT, [symbol, action, price, JSON.stringify(features), priceSequence, createdAt]),
      ),
      this.service.tolerate('caching a signal', async () => this.service.cache?.put(`signal:${symbol}`, signal)),
    ]);
  }

  /** Sent once: an order without a receiver is not retried, because its price would be out of date. */
  private async order(strategy: string, decision: Decision, tick: Tick): Promise<void> {
    const { symbol, action, price, createdAt } = decision;
    if (action === 'HOLD' || !this.bus.reaches('orders')) return;
    const order: Order = {
      id: orderId(strategy, tick),
      symbol,
      side: action,
      quantity: this.quantity,
      price,
      strategy,
      createdAt,
    };
    await this.service.tolerate('ordering', async () => {
      const { status, reason } = parseOrderAnswer(await this.bus.request('orders', order));
      this.service.log.info(`order ${order.id} ${status}${reason === undefined ? '' : `: ${reason}`}`);
    });
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

import { setTimeout as delay } from 'node:timers/promises';
import type { Counter } from 'prom-client';
import type { Bus } from '../bus';
import { ConfigurationError, type Configuration } from '../configuration';
import type { Database } from '../database';
import { FillStore, type Place } from '../fill-store';
import { MarketDataFeed } from '../market-data-feed';
import { parseOrder, type Alert, type Order, type RiskAnswer } from '../order';
import { readRiskLimits } from '../risk-limits';
import { RiskPolicy, RULES, type CircuitBreak } from '../risk-policy';
import type { Service } from '../service';
import { midPrice, type Tick } from '../tick';
import type { Role } from './role';

const INSERT_CHECK = `INSERT INTO risk_checks (order_id, symbol, side, quantity, price, approved, reason, checked_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`;
const INSERT_BREAK = 'INSERT INTO circuit_breaks (day, cause) VALUES ($1, $2) ON CONFLICT DO NOTHING';
const SELECT_BREAKS = 'SELECT day::text, cause FROM circuit_breaks WHERE day >= $1';

/** Few enough to read a batch in a small part of the query timeout. */
const FILLS_AT_ONCE = 1_000;
/** Fills are read again this far back, because an older fill may be written after a newer one. */
const OVERLAP_MS = 60_000;
const READ_INTERVAL_MS = 1_000;

/**
 * Approves or refuses each order by the limits, the market prices and the fills in the database. It reads the fills
 * before each decision, so that it does not depend on messages.
 */
export class RiskManager implements Role {
  private readonly policy: RiskPolicy;
  private readonly database: Database;
  private readonly store: FillStore;
  private readonly feed: MarketDataFeed;
  private readonly checks: Counter;
  private readonly refusals: Counter;
  private readonly stopping = new AbortController();
  private following: Promise<void> | undefined;
  /** One read after another: each has to start after the fills that it must find were written. */
  private reading: Promise<void> = Promise.resolve();
  /** Time of the newest fill that was read. */
  private newest = new Date(0).toISOString();
  /** Whether all fills before the start were read. */
  private loaded = false;
  private unkeptBreak: CircuitBreak | undefined;
  /** Why the last check was not recorded. */
  private unrecorded: Error | undefined;

  constructor(
    private readonly service: Service,
    configuration: Configuration,
    private readonly bus: Bus,
  ) {
    if (service.database === undefined) {
      throw new ConfigurationError(
        'DATABASE_URL is not set; the risk-manager needs it, because it decides by the fills in it',
      );
    }
    this.database = service.database;
    this.store = new FillStore(service.database);
    this.policy = new RiskPolicy(readRiskLimits(configuration), (circuitBreak) => {
      this.announce(circuitBreak);
    });
    this.feed = new MarketDataFeed(service, configuration, bus, (tick) => {
      this.mark(tick);
    });
    this.checks = service.metrics.counter('risk_checks_total', 'Orders checked', ['outcome']);
    for (const outcome of ['approved', 'refused']) this.checks.inc({ outcome }, 0);
    this.refusals = service.metrics.counter('risk_refusals_total', 'Orders refused', ['reason']);
    for (const reason of RULES) this.refusals.inc({ reason }, 0);
    service.metrics.gauges(
      'risk_limit_used_ratio',
      'How much of a limit is used; 1 is all of it',
      'limit',
      () => this.policy.used,
    );
    service.health.add('fills', async () => {
      this.requireFills();
    });
    service.health.add('risk_checks', async () => {
      if (this.unrecorded !== undefined) throw new Error(`the last check was not recorded: ${this.unrecorded.message}`);
    });
    bus.respond('risk-checks', (message) => this.check(parseOrder(message)));
  }

  async start(): Promise<void> {
    this.following = this.follow();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.following;
  }

  /** An error is not an approval either, such as when the fills cannot be read or the answer cannot be recorded. */
  private async check(order: Order): Promise<RiskAnswer> {
    this.requireFills();
    await this.readFills();
    const now = new Date();
    const tick = this.feed.fresh(order.symbol);
    const { rule, ...answer } = this.policy.decide(order, tick && midPrice(tick), now);
    await this.record(order, answer, now);
    if (rule !== undefined) this.refusals.inc({ reason: rule });
    this.checks.inc({ outcome: answer.approved ? 'approved' : 'refused' });
    return answer;
  }

  private async record(order: Order, { approved, reason }: RiskAnswer, at: Date): Promise<void> {
    const { id, symbol, side, quantity, price } = order;
    try {
      await this.database.run(INSERT_CHECK, [id, symbol, side, quantity, price, approved, reason ?? null, at]);
      this.unrecorded = undefined;
    } catch (error) {
      this.unrecorded = error as Error;
      throw error;
    }
  }

  /**
   * Positions have to be known when a price arrives, not only when an order does: a loss may come and go in between.
   */
  private async follow(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      await this.service.tolerate('reading the fills', () => this.readFills());
      await this.service.tolerate('keeping a circuit break', () => this.keepBreak());
      await delay(READ_INTERVAL_MS, undefined, { signal }).catch(() => {});
    }
  }

  private mark(tick: Tick): void {
    // Earlier days come first, otherwise their losses would count as today's.
    if (this.loaded) this.policy.mark(tick.symbol, midPrice(tick), new Date());
  }

  private requireFills(): void {
    if (!this.loaded) throw new Error(`not all earlier fills have been read yet, only those up to ${this.newest}`);
  }

  private readFills(): Promise<void> {
    this.reading = this.reading.catch(() => {}).then(() => this.readNewFills());
    return this.reading;
  }

  private async readNewFills(): Promise<void> {
    if (!this.loaded) await this.restoreBreaks();
    const from = Math.max(Date.parse(this.newest) - OVERLAP_MS, 0);
    let place: Place = { time: new Date(from).toISOString(), orderId: '' };
    // A check during the stop needs them as well.
    while (this.loaded || !this.stopping.signal.aborted) {
      const next = await this.store.fillsBehind(place, FILLS_AT_ONCE);
      for (const fill of next.fills) this.policy.apply(fill);
      this.newest = next.fills.at(-1)?.filledAt ?? this.newest;
      place = next.place;
      if (next.fills.length === FILLS_AT_ONCE) continue;
      this.loaded = true;
      return;
    }
  }

  private async restoreBreaks(): Promise<void> {
    const today = new Date().toISOString().slice(0, 10);
    const breaks = await this.database.rows<{ day: string; cause: string }>(SELECT_BREAKS, [today]);
    for (const each of breaks) this.policy.restore(each);
  }

  private announce(circuitBreak: CircuitBreak): void {
    const createdAt = new Date().toISOString();
    // Reading the fills at the start goes through the earlier days again.
    if (!createdAt.startsWith(circuitBreak.day)) return;
    const message = `the circuit breaker stopped trading: ${circuitBreak.cause}`;
    const alert: Alert = { severity: 'critical', source: this.service.name, message, createdAt };
    this.service.log.error(message);
    this.unkeptBreak = circuitBreak;
    void this.service.tolerate('keeping a circuit break', () => this.keepBreak());
    void this.service.tolerate('publishing an alert', () => this.bus.publish('alerts', alert));
  }

  /** So that a restart does not end it; failed writes are repeated every second. */
  private async keepBreak(): Promise<void> {
    const kept = this.unkeptBreak;
    if (kept === undefined) return;
    await this.database.run(INSERT_BREAK, [kept.day, kept.cause]);
    if (this.unkeptBreak === kept) this.unkeptBreak = undefined;
  }
}

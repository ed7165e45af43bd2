import type { Counter } from 'prom-client';
import type { Bus } from '../bus';
import type { Configuration } from '../configuration';
import { MarketDataFeed } from '../market-data-feed';
import type { Service } from '../service';
import type { Tick } from '../tick';
import { findTriangles, trips, type Triangle, type Trip } from '../triangle';
import type { Role } from './role';

const INSERT = `INSERT INTO arbitrage_opportunities (path, edge, details, detected_at) VALUES ($1, $2, $3, $4)`;

/** Monitors every triangle of symbols and records when a round trip becomes profitable. It places no orders. */
export class Arbitrage implements Role {
  private readonly threshold: number;
  private readonly found: Counter;
  private readonly lastTicks = new Map<string, Tick>();
  private triangles: readonly Triangle[] | undefined;
  /** The paths that currently gain: each is recorded once until it stops gaining. */
  private readonly open = new Set<string>();

  constructor(
    private readonly service: Service,
    configuration: Configuration,
    bus: Bus,
  ) {
    this.threshold = configuration.amount('ARBITRAGE_THRESHOLD_BPS', { max: 10_000, default: 10 }) / 10_000;
    this.found = service.metrics.counter('arbitrage_opportunities_total', 'Arbitrage opportunities recorded');
    new MarketDataFeed(service, configuration, bus, (tick) => this.onTick(tick));
  }

  async start(): Promise<void> {}

  async stop(): Promise<void> {}

  private async onTick(tick: Tick): Promise<void> {
    const known = this.lastTicks.has(tick.symbol);
    this.lastTicks.set(tick.symbol, tick);
    // The feed does not list its symbols: when one repeats, all are known, and a new one restarts the search.
    if (!known) this.triangles = undefined;
    else this.triangles ??= this.look();
    const concerned = this.triangles?.filter((triangle) => symbolsOf(triangle).includes(tick.symbol)) ?? [];
    const opened = concerned.flatMap((triangle) =>
      trips(triangle, this.lastTicks)
        .filter((trip) => this.opens(trip))
        .map((trip) => this.service.tolerate('storing an opportunity', () => this.record(trip, triangle, tick.time))),
    );
    await Promise.all(opened);
  }

  private look(): readonly Triangle[] {
    const symbols = [...this.lastTicks.keys()].sort();
    const triangles = findTriangles(symbols);
    const watched = triangles.map((triangle) => symbolsOf(triangle).join('/')).join(', ');
    this.service.log.info(
      triangles.length === 0
        ? `the symbols ${symbols.join(', ')} form no triangle: nothing to do until other symbols arrive`
        : `watching ${watched}`,
    );
    return triangles;
  }

  private opens({ path, edge }: Trip): boolean {
    const was = this.open.has(path);
    const is = edge >= this.threshold;
    if (is) this.open.add(path);
    else this.open.delete(path);
    return is && !was;
  }

  private async record({ path, edge }: Trip, triangle: Triangle, time: string): Promise<void> {
    this.found.inc();
    const ticks = symbolsOf(triangle).map((symbol) => this.lastTicks.get(symbol));
    const details = ticks.map((tick) => ({ symbol: tick?.symbol, bid: tick?.bid, ask: tick?.ask }));
    this.service.log.info({ path, edge, details }, `${path} gains ${(edge * 10_000).toFixed(1)} basis points`);
    await this.service.database?.run(INSERT, [path, edge, JSON.stringify(details), time]);
  }
}

function symbolsOf({ cross, secondHome, firstHome }: Triangle): readonly string[] {
  return [cross, secondHome, firstHome];
}

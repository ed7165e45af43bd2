import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import type { Counter } from 'prom-client';
import { PriceSeries, backtest, latestAction, randomParameters } from './backtest';
import { ConfigurationError, type Configuration } from './configuration';
import { PriceWindows } from './price-window';
import { seededRandom } from './random-walk';
import type { Service } from './service';
import type { NamedDecision } from './signal';
import { StrategyStore, type ActiveStrategy, type Candidate } from './strategy-store';
import type { Tick } from './tick';

const SETTINGS = ['MAX_ACTIVE_STRATEGIES', 'DAILY_GENERATION_COUNT', 'GENERATION_TIME'];
const KEPT_PRICES = 1_000;
/** With fewer prices of a symbol, the slowest strategies would decide hardly ever or never in their backtest. */
const FEWEST_PRICES = 200;
const INTERVAL_MS = 5_000;
const DAY_MS = 86_400_000;

/**
 * Generates strategies once a day, backtests them on the latest prices, and lets the best ones decide until the next
 * generation.
 */
export class StrategyGeneration {
  private readonly maxActive: number;
  private readonly count: number;
  private readonly time: string;
  private readonly store: StrategyStore;
  private readonly generated: Counter;
  private readonly windows = new PriceWindows(KEPT_PRICES);
  private active: readonly ActiveStrategy[] = [];
  /** The last day whose strategies are known to be stored. */
  private lastDay: string | undefined;
  private readonly stopping = new AbortController();
  private following: Promise<void> | undefined;

  /** `undefined` if none of the settings is set. */
  static optional(service: Service, configuration: Configuration): StrategyGeneration | undefined {
    const setting = SETTINGS.find((name) => configuration.optionalText(name) !== undefined);
    if (setting === undefined) return undefined;
    if (service.database === undefined) {
      throw new ConfigurationError(
        `DATABASE_URL is not set; ${setting} needs it, because generated strategies are stored`,
      );
    }
    return new StrategyGeneration(service, configuration, new StrategyStore(service.database));
  }

  constructor(
    private readonly service: Service,
    configuration: Configuration,
    store: StrategyStore,
    private readonly now: () => Date = () => new Date(),
  ) {
    this.maxActive = configuration.wholeNumber('MAX_ACTIVE_STRATEGIES', { min: 1, max: 100, default: 10 });
    this.count = configuration.wholeNumber('DAILY_GENERATION_COUNT', { min: 1, max: 5_000, default: 500 });
    this.time = configuration.timeOfDay('GENERATION_TIME', '03:00');
    this.store = store;
    service.metrics.gauge('strategies_active', 'Generated strategies that decide now', () => this.active.length);
    this.generated = service.metrics.counter('strategies_generated_total', 'Strategies generated and stored');
  }

  start(): void {
    this.following = this.follow();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.following;
  }

  /** The decisions of the active strategies on the tick. Every tick has to be passed. */
  decide(tick: Tick): readonly NamedDecision[] {
    const { prices } = this.windows.add(tick);
    return this.active.map(({ day, number, parameters }) => ({
      strategy: `${this.service.name}.${day}.${number}`,
      action: latestAction(prices, parameters),
    }));
  }

  /** Generates today's strategies if it is time and they do not exist, and loads the active ones. */
  async update(): Promise<void> {
    const now = this.now();
    const [day = '', time = ''] = now.toISOString().split('T');
    if (time.slice(0, this.time.length) >= this.time && this.lastDay !== day) await this.generate(day, now);
    this.active = await this.store.active(this.maxActive);
  }

  private async follow(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      await this.service.tolerate('generating strategies', () => this.update());
      await delay(INTERVAL_MS, undefined, { signal }).catch(() => {});
    }
  }

  /** Until there are enough prices, such as after a restart, it is left to a later call on the same day. */
  private async generate(day: string, now: Date): Promise<void> {
    if (await this.store.hasGeneration(day)) {
      this.lastDay = day;
      return;
    }
    const kept = this.windows.all.map(({ prices }) => prices);
    const series = kept.filter(({ length }) => length >= FEWEST_PRICES).map((prices) => new PriceSeries(prices));
    if (series.length === 0) return;
    const candidates = await this.candidates(day, series);
    if (this.stopping.signal.aborted) return;
    const isStored = await this.store.keep(day, now, candidates);
    this.lastDay = day;
    if (!isStored) return;
    this.generated.inc(candidates.length);
    const active = candidates.filter((candidate) => candidate.active).length;
    this.service.log.info(`generated ${candidates.length} strategies for ${day}, of which ${active} are active`);
  }

  private async candidates(day: string, series: readonly PriceSeries[]): Promise<readonly Candidate[]> {
    const random = seededRandom(Date.parse(day) / DAY_MS);
    const candidates: Omit<Candidate, 'active'>[] = [];
    while (candidates.length < this.count && !this.stopping.signal.aborted) {
      // Ticks and health checks are not kept waiting.
      await nextTurn();
      const parameters = randomParameters(random);
      const returns = series.map((each) => backtest(each, parameters));
      const score = returns.reduce((total, value) => total + value, 0) / returns.length;
      candidates.push({ number: candidates.length + 1, parameters, score });
    }
    const gaining = candidates.filter(({ score }) => score > 0);
    const best = new Set(gaining.sort((one, other) => other.score - one.score).slice(0, this.maxActive));
    return candidates.map((candidate) => ({ ...candidate, active: best.has(candidate) }));
  }
}

import type { Fill, Order, RiskAnswer } from './order';
import { Portfolio } from './portfolio';
import type { RiskLimits } from './risk-limits';

/** The circuit breaker stopped trading. */
export interface CircuitBreak {
  /** UTC, such as 2026-01-31; trading continues the next day. */
  readonly day: string;
  readonly cause: string;
}

export const RULES = [
  'price_unknown',
  'price_deviation',
  'circuit_breaker',
  'daily_loss',
  'drawdown',
  'position_size',
] as const;
/** What an order was refused for. */
export type Rule = (typeof RULES)[number];

interface Objection {
  readonly rule: Rule;
  readonly reason: string;
}

/** Decides on orders by the limits, the fills so far and the market prices. */
export class RiskPolicy {
  private readonly portfolio = new Portfolio();
  /** Causes by the days on which the circuit breaker stopped trading. */
  private readonly breaks = new Map<string, string>();

  constructor(
    private readonly limits: RiskLimits,
    /** Called once a day (UTC) when the circuit breaker stops trading; the day is that of the last price. */
    private readonly onBreak: (circuitBreak: CircuitBreak) => void,
  ) {}

  apply(fill: Fill): void {
    this.portfolio.apply(fill);
    this.watch();
  }

  /** Records the market price of a symbol. */
  mark(symbol: string, price: number, now: Date): void {
    this.portfolio.mark(symbol, price, now.toISOString());
    this.watch();
  }

  /** An earlier break, which is not announced again. */
  restore({ day, cause }: CircuitBreak): void {
    this.breaks.set(day, cause);
  }

  /** @param price market price of the symbol, or `undefined` if it is unknown */
  decide(order: Order, price: number | undefined, now: Date): RiskAnswer & Partial<Objection> {
    if (price !== undefined) this.mark(order.symbol, price, now);
    const objection = this.objection(order, price);
    return objection === undefined ? { approved: true } : { approved: false, ...objection };
  }

  /** How much of each limit is used: 1 is all of it. */
  get used(): Readonly<Record<string, number>> {
    const { positionSize, dailyLoss, drawdown } = this.limits;
    return {
      position_size: this.portfolio.largestPosition / positionSize,
      ...(dailyLoss !== undefined && { daily_loss: this.portfolio.lossToday / dailyLoss }),
      ...(drawdown !== undefined && { drawdown: this.portfolio.drawdown / drawdown }),
    };
  }

  private objection(order: Order, price: number | undefined): Objection | undefined {
    if (price === undefined) {
      return { rule: 'price_unknown', reason: `the market's price of ${order.symbol} is not known just now` };
    }
    const strange = this.strangePrice(order.price, price);
    // Closing a position must always be possible.
    if (strange !== undefined || this.portfolio.reduces(order)) return strange;
    return this.stopped ?? this.excess(order, price);
  }

  /** An order is filled at its own price, so a mistyped price would be an artificial gain or loss. */
  private strangePrice(named: number, price: number): Objection | undefined {
    const { priceDeviation } = this.limits;
    if (Math.abs(named - price) <= priceDeviation * price) return undefined;
    const allowed = (priceDeviation * 100).toFixed(2);
    return {
      rule: 'price_deviation',
      reason: `the price ${named} is too far from the market's ${price}; at most ${allowed} % is allowed`,
    };
  }

  /** The reason why no position may grow, if there is one. */
  private get stopped(): Objection | undefined {
    const cause = this.limits.breaks ? this.breaks.get(this.portfolio.today) : undefined;
    if (cause === undefined) return this.loss;
    return { rule: 'circuit_breaker', reason: `the circuit breaker is open until tomorrow: ${cause}` };
  }

  private watch(): void {
    const { loss } = this;
    const day = this.portfolio.today;
    if (!this.limits.breaks || loss === undefined || this.breaks.has(day)) return;
    this.breaks.set(day, loss.reason);
    this.onBreak({ day, cause: loss.reason });
  }

  private get loss(): Objection | undefined {
    const { lossToday, drawdown } = this.portfolio;
    return (
      beyond('daily_loss', 'the loss of today', lossToday, this.limits.dailyLoss) ??
      beyond('drawdown', 'the loss since the account was worth most', drawdown, this.limits.drawdown)
    );
  }

  private excess(order: Order, price: number): Objection | undefined {
    const size = this.portfolio.sizeAfter(order, price);
    return beyond('position_size', `the position in ${order.symbol} after it`, size, this.limits.positionSize);
  }
}

function beyond(rule: Rule, what: string, value: number, limit: number | undefined): Objection | undefined {
  if (limit === undefined || value <= limit) return undefined;
  return { rule, reason: `${what} is ${value.toFixed(2)}; at most ${limit.toFixed(2)} is allowed` };
}

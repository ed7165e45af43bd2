import type { Fill, Order, RiskAnswer } from './order';
import { Portfolio } from './portfolio';
import type { RiskLimits } from './risk-limits';

/** Decides about orders by the limits and the fills so far. */
export class RiskPolicy {
  private readonly portfolio = new Portfolio();
  /** The day on which the circuit breaker stopped trading. */
  private brokenOn: string | undefined;
  private cause = '';

  constructor(
    private readonly limits: RiskLimits,
    /** Told once a day (UTC) when the circuit breaker stops trading; the day is that of the last price. */
    private readonly onBreak: (reason: string, day: string) => void,
  ) {}

  apply(fill: Fill): void {
    this.portfolio.apply(fill);
    this.watch();
  }

  decide(order: Order, now: Date): RiskAnswer {
    this.portfolio.mark(order.symbol, order.price, now.toISOString());
    this.watch();
    // Nobody may be kept from closing a position.
    if (this.portfolio.reduces(order)) return { approved: true };
    const reason = this.stopped ?? this.excess(order);
    return reason === undefined ? { approved: true } : { approved: false, reason };
  }

  /** Why no position may grow now. */
  get stopped(): string | undefined {
    const isBroken = this.limits.breaks && this.brokenOn === this.portfolio.today;
    return isBroken ? `the circuit breaker is open until tomorrow: ${this.cause}` : this.loss;
  }

  private watch(): void {
    const { loss } = this;
    if (!this.limits.breaks || loss === undefined || this.brokenOn === this.portfolio.today) return;
    this.brokenOn = this.portfolio.today;
    this.cause = loss;
    this.onBreak(loss, this.brokenOn);
  }

  private get loss(): string | undefined {
    const { lossToday, drawdown } = this.portfolio;
    return (
      beyond('the loss of today', lossToday, this.limits.dailyLoss) ??
      beyond('the loss since the account was worth most', drawdown, this.limits.drawdown)
    );
  }

  private excess(order: Order): string | undefined {
    return beyond(
      `the position in ${order.symbol} after it`,
      this.portfolio.sizeAfter(order),
      this.limits.positionSize,
    );
  }
}

function beyond(what: string, value: number, limit: number | undefined): string | undefined {
  if (limit === undefined || value <= limit) return undefined;
  return `${what} is ${value.toFixed(2)}; at most ${limit.toFixed(2)} is allowed`;
}

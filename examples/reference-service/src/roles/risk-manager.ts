import type { Counter } from 'prom-client';
import type { Bus } from '../bus';
import type { Configuration } from '../configuration';
import { FillStore } from '../fill-store';
import { parseFill, parseOrder, type Alert, type Order, type RiskAnswer } from '../order';
import { readRiskLimits } from '../risk-limits';
import { RiskPolicy } from '../risk-policy';
import type { Service } from '../service';
import type { Role } from './role';

const INSERT = `INSERT INTO risk_checks (order_id, symbol, side, quantity, price, approved, reason, checked_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`;
/** Fills are asked for again as far back as this, because one may be written later than a newer one. */
const OVERLAP_MS = 60_000;

/**
 * Approves or refuses each order by the limits. With a database it reads the fills there before it decides, so that
 * it knows them whoever missed what; without one it goes by the fills that are published while it runs.
 */
export class RiskManager implements Role {
  private readonly policy: RiskPolicy;
  private readonly store: FillStore | undefined;
  private readonly checks: Counter;
  private known = new Date(0);

  constructor(
    private readonly service: Service,
    configuration: Configuration,
    private readonly bus: Bus,
  ) {
    this.policy = new RiskPolicy(readRiskLimits(configuration), (reason, day) => this.raiseAlert(reason, day));
    this.store = service.database && new FillStore(service.database);
    this.checks = service.metrics.counter('risk_checks_total', 'Orders checked', ['outcome']);
    for (const outcome of ['approved', 'refused']) this.checks.inc({ outcome }, 0);
    bus.respond('risk-checks', (message) => this.check(parseOrder(message)));
    // The database alone would do; without it this is all there is.
    if (this.store === undefined) bus.subscribe('fills', (message) => this.policy.apply(parseFill(message)));
  }

  async start(): Promise<void> {}

  async stop(): Promise<void> {}

  /** An error, such as that the fills cannot be read, is no approval either. */
  private async check(order: Order): Promise<RiskAnswer> {
    await this.readFills();
    const now = new Date();
    const answer = this.policy.decide(order, now);
    this.checks.inc({ outcome: answer.approved ? 'approved' : 'refused' });
    await this.record(order, answer, now);
    return answer;
  }

  private async readFills(): Promise<void> {
    const fills = (await this.store?.fillsSince(new Date(this.known.getTime() - OVERLAP_MS))) ?? [];
    for (const fill of fills) this.policy.apply(fill);
    const last = fills.at(-1);
    if (last !== undefined) this.known = new Date(last.filledAt);
  }

  private async record(order: Order, { approved, reason }: RiskAnswer, at: Date): Promise<void> {
    const { id, symbol, side, quantity, price } = order;
    await Promise.all([
      this.service.tolerate('storing a risk check', async () =>
        this.service.database?.run(INSERT, [id, symbol, side, quantity, price, approved, reason ?? null, at]),
      ),
    ]);
  }

  private raiseAlert(reason: string, day: string): void {
    const createdAt = new Date().toISOString();
    // Reading the fills at start goes through the days before once more.
    if (!createdAt.startsWith(day)) return;
    const message = `the circuit breaker stopped trading: ${reason}`;
    const alert: Alert = { severity: 'critical', source: this.service.name, message, createdAt };
    this.service.log.error(message);
    void this.service.tolerate('publishing an alert', () => this.bus.publish('alerts', alert));
  }
}

import { setTimeout as delay } from 'node:timers/promises';
import type { Counter } from 'prom-client';
import type { Bus } from '../bus';
import { ConfigurationError, type Configuration } from '../configuration';
import { FillStore, IdTakenError } from '../fill-store';
import { changingNothing, NothingDoneError } from '../nothing-done';
import { parseOrder, parseRiskAnswer, type Alert, type Order, type OrderAnswer, type RiskAnswer } from '../order';
import type { Service } from '../service';
import { Turns } from '../turns';
import type { Role } from './role';

const RETRY_MS = 200;

/**
 * Fills orders on paper at their own price if the risk manager approves. Each order is exactly one row: an order that
 * is sent twice gets its first answer again.
 */
export class OrderExecutor implements Role {
  private readonly store: FillStore;
  private readonly orders: Counter;
  /** One order at a time: the risk manager has to know the last fill before it decides on the next order. */
  private readonly turns = new Turns();
  private stopping = false;

  constructor(
    private readonly service: Service,
    configuration: Configuration,
    private readonly bus: Bus,
  ) {
    requirePaper(configuration);
    if (service.database === undefined) {
      throw new ConfigurationError('DATABASE_URL is not set; the order-executor needs it, to fill each order once');
    }
    this.store = new FillStore(service.database);
    this.orders = service.metrics.counter('orders_total', 'Orders decided', ['status']);
    for (const status of ['filled', 'refused']) this.orders.inc({ status }, 0);
    service.metrics.gauges('trading_mode', 'Always 1; the label is the mode', 'mode', () => ({ [PAPER]: 1 }));
    bus.respond('orders', async (message, deadline) => {
      const order = await changingNothing(() => parseOrder(message));
      return this.turns.take(deadline, () => this.answer(order, deadline));
    });
  }

  async start(): Promise<void> {
    if (!this.bus.reaches('risk-checks')) {
      throw new ConfigurationError(
        'the order-executor has no risk manager; set TRANSPORT and, without a broker, RISK_MANAGER_URL, ' +
          'or add risk-manager to ROLE',
      );
    }
    this.service.health.add('risk_manager', () => this.bus.check('risk-checks'));
  }

  close(): void {
    this.stopping = true;
    this.turns.close('the order-executor stops');
  }

  async stop(): Promise<void> {
    await this.turns.settled();
  }

  private async answer(order: Order, deadline: number): Promise<OrderAnswer> {
    const known = await changingNothing(() => this.store.decided(order));
    if (known !== undefined) {
      // The process that decided on it may have died before it published the fill.
      await this.announce(known);
      return known;
    }
    const { approved, reason } = await this.askRiskManager(order);
    const decision = approved ? filled(order) : { status: 'refused' as const, reason: reason ?? 'no reason given' };
    const answer = await this.record(order, decision, deadline);
    this.orders.inc({ status: answer.status });
    this.service.log.info({ order, answer }, `${answer.status} ${order.side} ${order.quantity} ${order.symbol}`);
    await this.announce(answer);
    if (answer.status === 'refused') await this.raiseAlert(order, answer);
    return answer;
  }

  /** Without an answer there is no approval. */
  private async askRiskManager(order: Order): Promise<RiskAnswer> {
    try {
      return parseRiskAnswer(await this.bus.request('risk-checks', order));
    } catch (error) {
      return { approved: false, reason: `the risk manager did not approve: ${(error as Error).message}` };
    }
  }

  /**
   * Retries until the outcome is known, because a fill has to be published even if the sender is gone. Writing it twice
   * is harmless: the database makes the second write wait for the first.
   */
  private async record(order: Order, decision: OrderAnswer, deadline: number): Promise<OrderAnswer> {
    let isKnown = true;
    for (;;) {
      try {
        return await this.store.record(order, decision);
      } catch (error) {
        isKnown &&= error instanceof NothingDoneError;
        // The id belongs to another order, so this order was not written.
        if (isKnown || error instanceof IdTakenError) throw error;
        if (this.stopping && Date.now() > deadline) {
          throw new Error(`it is unknown what was recorded: ${(error as Error).message}`, { cause: error });
        }
        this.service.metrics.failures.inc({ work: 'recording an order' });
        this.service.log.error({ err: error, order }, 'it is unknown what was recorded; trying again');
        await delay(RETRY_MS);
      }
    }
  }

  private async raiseAlert({ id, side, quantity, symbol }: Order, { reason }: OrderAnswer): Promise<void> {
    const alert: Alert = {
      severity: 'warning',
      source: this.service.name,
      message: `refused order ${id} to ${side} ${quantity} ${symbol}: ${reason ?? 'no reason given'}`,
      createdAt: new Date().toISOString(),
    };
    await this.service.tolerate('publishing an alert', () => this.bus.publish('alerts', alert));
  }

  private async announce({ fill }: OrderAnswer): Promise<void> {
    if (fill === undefined) return;
    await this.service.tolerate('publishing a fill', () => this.bus.publish('fills', fill));
  }
}

const PAPER = 'paper';

/** Nothing here connects to an exchange, so any other value is an error. */
function requirePaper(configuration: Configuration): void {
  const environment = configuration.text('TRADING_ENVIRONMENT', '');
  if (environment === PAPER) return;
  const given = environment === '' ? 'not set' : `"${environment}"`;
  throw new ConfigurationError(
    `TRADING_ENVIRONMENT is ${given}; it must be ${PAPER}: this example fills orders on paper and reaches no exchange`,
  );
}

function filled({ id, symbol, side, quantity, price }: Order): OrderAnswer {
  return {
    status: 'filled',
    fill: { orderId: id, symbol, side, quantity, price, filledAt: new Date().toISOString() },
  };
}

import type { Counter } from 'prom-client';
import type { Bus } from '../bus';
import { ConfigurationError, type Configuration } from '../configuration';
import { FillStore } from '../fill-store';
import { parseOrder, parseRiskAnswer, type Alert, type Order, type OrderAnswer, type RiskAnswer } from '../order';
import type { Service } from '../service';
import type { Role } from './role';

/**
 * Fills orders on paper, at the price they name, when the risk manager approves. An order is one row whatever happens:
 * sent twice, it gets the answer it got the first time.
 */
export class OrderExecutor implements Role {
  private readonly store: FillStore;
  private readonly orders: Counter;
  private readonly longestWait: number;
  /** One order at a time: the risk manager has to know of the last fill before it decides on the next order. */
  private last: Promise<unknown> = Promise.resolve();

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
    this.longestWait = configuration.wholeNumber('ORDER_TIMEOUT_MS', { min: 10, max: 60_000, default: 4_000 });
    this.orders = service.metrics.counter('orders_total', 'Orders decided', ['status']);
    for (const status of ['filled', 'refused']) this.orders.inc({ status }, 0);
    bus.respond('orders', (message) => this.inTurn(parseOrder(message)));
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

  async stop(): Promise<void> {}

  private inTurn(order: Order): Promise<OrderAnswer> {
    const received = performance.now();
    const answer = this.last.then(() => {
      const waited = performance.now() - received;
      // Whoever sent it has given up by now.
      if (waited > this.longestWait) throw new Error(`not begun within ${this.longestWait} ms`);
      return this.answer(order);
    });
    this.last = answer.catch(() => {});
    return answer;
  }

  private async answer(order: Order): Promise<OrderAnswer> {
    const known = await this.store.decided(order);
    if (known !== undefined) {
      // Whoever decided on it may have died before it said so.
      await this.announce(known);
      return known;
    }
    const { approved, reason } = await this.askRiskManager(order);
    const decision = approved ? filled(order) : { status: 'refused' as const, reason: reason ?? 'no reason given' };
    const answer = await this.store.record(order, decision);
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

/** Nothing here can reach an exchange, and nobody may believe that it does. */
function requirePaper(configuration: Configuration): void {
  const environment = configuration.text('TRADING_ENVIRONMENT', '');
  if (environment === 'paper') return;
  const given = environment === '' ? 'not set' : `"${environment}"`;
  throw new ConfigurationError(
    `TRADING_ENVIRONMENT is ${given}; it must be paper: this example fills orders on paper and reaches no exchange`,
  );
}

function filled({ id, symbol, side, quantity, price }: Order): OrderAnswer {
  return {
    status: 'filled',
    fill: { orderId: id, symbol, side, quantity, price, filledAt: new Date().toISOString() },
  };
}

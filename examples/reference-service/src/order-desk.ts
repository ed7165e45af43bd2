import { randomUUID } from 'node:crypto';
import type { Bus } from './bus';
import type { MarketDataFeed } from './market-data-feed';
import { isAmount, isText, parseObject } from './message';
import { NothingDoneError } from './nothing-done';
import { ORDER_ID_PATTERN, SIDES, parseOrderAnswer, type Order, type OrderAnswer, type Side } from './order';
import { SYMBOL_PATTERN, type Tick } from './tick';

/** An order that a person or a program sends. */
export interface OrderRequest {
  /** The same if the order is sent again; without it each request is a new order. */
  readonly id?: string;
  readonly symbol: string;
  readonly side: Side;
  readonly quantity: number;
  /** Without it, the price of the last tick. */
  readonly price?: number;
}

/** `failed`: nothing was done. `unknown`: it may be filled; sending it again with its id returns the outcome. */
export type Outcome = { readonly id: string; readonly status: OrderAnswer['status'] | 'failed' | 'unknown' } & Omit<
  OrderAnswer,
  'status'
>;

const LARGEST_AMOUNT = 1e12;
const AMOUNT = { type: 'number', exclusiveMinimum: 0, maximum: LARGEST_AMOUNT };

export const ORDER_REQUEST_SCHEMA = {
  type: 'object',
  required: ['symbol', 'side', 'quantity'],
  properties: {
    id: { type: 'string', pattern: ORDER_ID_PATTERN.source },
    symbol: { type: 'string', pattern: SYMBOL_PATTERN.source },
    side: { enum: SIDES },
    quantity: AMOUNT,
    price: AMOUNT,
  },
  // A misspelled field is an error: without its price, it would be a different order.
  propertyNames: { enum: ['id', 'symbol', 'side', 'quantity', 'price'] },
};

/** The same for an order that does not arrive over HTTP. */
export function parseOrderRequest(message: unknown): OrderRequest {
  const isPlausible = (value: unknown): boolean => isAmount(value) && value <= LARGEST_AMOUNT;
  const request = parseObject<OrderRequest>('an order', message, {
    id: (value) => value === undefined || (isText(value) && ORDER_ID_PATTERN.test(value)),
    symbol: (value) => isText(value) && SYMBOL_PATTERN.test(value),
    side: (value) => SIDES.includes(value as Side),
    quantity: isPlausible,
    price: (value) => value === undefined || isPlausible(value),
  });
  const unknown = Object.keys(message as object).filter((name) => !(name in request));
  if (unknown.length > 0) throw new Error(`not an order: unknown fields ${unknown.join(', ')}`);
  return request;
}

/** An order without a price whose symbol has no recent one. */
export class NoPriceError extends Error {
  constructor(
    symbol: string,
    /** Whether there was one. */
    readonly isOutdated: boolean,
  ) {
    super(
      isOutdated
        ? `the last price of ${symbol} is too old to trade at; this request did nothing`
        : `no price of ${symbol} is known yet; give one`,
    );
  }
}

/** Adds an id and a price to an order, and returns its outcome. */
export class OrderDesk {
  constructor(
    private readonly bus: Bus,
    private readonly strategy: string,
  ) {}

  /** @throws NoPriceError */
  async place(request: OrderRequest, prices: MarketDataFeed): Promise<Outcome> {
    const { symbol } = request;
    const order = this.order(request, prices.fresh(symbol));
    if (order !== undefined) return this.send(order);
    throw new NoPriceError(
      symbol,
      prices.lastTicks.some((tick) => tick.symbol === symbol),
    );
  }

  /** `undefined` if the order has no price and there is no tick to take it from. */
  private order({ id, symbol, side, quantity, price }: OrderRequest, tick: Tick | undefined): Order | undefined {
    const known = price ?? (side === 'BUY' ? tick?.ask : tick?.bid);
    if (known === undefined) return undefined;
    const createdAt = new Date().toISOString();
    const what = { id: id ?? randomUUID(), symbol, side, quantity, price: known };
    return { ...what, ...(price === undefined && { atMarket: true }), strategy: this.strategy, createdAt };
  }

  private async send(order: Order): Promise<Outcome> {
    try {
      return { id: order.id, ...parseOrderAnswer(await this.bus.request('orders', order)) };
    } catch (error) {
      const reason = (error as Error).message;
      const isUnknown = !(error instanceof NothingDoneError);
      return { id: order.id, status: isUnknown ? 'unknown' : 'failed', reason };
    }
  }
}

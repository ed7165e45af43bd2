import { randomUUID } from 'node:crypto';
import type { Bus } from './bus';
import { NothingDoneError } from './nothing-done';
import { ORDER_ID_PATTERN, SIDES, parseOrderAnswer, type Order, type OrderAnswer, type Side } from './order';
import { SYMBOL_PATTERN, type Tick } from './tick';

/** An order that a person or a program sends over HTTP. */
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

const AMOUNT = { type: 'number', exclusiveMinimum: 0, maximum: 1e12 };

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

/** Adds an id and a price to an order, and returns its outcome. */
export class OrderDesk {
  constructor(
    private readonly bus: Bus,
    private readonly strategy: string,
  ) {}

  /** `undefined` if the order has no price and there is no tick to take it from. */
  order({ id, symbol, side, quantity, price }: OrderRequest, tick: Tick | undefined): Order | undefined {
    const known = price ?? (side === 'BUY' ? tick?.ask : tick?.bid);
    if (known === undefined) return undefined;
    const createdAt = new Date().toISOString();
    const what = { id: id ?? randomUUID(), symbol, side, quantity, price: known };
    return { ...what, ...(price === undefined && { atMarket: true }), strategy: this.strategy, createdAt };
  }

  async send(order: Order): Promise<Outcome> {
    try {
      return { id: order.id, ...parseOrderAnswer(await this.bus.request('orders', order)) };
    } catch (error) {
      const reason = (error as Error).message;
      const isUnknown = !(error instanceof NothingDoneError);
      return { id: order.id, status: isUnknown ? 'unknown' : 'failed', reason };
    }
  }
}

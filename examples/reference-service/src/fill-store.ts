import type { Database, Query } from './database';
import type { Fill, Order, OrderAnswer, Side } from './order';

interface FillRow {
  readonly order_id: string;
  readonly symbol: string;
  readonly side: Side;
  readonly quantity: string;
  readonly price: string;
  readonly filled_at: Date;
}

interface OrderRow {
  readonly symbol: string;
  readonly side: Side;
  readonly quantity: string;
  readonly status: OrderAnswer['status'];
  readonly reason: string | null;
}

const INSERT_ORDER = `INSERT INTO orders
  (id, symbol, side, quantity, price, strategy, created_at, status, reason, decided_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, now()) ON CONFLICT (id) DO NOTHING RETURNING id`;
const INSERT_FILL = `INSERT INTO fills (order_id, symbol, side, quantity, price, filled_at)
  VALUES ($1, $2, $3, $4, $5, $6)`;
const FILL_COLUMNS = 'order_id, symbol, side, quantity, price, filled_at';

/** Where a fill is among all of them, which are ordered by time and then by the id of the order. */
export interface Place {
  /** As PostgreSQL writes it, which is finer than a `Date`, or ISO 8601. */
  readonly time: string;
  readonly orderId: string;
}

/** Orders and fills in PostgreSQL. */
export class FillStore {
  constructor(private readonly database: Database) {}

  /** What was answered to the order before, if it was decided already. */
  async decided(order: Order): Promise<OrderAnswer | undefined> {
    return decided(this.database.rows, order);
  }

  /** The order and its fill, or neither. The answer is the one that counts: another process may have been faster. */
  async record(order: Order, answer: OrderAnswer): Promise<OrderAnswer> {
    return this.database.transaction(async (query) => {
      const { id, symbol, side, quantity, price, strategy, createdAt } = order;
      const values = [id, symbol, side, quantity, price, strategy, createdAt, answer.status, answer.reason ?? null];
      if ((await query(INSERT_ORDER, values)).length === 0) return (await decided(query, order)) ?? answer;
      const { fill } = answer;
      if (fill !== undefined) await query(INSERT_FILL, [id, symbol, side, quantity, fill.price, fill.filledAt]);
      return answer;
    });
  }

  /** The oldest of those behind the place, and the place of the last of them. */
  async fillsBehind(place: Place, limit: number): Promise<{ readonly fills: readonly Fill[]; readonly place: Place }> {
    const statement = `SELECT ${FILL_COLUMNS}, filled_at::text AS time FROM fills
      WHERE (filled_at, order_id) > ($1, $2) ORDER BY filled_at, order_id LIMIT $3`;
    const rows = await this.database.rows<FillRow & { time: string }>(statement, [place.time, place.orderId, limit]);
    const last = rows.at(-1);
    return {
      fills: rows.map(toFill),
      place: last === undefined ? place : { time: last.time, orderId: last.order_id },
    };
  }
}

async function decided(query: Query, order: Order): Promise<OrderAnswer | undefined> {
  const select = 'SELECT symbol, side, quantity, status, reason FROM orders WHERE id = $1';
  const [row] = await query<OrderRow>(select, [order.id]);
  if (row === undefined) return undefined;
  if (row.symbol !== order.symbol || row.side !== order.side || Number(row.quantity) !== order.quantity) {
    throw new Error(`the id ${order.id} is already that of another order`);
  }
  const [fill] = await query<FillRow>(`SELECT ${FILL_COLUMNS} FROM fills WHERE order_id = $1`, [order.id]);
  return {
    status: row.status,
    ...(row.reason === null ? {} : { reason: row.reason }),
    ...(fill === undefined ? {} : { fill: toFill(fill) }),
  };
}

function toFill(row: FillRow): Fill {
  return {
    orderId: row.order_id,
    symbol: row.symbol,
    side: row.side,
    quantity: Number(row.quantity),
    price: Number(row.price),
    filledAt: row.filled_at.toISOString(),
  };
}

import type { Database, Query } from './database';
import { NothingDoneError } from './nothing-done';
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
  readonly price: string;
  readonly strategy: string;
  readonly status: OrderAnswer['status'];
  readonly reason: string | null;
}

const INSERT_ORDER = `INSERT INTO orders
  (id, symbol, side, quantity, price, strategy, created_at, status, reason, decided_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, now()) ON CONFLICT (id) DO NOTHING RETURNING id`;
const INSERT_FILL = `INSERT INTO fills (order_id, symbol, side, quantity, price, filled_at)
  VALUES ($1, $2, $3, $4, $5, $6)`;
const FILL_COLUMNS = 'order_id, symbol, side, quantity, price, filled_at';

/** Position of a fill in the order by time and then by the id of the order. */
export interface Place {
  /** In PostgreSQL's format, which is more precise than a `Date`, or ISO 8601. */
  readonly time: string;
  readonly orderId: string;
}

/** The id of the order belongs to another order. */
export class IdTakenError extends NothingDoneError {}

/** Orders and fills in PostgreSQL. */
export class FillStore {
  constructor(private readonly database: Database) {}

  /**
   * The earlier answer to the order, if there is one.
   *
   * @throws IdTakenError
   */
  async decided(order: Order): Promise<OrderAnswer | undefined> {
    return decided(this.database.rows, order);
  }

  /**
   * Writes the order and its fill, or neither, and returns the recorded answer: another process may have been faster.
   * After an error that is not a `NothingDoneError` the outcome is unknown; writing again is harmless and shows it.
   *
   * @throws IdTakenError
   */
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

  /** The oldest fills after the position, and the position of the last of them. */
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
  const select = 'SELECT symbol, side, quantity, price, strategy, status, reason FROM orders WHERE id = $1';
  const [row] = await query<OrderRow>(select, [order.id]);
  if (row === undefined) return undefined;
  const different = differences(row, order);
  if (different.length > 0) {
    throw new IdTakenError(`the id ${order.id} is already that of another order, of another ${different.join(', ')}`);
  }
  const [fill] = await query<FillRow>(`SELECT ${FILL_COLUMNS} FROM fills WHERE order_id = $1`, [order.id]);
  return {
    status: row.status,
    ...(row.reason === null ? {} : { reason: row.reason }),
    ...(fill === undefined ? {} : { fill: toFill(fill) }),
  };
}

function differences(row: OrderRow, order: Order): readonly string[] {
  const same = {
    symbol: row.symbol === order.symbol,
    side: row.side === order.side,
    quantity: Number(row.quantity) === order.quantity,
    price: order.atMarket === true || Number(row.price) === order.price,
    strategy: row.strategy === order.strategy,
  };
  return Object.entries(same).flatMap(([field, isSame]) => (isSame ? [] : [field]));
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

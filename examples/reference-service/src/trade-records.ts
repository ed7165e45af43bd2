import { ConfigurationError } from './configuration';
import type { Database } from './database';
import type { Service } from './service';
import { SYMBOL_PATTERN } from './tick';

export interface Selection {
  /** Only of this symbol. */
  readonly symbol?: string;
  /** At most this many, the newest. */
  readonly limit: number;
}

/** The query string of a `Selection`. */
export const SELECTION_SCHEMA = {
  type: 'object',
  properties: {
    symbol: { type: 'string', pattern: SYMBOL_PATTERN.source },
    limit: { type: 'integer', minimum: 1, maximum: 1_000, default: 100 },
  },
};

// A price is `numeric` in the database, which arrives as a string; it is converted back to the stored number.
const SIGNALS = `SELECT symbol, action, price::float8, features, created_at AS "createdAt" FROM signals`;
const ORDERS = `SELECT id, symbol, side, quantity::float8, price::float8, strategy, status, reason,
  created_at AS "createdAt", decided_at AS "decidedAt" FROM orders`;
const FILLS = `SELECT order_id AS "orderId", symbol, side, quantity::float8, price::float8, filled_at AS "filledAt"
  FROM fills`;
const DAILY = `SELECT to_char(filled_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day, symbol, count(*)::int AS fills,
    coalesce(sum(quantity) FILTER (WHERE side = 'BUY'), 0)::float8 AS bought,
    coalesce(sum(quantity) FILTER (WHERE side = 'SELL'), 0)::float8 AS sold,
    sum(quantity * price)::float8 AS turnover,
    sum(CASE side WHEN 'SELL' THEN quantity * price ELSE -quantity * price END)::float8 AS cash
  FROM fills
  WHERE filled_at >= date_trunc('day', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' - make_interval(days => $1 - 1)
  GROUP BY day, symbol ORDER BY day DESC, symbol`;

/** Reads what the trading roles stored. It writes nothing. */
export class TradeRecords {
  private readonly database: Database;

  /** For a role that cannot work without a database. */
  constructor(service: Service, role: string) {
    if (service.database === undefined) {
      throw new ConfigurationError(
        `DATABASE_URL is not set; the role ${role} needs it, because it shows the content of it`,
      );
    }
    this.database = service.database;
  }

  signals(selection: Selection): Promise<readonly object[]> {
    return this.select(SIGNALS, 'created_at', selection);
  }

  orders(selection: Selection): Promise<readonly object[]> {
    return this.select(ORDERS, 'decided_at', selection);
  }

  fills(selection: Selection): Promise<readonly object[]> {
    return this.select(FILLS, 'filled_at', selection);
  }

  /** Fills, quantities and money by day (of UTC) and symbol, of today and the days before. */
  daily(days: number): Promise<readonly object[]> {
    return this.database.rows(DAILY, [days]);
  }

  private select(statement: string, time: string, { symbol, limit }: Selection): Promise<readonly object[]> {
    const condition = symbol === undefined ? '' : 'WHERE symbol = $2';
    const values = symbol === undefined ? [limit] : [limit, symbol];
    return this.database.rows(`${statement} ${condition} ORDER BY ${time} DESC LIMIT $1`, values);
  }
}

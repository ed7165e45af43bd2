import type { ClientBase, QueryConfig } from 'pg';

/**
 * A change of the schema. A released one may have been applied somewhere, so it is never edited; add another one instead.
 */
interface Migration {
  /** Starts with its number; recorded in the database. */
  readonly id: string;
  /** Statements that change nothing if they have already been run. */
  readonly statements: readonly string[];
}

/** From the oldest to the newest, which is the order in which they are applied. */
const MIGRATIONS: readonly Migration[] = [
  {
    id: '0001-tables',
    statements: [
      `CREATE TABLE IF NOT EXISTS signals (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        symbol text NOT NULL,
        action text NOT NULL,
        price numeric NOT NULL,
        features jsonb NOT NULL,
        price_sequence bigint NOT NULL,
        created_at timestamptz NOT NULL)`,
      `CREATE TABLE IF NOT EXISTS feature_sets (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        symbol text NOT NULL,
        computed_at timestamptz NOT NULL,
        features jsonb NOT NULL)`,
      `CREATE TABLE IF NOT EXISTS orders (
        id text PRIMARY KEY,
        symbol text NOT NULL,
        side text NOT NULL CHECK (side IN ('BUY', 'SELL')),
        quantity numeric NOT NULL CHECK (quantity > 0),
        price numeric NOT NULL CHECK (price > 0),
        strategy text NOT NULL,
        created_at timestamptz NOT NULL,
        status text NOT NULL CHECK (status IN ('filled', 'refused')),
        reason text,
        decided_at timestamptz NOT NULL)`,
      `CREATE TABLE IF NOT EXISTS risk_checks (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        order_id text NOT NULL,
        symbol text NOT NULL,
        side text NOT NULL,
        quantity numeric NOT NULL,
        price numeric NOT NULL,
        approved boolean NOT NULL,
        reason text,
        checked_at timestamptz NOT NULL)`,
      `CREATE TABLE IF NOT EXISTS fills (
        order_id text PRIMARY KEY REFERENCES orders,
        symbol text NOT NULL,
        side text NOT NULL,
        quantity numeric NOT NULL,
        price numeric NOT NULL,
        filled_at timestamptz NOT NULL)`,
      `CREATE TABLE IF NOT EXISTS alerts (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        severity text NOT NULL,
        source text NOT NULL,
        message text NOT NULL,
        created_at timestamptz NOT NULL)`,
      `CREATE TABLE IF NOT EXISTS arbitrage_opportunities (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        path text NOT NULL,
        edge numeric NOT NULL,
        details jsonb NOT NULL,
        detected_at timestamptz NOT NULL)`,
      'CREATE INDEX IF NOT EXISTS fills_filled_at ON fills (filled_at)',
    ],
  },
  {
    id: '0002-risk-manager',
    statements: [
      'CREATE INDEX IF NOT EXISTS fills_in_order ON fills (filled_at, order_id)',
      // Redundant: another index starts with the same column.
      'DROP INDEX IF EXISTS fills_filled_at',
      `CREATE TABLE IF NOT EXISTS circuit_breaks (
        day date PRIMARY KEY,
        cause text NOT NULL)`,
    ],
  },
  {
    id: '0003-strategies',
    statements: [
      // A day's row is written before its strategies, so that several replicas do not generate twice.
      'CREATE TABLE IF NOT EXISTS strategy_generations (day date PRIMARY KEY)',
      `CREATE TABLE IF NOT EXISTS strategies (
        day date NOT NULL REFERENCES strategy_generations,
        number integer NOT NULL,
        parameters jsonb NOT NULL,
        score double precision NOT NULL,
        active boolean NOT NULL,
        generated_at timestamptz NOT NULL,
        PRIMARY KEY (day, number))`,
      'CREATE INDEX IF NOT EXISTS strategies_active ON strategies (score) WHERE active',
    ],
  },
];

/** Longer than for other statements, for example to index years of fills. */
const STATEMENT_TIMEOUT_MS = 600_000;

/**
 * Applies all pending changes in one transaction and returns their ids. Without pending changes it needs no permission
 * to create tables.
 */
export async function migrate(client: ClientBase): Promise<readonly string[]> {
  if ((await missing(client)).length === 0) return [];
  const run = (text: string, values: readonly unknown[] = []): Promise<unknown> =>
    client.query({ text, values: [...values], query_timeout: STATEMENT_TIMEOUT_MS } as QueryConfig);
  await run('BEGIN');
  // If two processes created the same table at the same time, one of them would fail.
  await run("SELECT pg_advisory_xact_lock(hashtext('schema'))");
  await run('CREATE TABLE IF NOT EXISTS schema_migrations (id text PRIMARY KEY, applied_at timestamptz NOT NULL)');
  const migrations = await missing(client);
  for (const { id, statements } of migrations) {
    for (const statement of statements) await run(statement);
    await run('INSERT INTO schema_migrations (id, applied_at) VALUES ($1, now())', [id]);
  }
  await run('COMMIT');
  return migrations.map(({ id }) => id);
}

async function missing(client: ClientBase): Promise<readonly Migration[]> {
  const { rows } = await client.query<{ there: boolean }>(
    `SELECT to_regclass('schema_migrations') IS NOT NULL AS there`,
  );
  if (rows[0]?.there !== true) return MIGRATIONS;
  const applied = await client.query<{ id: string }>('SELECT id FROM schema_migrations');
  const ids = new Set(applied.rows.map(({ id }) => id));
  return MIGRATIONS.filter(({ id }) => !ids.has(id));
}

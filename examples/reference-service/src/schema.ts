/** Every table of the system, so that whichever service comes first can make them. */
export const TABLES: Readonly<Record<string, string>> = {
  signals: `
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    symbol text NOT NULL,
    action text NOT NULL,
    price numeric NOT NULL,
    features jsonb NOT NULL,
    price_sequence bigint NOT NULL,
    created_at timestamptz NOT NULL`,
  feature_sets: `
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    symbol text NOT NULL,
    computed_at timestamptz NOT NULL,
    features jsonb NOT NULL`,
  orders: `
    id text PRIMARY KEY,
    symbol text NOT NULL,
    side text NOT NULL CHECK (side IN ('BUY', 'SELL')),
    quantity numeric NOT NULL CHECK (quantity > 0),
    price numeric NOT NULL CHECK (price > 0),
    strategy text NOT NULL,
    created_at timestamptz NOT NULL,
    status text NOT NULL CHECK (status IN ('filled', 'refused')),
    reason text,
    decided_at timestamptz NOT NULL`,
  risk_checks: `
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_id text NOT NULL,
    symbol text NOT NULL,
    side text NOT NULL,
    quantity numeric NOT NULL,
    price numeric NOT NULL,
    approved boolean NOT NULL,
    reason text,
    checked_at timestamptz NOT NULL`,
  fills: `
    order_id text PRIMARY KEY REFERENCES orders,
    symbol text NOT NULL,
    side text NOT NULL,
    quantity numeric NOT NULL,
    price numeric NOT NULL,
    filled_at timestamptz NOT NULL`,
  alerts: `
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    severity text NOT NULL,
    source text NOT NULL,
    message text NOT NULL,
    created_at timestamptz NOT NULL`,
  arbitrage_opportunities: `
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    path text NOT NULL,
    edge numeric NOT NULL,
    details jsonb NOT NULL,
    detected_at timestamptz NOT NULL`,
};

/** The statements that make what is not there yet. */
export const SCHEMA = [
  ...Object.entries(TABLES).map(([name, columns]) => `CREATE TABLE IF NOT EXISTS ${name} (${columns}\n)`),
  'CREATE INDEX IF NOT EXISTS fills_filled_at ON fills (filled_at)',
].join(';\n');

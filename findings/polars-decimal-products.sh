#!/usr/bin/env bash
# Polars multiplies decimals at the scale of its operands: 0.05 times 0.05, both with two
# places, is 0.00, and a quotient of such columns has two places as well. It also rounds half a
# unit to even, where DuckDB, on the same Arrow data, widens products and rounds away from zero.
#
# Seen with Polars 2.1.0 and DuckDB 2.0.1 (PyPI).
# Expected: as in SQL, the scale of a product is the sum of both scales; Python's decimal gives
# 0.0025 too. Decimals are taken to be safe for money, so nobody expects them to lose digits.
# Why it matters: quantity times price of a small coin, or notional times a fee rate, is zero or
# off by a large part, and a report in DuckDB over the same Parquet files disagrees.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check polars==2.1.0 duckdb==2.0.1 pyarrow==26.0.1

venv/bin/python - <<'PY'
from decimal import Decimal
from importlib.metadata import version

import duckdb
import polars

print("Polars", version("polars"), "and DuckDB", version("duckdb"))
cents = polars.Decimal(12, 2)
fills = polars.DataFrame({"quantity": ["0.05", "10.00"], "price": ["0.05", "3.00"]}).cast(cents)

by_polars = {
    "quantity * price": fills.select(polars.col("quantity") * polars.col("price")).to_series().to_list(),
    "quantity / price": fills.select(polars.col("quantity") / polars.col("price")).to_series().to_list(),
    "rounded": polars.Series(["1.005", "1.015", "1.025"]).cast(polars.Decimal(12, 3)).cast(cents).to_list(),
}
by_duckdb = {
    "quantity * price": [row[0] for row in duckdb.sql("SELECT quantity * price FROM fills").fetchall()],
    "quantity / price": [row[0] for row in duckdb.sql("SELECT quantity / price FROM fills").fetchall()],
    "rounded": [row[0] for row in duckdb.sql("SELECT unnest([1.005, 1.015, 1.025])::DECIMAL(12, 3)::DECIMAL(12, 2)").fetchall()],
}
for name in by_polars:
    print(f"{name}: Polars {[str(value) for value in by_polars[name]]}, DuckDB {[str(value) for value in by_duckdb[name]]}")

assert [str(value) for value in by_polars["quantity * price"]] == ["0.00", "30.00"], by_polars
assert [str(value) for value in by_polars["quantity / price"]] == ["1.00", "3.33"], by_polars
assert [str(value) for value in by_polars["rounded"]] == ["1.00", "1.02", "1.02"], by_polars
assert by_duckdb["quantity * price"] == [Decimal("0.0025"), 30], by_duckdb
assert abs(by_duckdb["quantity / price"][1] - 10 / 3) < 1e-12, by_duckdb
assert [str(value) for value in by_duckdb["rounded"]] == ["1.01", "1.02", "1.03"], by_duckdb
PY

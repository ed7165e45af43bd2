#!/usr/bin/env bash
# Grafana's builder for PromQL returns queries that are not PromQL: neg() of anything is "-[object Object]", the
# strings of label_replace and count_values have no quotation marks, a subquery without a resolution has no colon,
# and an infinite number is "null". None of it is an error when the query is built.
#
# Seen with @grafana/promql-builder 0.0.6 (npm). Every query is given to promql-parser 0.12.0 (PyPI).
# Expected: valid PromQL, as the builder's types accept these calls.
# Why it matters: rules that are made in code are refused by Prometheus, long after they were built. "> (null)" is worse:
# it is valid, compares with a metric of the name "null", and an alert with it never fires.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init --yes > /dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @grafana/promql-builder@0.0.6
cat > queries.mjs <<'JS'
import * as builder from '@grafana/promql-builder';

const promql = builder.promql ?? builder;
const metric = promql.vector('pnl');
for (const query of [
  promql.sum(metric),
  promql.neg(metric),
  promql.labelReplace(metric, 'pair', '$1', 'symbol', '(.*)'),
  promql.countValues('version', metric),
  promql.subquery(metric).range('1h'),
  promql.clamp(metric, -Infinity, 0),
  promql.gt(metric, promql.n(-Infinity)),
]) {
  console.log(String(query));
}
JS
node queries.mjs > queries
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check promql-parser==0.12.0
venv/bin/python - <<'PY' | tee result
import promql_parser

for query in open("queries").read().splitlines():
    try:
        promql_parser.parse(query)
        print(query, "=> valid")
    except ValueError:
        print(query, "=> not PromQL")
PY

diff - result <<'EXPECTED'
sum(pnl) => valid
-[object Object] => not PromQL
label_replace(pnl, pair, $1, symbol, (.*)) => not PromQL
count_values(version, pnl) => not PromQL
(pnl)[1h] => not PromQL
clamp(pnl, null, 0) => not PromQL
(pnl) > (null) => valid
EXPECTED

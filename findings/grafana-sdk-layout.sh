#!/usr/bin/env bash
# Grafana's own Foundation SDK leaves dashboards unfinished: two queries of one panel have no
# refId to tell them apart, all rows share the id 0, and a panel that is 16 wide is placed at
# column 12 of 24, so it hangs out of the grid. The builder raises no error.
#
# Seen with @grafana/grafana-foundation-sdk 0.0.21 (npm).
# Expected: the builder computes the layout, so what it computes fits into 24 columns, and the
# ids and references that dashboards need are filled in or asked for.
# Why it matters: dashboards as code are provisioned into a container without a human look, and
# what refers to a query or a row by its id, as expressions and transformations do, has nothing
# to refer to.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init --yes > /dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @grafana/grafana-foundation-sdk@0.0.21

cat > dashboard.mjs <<'JS'
import assert from 'node:assert/strict';
import { DashboardBuilder, RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/timeseries';

const query = (expression) => new DataqueryBuilder().expr(expression);
const dashboard = new DashboardBuilder('Desk')
  .withRow(new RowBuilder('Orders'))
  .withPanel(new PanelBuilder().title('Sent').span(12).withTarget(query('sent')).withTarget(query('filled')))
  .withPanel(new PanelBuilder().title('Latency').span(16))
  .withRow(new RowBuilder('Risk'))
  .build();

console.log('@grafana/grafana-foundation-sdk 0.0.21');
for (const { type, title, id, gridPos, targets } of dashboard.panels) {
  console.log(JSON.stringify({ type, title, id, gridPos, targets }));
}
const [orders, sent, latency, risk] = dashboard.panels;
assert.deepEqual(JSON.parse(JSON.stringify(sent.targets)), [{ expr: 'sent' }, { expr: 'filled' }]);
assert.deepEqual([orders.id, risk.id], [0, 0]);
assert.deepEqual([latency.gridPos.x, latency.gridPos.w], [12, 16]);
JS
node dashboard.mjs

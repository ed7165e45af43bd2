/** The page of the monitoring UI. It only requests data from its own server and needs no other file. */
export const MONITORING_PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Trading system</title>
<style>
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
  body { margin: 0 auto; max-width: 64rem; padding: 1rem; }
  header { display: flex; flex-wrap: wrap; align-items: baseline; justify-content: space-between; gap: 0 1rem; }
  h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin: 1.5rem 0 .5rem; }
  .wide { overflow-x: auto; }
  table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
  th, td { padding: .3rem .6rem; text-align: left; border-bottom: 1px solid #8884; white-space: nowrap; }
  .number { text-align: right; }
  .good::before { content: "\\2714  "; color: #2a8a3e; } .bad::before { content: "\\2716  "; color: #d03030; }
  .bad { white-space: normal; }
</style>
</head>
<body>
<header><h1>Trading system</h1><span id="updated" role="status">asking&hellip;</span></header>
<p>Prices are synthetic and orders are filled on paper.</p>
<h2>Services</h2><div class="wide"><table id="services"></table></div>
<h2>Prices</h2><div class="wide"><table id="prices"></table></div>
<h2>Last fills</h2><div class="wide"><table id="fills"></table></div>
<script>
  'use strict';
  const time = (text) => new Date(text).toLocaleTimeString();

  function show(id, heads, rows, none) {
    const table = document.getElementById(id);
    table.replaceChildren();
    const head = table.createTHead().insertRow();
    for (const text of heads) {
      const cell = document.createElement('th');
      cell.scope = 'col';
      cell.textContent = text;
      head.append(cell);
    }
    const body = table.createTBody();
    for (const row of rows.length ? rows : [[none]]) {
      const line = body.insertRow();
      for (const value of row) {
        const cell = line.insertCell();
        cell.textContent = value.text ?? value;
        if (value.className) cell.className = value.className;
        if (typeof value === 'number') cell.className = 'number';
        if (!rows.length) cell.colSpan = heads.length;
      }
    }
  }

  function service({ name, health, error }) {
    const wrong = Object.entries(health?.checks ?? {}).filter(([, result]) => result !== 'ok');
    const good = error === undefined && health?.status === 'healthy';
    const why = error ?? wrong.map(([check, reason]) => check + ': ' + reason).join('; ');
    return [name, { text: good ? 'healthy' : 'unhealthy ' + why, className: good ? 'good' : 'bad' }];
  }

  async function refresh() {
    const updated = document.getElementById('updated');
    try {
      const response = await fetch('api/overview', { signal: AbortSignal.timeout(10_000) });
      if (!response.ok) throw new Error('status ' + response.status);
      const { services, prices, fills } = await response.json();
      show('services', ['Service', 'Health'], services.map(service), 'none');
      show('prices', ['Symbol', 'Bid', 'Ask', 'Time'],
        (prices.rows ?? []).map((p) => [p.symbol, p.bid, p.ask, time(p.time)]), prices.error ?? 'no prices yet');
      show('fills', ['Time', 'Symbol', 'Side', 'Quantity', 'Price', 'Order'],
        (fills.rows ?? []).map((f) => [time(f.filledAt), f.symbol, f.side, f.quantity, f.price, f.orderId]),
        fills.error ?? 'no fills yet');
      updated.textContent = 'as of ' + new Date().toLocaleTimeString();
    } catch (error) {
      updated.textContent = 'out of date: ' + error.message;
    }
    setTimeout(refresh, 2_000);
  }
  refresh();
</script>
</body>
</html>
`;

/** Only the page itself and its own server. */
export const MONITORING_PAGE_POLICY =
  "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; connect-src 'self'; base-uri 'none'; " +
  "form-action 'none'; frame-ancestors 'none'";

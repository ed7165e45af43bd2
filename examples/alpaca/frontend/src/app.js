import { io } from 'socket.io-client';

const API = import.meta.env.VITE_API_URL;
const SOCKETS = import.meta.env.VITE_WS_URL;
const FILLS_SHOWN = 20;
/** Longer than the back end takes to report an unknown outcome. */
const ANSWER_TIMEOUT_MS = 15_000;
/** The outcome of an order with one of these is final. */
const DECIDED = ['filled', 'refused', 'failed'];

/** The newest tick of each symbol. */
const ticks = new Map();
/** The newest fill first. */
let fills = [];
/** The order that was sent and whose outcome is unknown. Until it is known, the button sends this order again. */
let openOrder;

const element = (id) => document.getElementById(id);

const socket = io({ path: `${SOCKETS}/socket.io` });
socket.on('connect', () => {
  element('connection').value = 'live';
  // Loads what was missed without a connection.
  void load();
});
socket.on('disconnect', () => (element('connection').value = 'connection lost'));
socket.on('connect_error', () => (element('connection').value = 'no connection'));
socket.on('tick', (tick) => showTick(tick));
socket.on('fill', showFill);

element('order').addEventListener('submit', (event) => {
  event.preventDefault();
  void placeOrder(event.target);
});

async function load() {
  try {
    const [{ prices }, { fills: past }] = await Promise.all([call('/prices'), call('/fills')]);
    prices.forEach(showTick);
    showFills(past);
  } catch (error) {
    element('connection').value = error.message;
  }
}

/** Requests with the same id are the same order, which is filled once. */
async function placeOrder(form) {
  const [entry, button] = [element('entry'), element('place')];
  if (button.disabled) return;
  try {
    openOrder ??= orderOf(new FormData(form));
    entry.disabled = true;
    button.disabled = true;
    const { status, reason, fill } = await call('/orders', openOrder);
    if (DECIDED.includes(status)) openOrder = undefined;
    element('answer').value = reason === undefined ? status : `${status}: ${reason}`;
    if (fill !== undefined) showFill(fill);
  } catch (error) {
    // A server that rejects a request as invalid has not forwarded it.
    if (error.code >= 400 && error.code < 500) openOrder = undefined;
    element('answer').value = error.message;
  } finally {
    button.textContent = openOrder === undefined ? 'Place paper order' : 'Ask what became of it';
    button.disabled = false;
    entry.disabled = openOrder !== undefined;
  }
}

function orderOf(form) {
  const symbol = form.get('symbol');
  const side = form.get('side');
  const tick = ticks.get(symbol);
  if (tick === undefined) throw new Error(`there is no price of ${symbol || 'anything'} yet`);
  return {
    id: orderId(),
    symbol,
    side,
    quantity: Number(form.get('quantity')),
    // The price on the screen, even if it has changed meanwhile.
    price: side === 'BUY' ? tick.ask : tick.bid,
  };
}

/**
 * GET, or with a body POST. The answer about an order that was not filled is returned too, as it contains the outcome.
 */
async function call(path, body) {
  const response = await fetch(`${API}${path}`, {
    ...(body !== undefined && {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
    }),
  });
  // nginx answers in HTML when it does not reach the back end.
  const isJson = response.headers.get('Content-Type')?.startsWith('application/json') ?? false;
  const answer = isJson ? await response.json() : {};
  if (response.ok || answer.status !== undefined) return answer;
  const message = answer.message ?? answer.error ?? `${API}${path} answered ${response.status}`;
  throw Object.assign(new Error(message), { code: response.status });
}

function showTick(tick) {
  ticks.set(tick.symbol, tick);
  const sorted = [...ticks.values()].sort((a, b) => a.symbol.localeCompare(b.symbol));
  element('prices').replaceChildren(
    ...sorted.map(({ symbol, bid, ask, time }) => row(symbol, bid, ask, timeOfDay(time))),
  );
  const symbols = element('order').elements.symbol;
  if (symbols.options.length !== sorted.length) {
    const chosen = symbols.value;
    symbols.replaceChildren(...sorted.map(({ symbol }) => new Option(symbol)));
    if (chosen !== '') symbols.value = chosen;
  }
}

/** A fill may arrive twice: as the answer to an order, and as a broadcast. */
function showFill(fill) {
  showFills([fill, ...fills.filter(({ orderId }) => orderId !== fill.orderId)]);
}

function showFills(all) {
  fills = all.slice(0, FILLS_SHOWN);
  element('fills').replaceChildren(
    ...fills.map(({ filledAt, side, quantity, symbol, price }) =>
      row(timeOfDay(filledAt), side, quantity, symbol, price),
    ),
  );
}

/** Text only: no external data becomes markup. */
function row(...texts) {
  const line = document.createElement('tr');
  for (const text of texts) line.insertCell().textContent = text;
  return line;
}

function timeOfDay(time) {
  return new Date(time).toLocaleTimeString();
}

/** `crypto.randomUUID` only exists over HTTPS and on localhost. */
function orderId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

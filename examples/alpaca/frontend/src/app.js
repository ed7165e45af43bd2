import { io } from 'socket.io-client';

const API = import.meta.env.VITE_API_URL;
const SOCKETS = import.meta.env.VITE_WS_URL;
const FILLS_SHOWN = 20;
/** Longer than the back end takes to say that it does not know. */
const ANSWER_TIMEOUT_MS = 15_000;
/** After these nothing more becomes of an order. */
const DECIDED = ['filled', 'refused', 'failed'];

/** The newest tick of each symbol. */
const ticks = new Map();
/** The newest fill first. */
let fills = [];
/** The order that was sent while nobody knows what became of it. Until then it is this one that is sent again. */
let openOrder;

const element = (id) => document.getElementById(id);

const socket = io({ path: `${SOCKETS}/socket.io` });
socket.on('connect', () => {
  element('connection').value = 'live';
  // What happened while there was no connection.
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

/** With the same id it is the same order, however often it is sent, and filled once. */
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
    // Whoever says that the request is wrong has not passed it on.
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
    // What is on the screen, and not what it has become meanwhile.
    price: side === 'BUY' ? tick.ask : tick.bid,
  };
}

/** GET, or with a body POST. An order that was not filled is an answer too, and says what became of it. */
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

/** A fill may come twice: as the answer to an order, and to everybody. */
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

/** Text only: nothing that comes from outside becomes markup. */
function row(...texts) {
  const line = document.createElement('tr');
  for (const text of texts) line.insertCell().textContent = text;
  return line;
}

function timeOfDay(time) {
  return new Date(time).toLocaleTimeString();
}

/** `crypto.randomUUID` is there over HTTPS and on localhost only. */
function orderId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { Configuration, ConfigurationError } from '../src/configuration';
import { NothingDoneError } from '../src/nothing-done';
import { parseOrder, type Order, type OrderAnswer } from '../src/order';
import { ApiGateway } from '../src/roles/api-gateway';
import { createProcess, freePort, type Process } from './support/processes';

const KEY = 'a key of at least thirty-two bytes';
const ORDER = { symbol: 'EURUSD', side: 'BUY', quantity: 2 };
const TICK = { symbol: 'EURUSD', bid: 1.07, ask: 1.08, time: '2026-01-02T03:04:05.000Z', sequence: 1 };
/** Nothing listens there: the test answers the queries to the database. */
const DATABASE = { DATABASE_URL: 'postgresql://user:password@127.0.0.1:1/trading' };

interface Gateway extends Process {
  post(body: object, headers?: Record<string, string>): Promise<{ status: number; body: Record<string, unknown> }>;
}

/** Without an executor the order goes nowhere. */
async function createGateway(
  environment: NodeJS.ProcessEnv,
  execute?: (order: Order) => Promise<OrderAnswer>,
): Promise<Gateway> {
  const settings = { ...DATABASE, ORDER_TIMEOUT_MS: '200', SERVICE_NAME: 'gateway', ...environment };
  const created = await createProcess(settings);
  new ApiGateway(created.service, new Configuration({ ...settings }), created.bus);
  if (execute !== undefined) created.bus.respond('orders', (message) => execute(parseOrder(message)));
  return {
    ...created,
    post: async (body, headers = {}) => {
      const response = await created.service.http.inject({
        method: 'POST',
        url: '/api/orders',
        payload: body,
        headers,
      });
      return { status: response.statusCode, body: response.json() };
    },
  };
}

async function token(claims: object, key = KEY, algorithm = 'HS256'): Promise<string> {
  const { SignJWT } = await import('jose');
  return new SignJWT({ ...claims }).setProtectedHeader({ alg: algorithm }).sign(new TextEncoder().encode(key));
}

describe('an order placed over HTTP', () => {
  let gateway: Gateway;
  let answer: (order: Order) => Promise<OrderAnswer>;
  const received: Order[] = [];

  before(async () => {
    gateway = await createGateway({}, (order) => {
      received.push(order);
      return answer(order);
    });
    await gateway.bus.publish('ticks', TICK);
  });
  beforeEach(() => {
    received.length = 0;
    answer = async ({ id, symbol, side, quantity, price }) => ({
      status: 'filled',
      fill: { orderId: id, symbol, side, quantity, price, filledAt: TICK.time },
    });
  });
  after(() => gateway.stop());

  it('gets an id and the last price, and is answered with its fill', async () => {
    const { status, body } = await gateway.post(ORDER);
    assert.equal(status, 201);
    const [order] = received;
    assert.equal(order?.price, TICK.ask);
    assert.equal(order.strategy, 'gateway');
    assert.match(order.id, /^[0-9a-f-]{36}$/);
    assert.equal(body.id, order.id);
    assert.deepEqual(body.fill, { ...ORDER, orderId: order.id, price: TICK.ask, filledAt: TICK.time });
  });

  it('is sold at the bid price', async () => {
    await gateway.post({ ...ORDER, side: 'SELL' });
    assert.equal(received[0]?.price, TICK.bid);
  });

  it('keeps its own id and price', async () => {
    await gateway.post({ ...ORDER, id: 'mine', price: 1.5 });
    assert.equal(received[0]?.id, 'mine');
    assert.equal(received[0].price, 1.5);
  });

  it('is answered with 409 and the reason when it is refused', async () => {
    answer = async () => ({ status: 'refused', reason: 'the position would be too large' });
    const { status, body } = await gateway.post({ ...ORDER, id: 'mine' });
    assert.equal(status, 409);
    assert.deepEqual(body, { id: 'mine', status: 'refused', reason: 'the position would be too large' });
  });

  it('is answered with 503 when the executor fails and nothing was done', async () => {
    answer = () => Promise.reject(new NothingDoneError('no connection to the database'));
    const { status, body } = await gateway.post({ ...ORDER, id: 'mine' });
    assert.equal(status, 503);
    assert.deepEqual(body, { id: 'mine', status: 'failed', reason: 'no connection to the database' });
  });

  it('is answered with 504 and its id when its outcome is unknown', async () => {
    answer = () => new Promise((resolve) => setTimeout(resolve, 400, { status: 'refused', reason: 'late' }));
    const { status, body } = await gateway.post({ ...ORDER, id: 'mine' });
    assert.equal(status, 504);
    assert.deepEqual(body, { id: 'mine', status: 'unknown', reason: 'no answer within 200 ms' });
  });

  it('is answered with 504 when the executor fails and something may have been done', async () => {
    answer = () => Promise.reject(new Error('Query read timeout'));
    const { status, body } = await gateway.post({ ...ORDER, id: 'mine' });
    assert.equal(status, 504);
    assert.deepEqual(body, { id: 'mine', status: 'unknown', reason: 'Query read timeout' });
  });

  it('is answered with 504 when the answer is invalid', async () => {
    answer = async () => ({ status: 'perhaps' }) as never;
    assert.equal((await gateway.post(ORDER)).status, 504);
  });

  it('records whether it has a price of its own, because a market price may differ when it is sent again', async () => {
    await gateway.post(ORDER);
    await gateway.post({ ...ORDER, price: 1.5 });
    assert.deepEqual(
      received.map(({ atMarket }) => atMarket),
      [true, undefined],
    );
  });

  const wrong: readonly (readonly [string, object])[] = [
    ['no symbol', { side: 'BUY', quantity: 1 }],
    ['an invalid side', { ...ORDER, side: 'HOLD' }],
    ['a quantity of 0', { ...ORDER, quantity: 0 }],
    ['an id with invalid characters', { ...ORDER, id: "'; DROP TABLE orders" }],
    ['a misspelt field', { ...ORDER, prize: 1 }],
    ['a symbol without a price', { ...ORDER, symbol: 'XAUUSD' }],
  ];
  for (const [what, body] of wrong) {
    it(`is answered with 400 and not forwarded with ${what}`, async () => {
      assert.equal((await gateway.post(body)).status, 400);
      assert.deepEqual(received, []);
    });
  }
});

describe('an order without a price', () => {
  it('is answered with 503 and not forwarded when the last price is too old', async () => {
    let received = 0;
    const gateway = await createGateway({ MARKET_DATA_MAX_AGE_SECONDS: '1' }, async () => {
      received += 1;
      return { status: 'refused', reason: 'test' };
    });
    await gateway.bus.publish('ticks', TICK);
    assert.equal((await gateway.post(ORDER)).status, 409);
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    const { status, body } = await gateway.post(ORDER);
    assert.equal(status, 503);
    assert.match(String(body.error), /the last price of EURUSD is too old to trade at/);
    assert.equal(received, 1);
    await gateway.stop();
  });
});

describe('a gateway without an executor', () => {
  it('answers with 503', async () => {
    const gateway = await createGateway({});
    const { status, body } = await gateway.post({ ...ORDER, price: 1 });
    assert.equal(status, 503);
    assert.match(String(body.reason), /no receiver is configured for orders/);
    await gateway.stop();
  });
});

describe('a gateway in one process with the roles that answer', () => {
  const create = async (transport: string): Promise<Gateway> =>
    createGateway({ TRANSPORT: transport, ZMQ_EXEC_PORT: String(await freePort()) }, async () => ({
      status: 'refused',
      reason: 'test',
    }));

  it('does not start if the bus would answer orders on its port without a token', async () => {
    const gateway = await create('http');
    await assert.rejects(gateway.start(), (error: Error) => {
      assert.ok(error instanceof ConfigurationError);
      assert.match(
        error.message,
        /^TRANSPORT is "http", which answers \/orders without a token on the port of the api-g/,
      );
      return true;
    });
    assert.equal(gateway.service.http.server.listening, false);
  });

  it('starts if the bus has ports of its own', async () => {
    const gateway = await create('zeromq');
    await gateway.start();
    await gateway.stop();
  });

  it('starts if other processes answer over HTTP', async () => {
    const gateway = await createGateway({ TRANSPORT: 'http', ORDER_EXECUTOR_URL: 'http://127.0.0.1:1' });
    await gateway.start();
    await gateway.stop();
  });
});

describe('a gateway with JWT_SECRET_KEY', () => {
  const soon = Math.floor(Date.now() / 1_000) + 60;
  let gateway: Gateway;
  let orders = 0;

  before(async () => {
    gateway = await createGateway({ JWT_SECRET_KEY: KEY }, async () => {
      orders += 1;
      return { status: 'refused', reason: 'test' };
    });
  });
  after(() => gateway.stop());

  async function place(authorization: string | undefined): Promise<number> {
    const headers = authorization === undefined ? {} : { authorization };
    return (await gateway.post({ ...ORDER, price: 1 }, headers)).status;
  }

  it('accepts an order with a token that is signed with its key', async () => {
    assert.equal(await place(`Bearer ${await token({ exp: soon })}`), 409);
    assert.equal(orders, 1);
  });

  it('accepts no other order', async () => {
    orders = 0;
    const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from(`{"exp":${soon}}`).toString('base64url')}.`;
    const refused: readonly (string | undefined)[] = [
      undefined,
      'Bearer',
      'Bearer nonsense',
      `Basic ${await token({ exp: soon })}`,
      `Bearer ${none}`,
      `Bearer ${await token({ exp: soon }, `not ${KEY}`)}`,
      `Bearer ${await token({ exp: soon - 120 })}`,
      `Bearer ${await token({})}`,
      `Bearer ${await token({ exp: soon }, KEY.repeat(2), 'HS512')}`,
    ];
    for (const authorization of refused) assert.equal(await place(authorization), 401, authorization ?? 'none');
    assert.equal(orders, 0);
  });

  for (const path of ['/api/orders', '/api/fills']) {
    it(`shows ${path} with a token only`, async () => {
      assert.equal((await gateway.service.http.inject(path)).statusCode, 401);
      const headers = { authorization: `Bearer ${await token({ exp: soon })}` };
      // The database of this test does not answer.
      assert.notEqual((await gateway.service.http.inject({ url: path, headers })).statusCode, 401);
    });
  }

  it('shows prices without a token', async () => {
    assert.equal((await gateway.service.http.inject('/api/prices')).statusCode, 200);
  });

  it('does not start with a key that can be guessed', async () => {
    await assert.rejects(createGateway({ JWT_SECRET_KEY: 'hunter2' }), (error: Error) => {
      assert.ok(error instanceof ConfigurationError);
      assert.match(error.message, /^JWT_SECRET_KEY has 7 bytes; it must have at least 32/);
      return true;
    });
  });
});

describe('a gateway without JWT_SECRET_KEY', () => {
  let gateway: Gateway;
  let orders = 0;
  before(async () => {
    gateway = await createGateway({ ALLOWED_ORIGINS: 'https://desk.example' }, async () => {
      orders += 1;
      return { status: 'refused', reason: 'test' };
    });
  });
  after(() => gateway.stop());

  const place = async (headers: Record<string, string>): Promise<number> =>
    (await gateway.post({ ...ORDER, price: 1 }, headers)).status;

  it('accepts orders of programs and of its own pages', async () => {
    orders = 0;
    const accepted = [
      { host: '127.0.0.1:8083' },
      { host: '[::1]:8083' },
      { host: 'api-gateway:8080' },
      { host: 'localhost:8083', origin: 'http://localhost:8083' },
      { host: 'desk.example', origin: 'https://desk.example' },
      { host: 'localhost:8083', origin: 'https://desk.example' },
    ];
    for (const headers of accepted) assert.equal(await place(headers), 409, JSON.stringify(headers));
    assert.equal(orders, accepted.length);
  });

  it('refuses pages of other origins, and names that may have been made to point here', async () => {
    orders = 0;
    const refused = [
      { host: 'localhost:8083', origin: 'https://other.example' },
      { host: 'localhost:8083', origin: 'http://localhost:3000' },
      { host: 'localhost:8083', origin: 'null' },
      { host: 'rebound.example:8083', origin: 'http://rebound.example:8083' },
      { host: 'rebound.example' },
    ];
    for (const headers of refused) assert.equal(await place(headers), 403, JSON.stringify(headers));
    assert.equal(orders, 0);
    const prices = await gateway.service.http.inject({ url: '/api/prices', headers: { host: 'rebound.example' } });
    assert.equal(prices.statusCode, 403);
  });

  it('refuses to start with an allowed origin that is not a URL', async () => {
    await assert.rejects(createGateway({ ALLOWED_ORIGINS: 'desk.example' }), ConfigurationError);
  });
});

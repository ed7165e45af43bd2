import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { after, before, beforeEach, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { io } from 'socket.io-client';
import { WebSocket } from 'ws';
import { Configuration, ConfigurationError } from '../src/configuration';
import { WebSocketService } from '../src/roles/websocket';
import { createProcess, eventually, type Process } from './support/processes';

const TICK = { symbol: 'EURUSD', bid: 1.07, ask: 1.08, time: '2026-01-02T03:04:05.000Z', sequence: 0 };
const FILL = { orderId: 'a', symbol: 'EURUSD', side: 'BUY', quantity: 1, price: 1.08, filledAt: TICK.time };

let sequence = 0;

function nextTick(): typeof TICK {
  sequence += 1;
  return { ...TICK, sequence };
}

async function createWebSocketService(
  environment: NodeJS.ProcessEnv,
  prepare: (bus: Process['bus']) => void = () => {},
): Promise<Process & { url: string }> {
  const created = await createProcess(environment);
  prepare(created.bus);
  new WebSocketService(created.service, new Configuration(environment), created.bus);
  await created.service.http.listen({ host: '127.0.0.1', port: 0 });
  await created.bus.start();
  const { port } = created.service.http.server.address() as AddressInfo;
  return { ...created, url: `http://127.0.0.1:${port}` };
}

async function clients({ service }: Process): Promise<number> {
  const { body } = await service.http.inject('/metrics');
  return Number(/^websocket_clients (\d+)$/m.exec(body)?.[1]);
}

/** The connection that requested an upgrade. */
function ask(url: string, target: string, allowHalfOpen = false): Socket {
  const socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1', allowHalfOpen });
  const upgrade = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13'];
  const key = `Sec-WebSocket-Key: ${Buffer.alloc(16).toString('base64')}`;
  socket.write([`GET ${target} HTTP/1.1`, 'Host: a', ...upgrade, key, '', ''].join('\r\n'));
  socket.resume();
  socket.on('error', () => {});
  return socket;
}

/** The subprotocol of a connection that opens, or the reason why it does not. */
async function answerTo(client: WebSocket): Promise<string> {
  const answer = await new Promise<string>((resolve) => {
    client
      .once('open', () => {
        resolve(`open ${client.protocol}`);
      })
      .once('error', (error) => {
        resolve(error.message);
      });
  });
  client.terminate();
  return answer;
}

describe('the live feed', () => {
  let server: Process & { url: string };
  before(async () => {
    server = await createWebSocketService({ WEBSOCKET_PING_SECONDS: '1' });
  });
  after(() => server.stop());

  it('sends ticks and fills to WebSocket clients as JSON', async () => {
    const client = new WebSocket(`${server.url}/ws`);
    const received: unknown[] = [];
    client.on('message', (data) => received.push(JSON.parse((data as Buffer).toString())));
    await once(client, 'open');
    assert.equal(await clients(server), 1);
    const tick = nextTick();
    await server.bus.publish('ticks', tick);
    await server.bus.publish('fills', FILL);
    await eventually(() => received.length === 2);
    assert.deepEqual(received, [
      { topic: 'ticks', message: tick },
      { topic: 'fills', message: FILL },
    ]);
    client.close();
    await eventually(async () => (await clients(server)) === 0);
  });

  it('pings clients, keeps those that answer and disconnects those that do not', async () => {
    const [answering, deaf] = [true, false].map((autoPong) => new WebSocket(`${server.url}/ws`, { autoPong }));
    const ended = once(deaf as WebSocket, 'close');
    await once(answering as WebSocket, 'ping');
    await ended;
    assert.equal(answering?.readyState, WebSocket.OPEN);
    answering.terminate();
  });

  it('disconnects a client that sends more than a listener needs to', async () => {
    const client = new WebSocket(`${server.url}/ws`);
    await once(client, 'open');
    client.send('x'.repeat(10_000));
    const [code] = (await once(client, 'close')) as [number];
    assert.equal(code, 1_009);
  });

  for (const transport of ['polling', 'websocket']) {
    it(`sends ticks and fills to Socket.IO clients by ${transport}`, async () => {
      const client = io(server.url, { transports: [transport], reconnection: false });
      const received: unknown[] = [];
      client.on('tick', (message) => received.push({ tick: message as unknown }));
      client.on('fill', (message) => received.push({ fill: message as unknown }));
      await new Promise<void>((resolve, reject) => client.once('connect', resolve).once('connect_error', reject));
      assert.equal(client.io.engine.transport.name, transport);
      const tick = nextTick();
      await server.bus.publish('ticks', tick);
      await server.bus.publish('fills', FILL);
      await eventually(() => received.length === 2);
      assert.deepEqual(received, [{ tick }, { fill: FILL }]);
      client.disconnect();
    });
  }

  it('lets a Socket.IO client start with polling and switch to WebSocket', async () => {
    const client = io(server.url, { reconnection: false });
    await eventually(() => client.connected && client.io.engine.transport.name === 'websocket');
    client.disconnect();
  });

  it('explains /ws to clients that request it over plain HTTP', async () => {
    assert.equal((await fetch(`${server.url}/ws`)).status, 426);
  });

  it('disconnects WebSocket clients of other paths', async () => {
    const client = new WebSocket(`${server.url}/nothing`);
    const [error] = (await once(client, 'error')) as [Error];
    assert.match(error.message, /hang up/);
  });

  it(
    'disconnects clients that request an upgrade of an invalid path, and keeps running',
    { timeout: 5_000 },
    async () => {
      const targets = ['//', '///', '*', 'http://', '//[', '/%', '?', 'a b'];
      await Promise.all(targets.map((target) => once(ask(server.url, target), 'close')));
      assert.equal((await fetch(`${server.url}/ws`)).status, 426);
    },
  );

  it('keeps running when a client disconnects during an upgrade', async () => {
    for (const target of ['/ws', '/nothing']) {
      const client = ask(server.url, target);
      await delay(50);
      client.resetAndDestroy();
    }
    await delay(100);
    assert.equal((await fetch(`${server.url}/ws`)).status, 426);
  });

  it('forwards only valid ticks', async () => {
    const client = new WebSocket(`${server.url}/ws`);
    await once(client, 'open');
    const next = once(client, 'message');
    await server.bus.publish('ticks', { symbol: 'EURUSD' });
    const tick = nextTick();
    await server.bus.publish('ticks', tick);
    assert.deepEqual(JSON.parse(String((await next)[0])), { topic: 'ticks', message: tick });
    client.terminate();
  });
});

describe('a service with listening clients', () => {
  it('stops quickly and notifies them that it restarts', async () => {
    const server = await createWebSocketService({ SOCKET_IO_PATH: '/ws/socket.io' });
    const plain = new WebSocket(`${server.url}/ws`);
    const polling = io(server.url, { path: '/ws/socket.io', transports: ['polling'], reconnection: false });
    const upgraded = io(server.url, { path: '/ws/socket.io', transports: ['websocket'], reconnection: false });
    await eventually(() => polling.connected && upgraded.connected && plain.readyState === WebSocket.OPEN);
    const closed = once(plain, 'close');
    const started = Date.now();
    await server.stop();
    assert.ok(Date.now() - started < 2_000, `took ${Date.now() - started} ms`);
    assert.equal((await closed)[0], 1_012);
    await eventually(() => !polling.connected && !upgraded.connected);
  });

  it('disconnects a client that requests and does not read the answers', async () => {
    const server = await createWebSocketService({});
    const client = new WebSocket(`${server.url}/ws`, { perMessageDeflate: false });
    await once(client, 'open');
    client.on('error', () => {});
    client.pause();
    const request = JSON.stringify({ id: 'x'.repeat(900), nothing: 1 });
    await eventually(async () => {
      for (let sent = 0; sent < 5_000 && client.bufferedAmount < 1_000_000; sent += 1) client.send(request);
      return (await clients(server)) === 0;
    });
    await server.stop();
  });

  it('refuses an invalid path', async () => {
    await assert.rejects(createWebSocketService({ SOCKET_IO_PATH: 'socket.io' }), ConfigurationError);
  });
});

describe('the live feed with JWT_SECRET_KEY', () => {
  const key = 'a key of at least thirty-two bytes';
  let server: Process & { url: string };
  let token: string;
  before(async () => {
    server = await createWebSocketService({ JWT_SECRET_KEY: key });
    const { SignJWT } = await import('jose');
    const claims = new SignJWT({ exp: Math.floor(Date.now() / 1_000) + 60 });
    token = await claims.setProtectedHeader({ alg: 'HS256' }).sign(new TextEncoder().encode(key));
  });
  after(() => server.stop());

  it('serves WebSocket clients with a token, in a header or as a subprotocol', async () => {
    const headers = { authorization: `Bearer ${token}` };
    assert.equal(await answerTo(new WebSocket(`${server.url}/ws`, { headers })), 'open ');
    for (const protocols of [
      ['bearer', token],
      [token, 'bearer'],
    ]) {
      assert.equal(await answerTo(new WebSocket(`${server.url}/ws`, protocols)), 'open bearer');
    }
  });

  it('refuses WebSocket clients without one', async () => {
    for (const protocols of [[], ['bearer'], ['bearer', 'nonsense'], [token]]) {
      assert.match(await answerTo(new WebSocket(`${server.url}/ws`, protocols)), /401/, protocols.join());
    }
  });

  it('closes the connection of a refused client that does not close it itself', async () => {
    const connections = promisify(server.service.http.server.getConnections.bind(server.service.http.server));
    await eventually(async () => (await connections()) === 0);
    const socket = ask(server.url, '/ws', true);
    await once(socket, 'end');
    await eventually(async () => (await connections()) === 0);
    socket.destroy();
  });

  it('serves Socket.IO clients with a token only', async () => {
    const connected = async (auth: object): Promise<string> => {
      const client = io(server.url, { auth, reconnection: false });
      const [answer] = await new Promise<unknown[]>((resolve) =>
        client
          .once('connect', () => {
            resolve(['connected']);
          })
          .once('connect_error', (error) => {
            resolve([error.message]);
          }),
      );
      client.disconnect();
      return String(answer);
    };
    assert.equal(await connected({ token }), 'connected');
    assert.equal(await connected({}), 'a valid bearer token is required');
    assert.equal(await connected({ token: 'nonsense' }), 'a valid bearer token is required');
  });
});

describe('the live feed and web pages', () => {
  let server: Process & { url: string };
  before(async () => {
    server = await createWebSocketService({ ALLOWED_ORIGINS: 'https://desk.example' });
  });
  after(() => server.stop());

  const statusFor = (origin: string): Promise<string> => answerTo(new WebSocket(`${server.url}/ws`, { origin }));

  it('serves pages of its own host and of allowed origins', async () => {
    assert.equal(await statusFor(server.url), 'open ');
    assert.equal(await statusFor('https://desk.example'), 'open ');
  });

  it('refuses pages of other origins, also over Socket.IO', async () => {
    assert.match(await statusFor('https://other.example'), /403/);
    const url = `${server.url}/socket.io/?EIO=4&transport=polling`;
    assert.equal((await fetch(url, { headers: { origin: 'https://other.example' } })).status, 403);
    assert.equal((await fetch(url)).status, 200);
  });
});

describe('requests of clients of the live feed', () => {
  const key = 'a key of at least thirty-two bytes';
  const order = { id: 'mine', symbol: 'EURUSD', side: 'BUY', quantity: 2, price: 1.08 };
  const filled = { status: 'filled', fill: { ...FILL, orderId: 'mine' } };
  let server: Process & { url: string };
  let orders: unknown[];

  const sign = async (seconds: number): Promise<string> => {
    const { SignJWT } = await import('jose');
    const claims = new SignJWT({ exp: Math.floor(Date.now() / 1_000) + seconds });
    return claims.setProtectedHeader({ alg: 'HS256' }).sign(new TextEncoder().encode(key));
  };
  const connected = async (token: string): Promise<WebSocket> => {
    const client = new WebSocket(`${server.url}/ws`, ['bearer', token]);
    await once(client, 'open');
    return client;
  };
  const ask = async (client: WebSocket, request: unknown): Promise<unknown> => {
    const next = once(client, 'message');
    client.send(typeof request === 'string' ? request : JSON.stringify(request));
    return JSON.parse(String((await next)[0]));
  };

  before(async () => {
    server = await createWebSocketService({ JWT_SECRET_KEY: key }, (bus) => {
      bus.respond('orders', async (message) => {
        orders.push(message);
        return filled;
      });
    });
  });
  beforeEach(() => {
    orders = [];
  });
  after(() => server.stop());

  it('places an order and answers with its outcome and the id of the request', async () => {
    const client = await connected(await sign(60));
    assert.deepEqual(await ask(client, { id: 7, order }), { id: 7, answer: { ...filled, id: 'mine' } });
    assert.equal(orders.length, 1);
    client.terminate();
  });

  it('does the same over Socket.IO', async () => {
    const client = io(server.url, { auth: { token: await sign(60) }, reconnection: false });
    await eventually(() => client.connected);
    assert.deepEqual(await client.timeout(2_000).emitWithAck('order', order), { ...filled, id: 'mine' });
    assert.deepEqual(await client.timeout(2_000).emitWithAck('subscribe', ['EURUSD']), { symbols: ['EURUSD'] });
    client.disconnect();
  });

  it('places no order with a token that has expired since the connection', async () => {
    const client = await connected(await sign(1));
    await delay(2_100);
    assert.deepEqual(await ask(client, { order }), { answer: { error: 'a valid bearer token is required' } });
    assert.deepEqual(orders, []);
    client.terminate();
  });

  it('refuses anything that is not a request, and does nothing', async () => {
    const client = await connected(await sign(60));
    for (const request of [
      '',
      '[',
      'null',
      '7',
      {},
      { cancel: 'mine' },
      { order: { ...order, prize: 2 } },
      { subscribe: [] },
    ]) {
      const { answer } = (await ask(client, request)) as { readonly answer: { readonly error?: string } };
      assert.equal(typeof answer.error, 'string', JSON.stringify(request));
    }
    assert.deepEqual(orders, []);
    client.terminate();
  });

  it('sends a client that subscribes only the ticks of its symbols', async () => {
    const client = await connected(await sign(60));
    assert.deepEqual(await ask(client, { subscribe: ['GBPUSD', 'USDJPY'] }), {
      answer: { symbols: ['GBPUSD', 'USDJPY'] },
    });
    assert.deepEqual(await ask(client, { unsubscribe: ['USDJPY'] }), { answer: { symbols: ['GBPUSD'] } });
    const next = once(client, 'message');
    for (const symbol of ['EURUSD', 'USDJPY', 'GBPUSD']) await server.bus.publish('ticks', { ...nextTick(), symbol });
    const { message } = JSON.parse(String((await next)[0])) as { readonly message: { readonly symbol: string } };
    assert.equal(message.symbol, 'GBPUSD');
    client.terminate();
  });
});

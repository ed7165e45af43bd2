import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { NothingDoneError } from '../../src/nothing-done';
import { createProcess, eventually, type Process } from './processes';

/** The environments of two processes, the first of which publishes and answers. */
export interface Environments {
  readonly answerer: NodeJS.ProcessEnv;
  readonly asker: NodeJS.ProcessEnv;
}

const TICK = { symbol: 'EURUSD', bid: 1, ask: 2, time: '2026-01-02T03:04:05Z', sequence: 1 };

const FILL = { orderId: '', symbol: 'EURUSD', side: 'BUY', quantity: 1, price: 1, filledAt: TICK.time };
const FILLS = 500;

/** The tests that every transport has to pass. */
export function keepsItsPromises(environments: () => Promise<Environments>): void {
  let given: Environments;
  let asker: Process;
  let answerer: Process;
  const heard: unknown[] = [];
  const echoes: unknown[] = [];
  const fills: unknown[] = [];
  let answered = 0;

  async function createAnswerer(): Promise<Process> {
    const created = await createProcess(given.answerer);
    created.bus.subscribe('ticks', (message) => void echoes.push(message));
    created.bus.respond('orders', async (message) => {
      answered += 1;
      const { wait = 0, fail, refuse, fill = 0 } = message as Asked;
      await delay(wait);
      if (fail !== undefined) throw new Error(fail);
      if (refuse !== undefined) throw new NothingDoneError(refuse);
      await Promise.all(
        Array.from({ length: fill }, (_, n) => created.bus.publish('fills', { ...FILL, orderId: String(n) })),
      );
      return { got: message };
    });
    await created.start();
    return created;
  }

  before(async () => {
    given = await environments();
    answerer = await createAnswerer();
    asker = await createProcess({ ORDER_TIMEOUT_MS: '1000', ...given.asker });
    asker.bus.subscribe('ticks', (message) => void heard.push(message));
    asker.bus.subscribe('fills', (message) => void fills.push(message));
    await asker.start();
    await eventually(() => asker.bus.check('orders').then(yes, no));
  });

  after(async () => {
    await asker.stop();
    await answerer.stop();
  });

  it('delivers a published message to other processes, and once to its own', async () => {
    let published = 0;
    // A subscription takes some time to reach the publisher.
    await eventually(async () => {
      published += 1;
      await answerer.bus.publish('ticks', { ...TICK, sequence: published });
      await delay(50);
      return heard.length > 0;
    });
    await delay(200);
    assert.deepEqual(heard.at(-1), { ...TICK, sequence: published });
    assert.equal(echoes.length, published);
  });

  it('returns the answer to the sender', async () => {
    const orders = Array.from({ length: 20 }, (_, n) => ({ n }));
    const answers = await Promise.all(orders.map((order) => asker.bus.request('orders', order)));
    assert.deepEqual(
      answers,
      orders.map((got) => ({ got })),
    );
  });

  it('returns an error to the sender', async () => {
    await assert.rejects(asker.bus.request('orders', { fail: 'no such thing' }), /^Error: no such thing$/);
  });

  it('reports that nothing was done if the receiver says so, and only then', async () => {
    await assert.rejects(asker.bus.request('orders', { refuse: 'no' }), NothingDoneError);
    await assert.rejects(asker.bus.request('orders', { fail: 'no' }), isUnknown);
    await assert.rejects(asker.bus.request('orders', { wait: 1_200 }), isUnknown);
    await delay(400);
  });

  it('does not wait longer than the timeout', async () => {
    const started = Date.now();
    await assert.rejects(asker.bus.request('orders', { wait: 1_500 }), /no answer within 1000 ms/);
    assert.ok(Date.now() - started < 1_400);
    await delay(600);
  });

  it('finishes started requests before it stops, and publishes their fills', async () => {
    await eventually(async () => {
      await asker.bus.request('orders', { fill: 1 });
      await delay(50);
      return fills.length > 0;
    });
    fills.length = 0;
    const asked = { wait: 400, fill: FILLS };
    const answer = asker.bus.request('orders', asked);
    await delay(200);
    await answerer.stop();
    assert.deepEqual(await answer, { got: asked });
    await eventually(() => fills.length >= FILLS).catch(() => {
      assert.equal(fills.length, FILLS);
    });
  });

  it('fails and is unhealthy while there is no receiver', async () => {
    await assert.rejects(asker.bus.request('orders', { n: 'lost' }));
    await assert.rejects(asker.bus.check('orders'));
  });

  it('finds the successor of a lost receiver, which does not get the abandoned requests', async () => {
    const before = answered;
    heard.length = 0;
    answerer = await createAnswerer();
    await eventually(() => asker.bus.check('orders').then(yes, no));
    assert.equal(answered, before);
    assert.deepEqual(await asker.bus.request('orders', { n: 1 }), { got: { n: 1 } });
    await eventually(async () => {
      await answerer.bus.publish('ticks', TICK);
      await delay(50);
      return heard.length > 0;
    });
  });

  it('does not start requests that were abandoned before it could work again', async () => {
    await answerer.stop();
    const folder = mkdtempSync(join(tmpdir(), 'begun-'));
    const begun = join(folder, 'orders');
    const stalled = startAnswerer({ ...given.answerer, BEGUN: begun });
    try {
      await eventually(() => asker.bus.check('orders').then(yes, no), 60_000);
      assert.deepEqual(await asker.bus.request('orders', { n: 'before' }), { got: { n: 'before' } });
      stalled.kill('SIGSTOP');
      await assert.rejects(asker.bus.request('orders', { n: 'meanwhile' }), /no answer within 1000 ms/);
      await delay(100);
      stalled.kill('SIGCONT');
      await eventually(() => asker.bus.request('orders', { n: 'after' }).then(yes, no));
      assert.doesNotMatch(readFileSync(begun, 'utf8'), /meanwhile/);
    } finally {
      stalled.kill('SIGKILL');
      await once(stalled, 'exit');
      rmSync(folder, { recursive: true });
      answerer = await createAnswerer();
    }
  });
}

function startAnswerer(environment: NodeJS.ProcessEnv): ChildProcess {
  // The types have already been checked.
  const env = { ...process.env, ...environment, TS_NODE_TRANSPILE_ONLY: 'true' };
  return spawn(process.execPath, ['--require', 'ts-node/register', join(__dirname, 'answerer.ts')], {
    env,
    stdio: 'inherit',
  });
}

interface Asked {
  readonly wait?: number;
  readonly fail?: string;
  readonly refuse?: string;
  /** Number of fills to publish. */
  readonly fill?: number;
}

function isUnknown(error: Error): boolean {
  return !(error instanceof NothingDoneError);
}

function yes(): boolean {
  return true;
}

function no(): boolean {
  return false;
}

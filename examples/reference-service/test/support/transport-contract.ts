import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { createProcess, eventually, type Process } from './processes';

/** The environments of two processes of which the first publishes and answers. */
export interface Environments {
  readonly answerer: NodeJS.ProcessEnv;
  readonly asker: NodeJS.ProcessEnv;
}

const TICK = { symbol: 'EURUSD', bid: 1, ask: 2, time: '2026-01-02T03:04:05Z', sequence: 1 };

/** What holds for every transport. */
export function keepsItsPromises(environments: () => Promise<Environments>): void {
  let given: Environments;
  let asker: Process;
  let answerer: Process;
  const heard: unknown[] = [];
  const echoes: unknown[] = [];
  let answered = 0;

  async function createAnswerer(): Promise<Process> {
    const created = await createProcess(given.answerer);
    created.bus.subscribe('ticks', (message) => void echoes.push(message));
    created.bus.respond('orders', async (message) => {
      answered += 1;
      const { wait = 0, fail } = message as { wait?: number; fail?: string };
      await delay(wait);
      if (fail !== undefined) throw new Error(fail);
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
    await asker.start();
    await eventually(() => asker.bus.check('orders').then(yes, no));
  });

  after(async () => {
    await asker.stop();
    await answerer.stop();
  });

  it('carries what is published to other processes, and once to the own', async () => {
    let published = 0;
    // A subscription takes its time to reach the publisher.
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

  it('brings the answer to whoever asked', async () => {
    const orders = Array.from({ length: 20 }, (_, n) => ({ n }));
    const answers = await Promise.all(orders.map((order) => asker.bus.request('orders', order)));
    assert.deepEqual(
      answers,
      orders.map((got) => ({ got })),
    );
  });

  it('brings an error to whoever asked', async () => {
    await assert.rejects(asker.bus.request('orders', { fail: 'no such thing' }), /^Error: no such thing$/);
  });

  it('does not wait longer than the time-out', async () => {
    const started = Date.now();
    await assert.rejects(asker.bus.request('orders', { wait: 1_500 }), /no answer within 1000 ms/);
    assert.ok(Date.now() - started < 1_400);
    await delay(600);
  });

  it('finishes what it began before it stops', async () => {
    const answer = asker.bus.request('orders', { wait: 400 });
    await delay(200);
    await answerer.stop();
    assert.deepEqual(await answer, { got: { wait: 400 } });
  });

  it('fails, and says so, while nobody answers', async () => {
    await assert.rejects(asker.bus.request('orders', { n: 'lost' }));
    await assert.rejects(asker.bus.check('orders'));
  });

  it('finds whoever takes the place of the lost one, who does not get what was given up', async () => {
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
}

function yes(): boolean {
  return true;
}

function no(): boolean {
  return false;
}

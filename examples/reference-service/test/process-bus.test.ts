import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { createProcess, type Process } from './support/processes';

let process: Process;

async function start(prepare: (process: Process) => void, environment: NodeJS.ProcessEnv = {}): Promise<void> {
  process = await createProcess(environment);
  prepare(process);
  await process.start();
}

describe('the bus of one process', () => {
  afterEach(() => process.stop());

  it('passes a published message to every listener, even if one of them fails', async () => {
    const heard: unknown[] = [];
    await start(({ bus }) => {
      bus.subscribe('fills', () => {
        throw new Error('cannot');
      });
      bus.subscribe('fills', (message) => void heard.push(message));
      bus.subscribe('alerts', (message) => void heard.push(message));
    });
    await process.bus.publish('fills', { orderId: 'a' });
    assert.deepEqual(heard, [{ orderId: 'a' }]);
  });

  it('returns answers and errors to the sender', async () => {
    await start(({ bus }) => {
      bus.respond('orders', async (message) => {
        if ((message as { bad?: boolean }).bad) throw new Error('not so');
        return { got: message };
      });
    });
    assert.deepEqual(await process.bus.request('orders', { id: 1 }), { got: { id: 1 } });
    await assert.rejects(process.bus.request('orders', { bad: true }), /^Error: not so$/);
    await process.bus.check('orders');
  });

  it('shows an error that is not a string, as another version may send one', async () => {
    await start(({ bus }) => {
      bus.respond('orders', async () => ({ error: { code: 7 } }));
    });
    await assert.rejects(process.bus.request('orders', {}), /^Error: \{"code":7\}$/);
  });

  it('does not wait longer than the timeout', async () => {
    await start(
      ({ bus }) => {
        bus.respond('risk-checks', () => delay(300, {}));
      },
      { RISK_CHECK_TIMEOUT_MS: '50' },
    );
    await assert.rejects(process.bus.request('risk-checks', {}), /no answer within 50 ms/);
  });

  it('knows when no receiver is available', async () => {
    await start(() => {});
    assert.equal(process.bus.reaches('orders'), false);
    await assert.rejects(process.bus.request('orders', {}), /no receiver is configured for orders/);
  });

  it('refuses two roles that answer the same command', async () => {
    await start(({ bus }) => {
      bus.respond('orders', async () => ({}));
    });
    assert.throws(() => {
      process.bus.respond('orders', async () => ({}));
    }, /two roles of this process answer orders/);
  });
});

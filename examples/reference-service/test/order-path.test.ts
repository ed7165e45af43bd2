import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { Bus } from '../src/bus';
import type { Configuration } from '../src/configuration';
import { NothingDoneError } from '../src/nothing-done';
import type { Order } from '../src/order';
import { OrderExecutor } from '../src/roles/order-executor';
import { RiskManager } from '../src/roles/risk-manager';
import type { Service } from '../src/service';
import { CuttingProxy } from './support/cutting-proxy';
import { createProcess, eventually, type Process } from './support/processes';
import { createSchema, type OwnSchema } from './support/own-schema';
import { withServer } from './support/server';

const PAPER = { TRADING_ENVIRONMENT: 'paper' };

function order(changes: Partial<Order> = {}): Order {
  return {
    id: randomUUID(),
    // Each test has a symbol, and so a position, of its own.
    symbol: randomUUID().slice(0, 8),
    side: 'BUY',
    quantity: 1,
    price: 100,
    strategy: 'test',
    createdAt: new Date().toISOString(),
    ...changes,
  };
}

describe('the executor', () => {
  const create = (environment: NodeJS.ProcessEnv): Promise<Process> => createProcess(environment, [OrderExecutor]);

  it('trades on paper only', async () => {
    await assert.rejects(create({}), /TRADING_ENVIRONMENT is not set; it must be paper/);
    await assert.rejects(create({ TRADING_ENVIRONMENT: 'live' }), /TRADING_ENVIRONMENT is "live"; it must be paper/);
  });

  it('needs a database', async () => {
    await assert.rejects(create(PAPER), /DATABASE_URL is not set/);
  });

  it('needs a risk manager', async () => {
    // The database is not queried before that.
    const process = await create({ ...PAPER, DATABASE_URL: 'postgresql://127.0.0.1:1/none' });
    await assert.rejects(process.start(), /the order-executor has no risk manager/);
    await process.stop();
  });
});

/** A ready process, which has read all fills. */
async function running(environment: NodeJS.ProcessEnv, roles: Parameters<typeof createProcess>[1]): Promise<Process> {
  const process = await createProcess(environment, roles);
  await process.start();
  await eventually(async () => (await process.service.health.document()).checks.fills === 'ok');
  return process;
}

/** An order whose symbol has a price in the process. */
async function tradableFor(process: Process, changes: Partial<Order> = {}): Promise<Order> {
  const created = order(changes);
  const { symbol, price, createdAt } = created;
  await process.bus.publish('ticks', { symbol, bid: price, ask: price, time: createdAt, sequence: 1 });
  return created;
}

describe('the order path', () => {
  withServer('DATABASE_TEST_URL', (url) => {
    const environment = { ...PAPER, MAX_POSITION_SIZE: '1000', MAX_DAILY_LOSS: '900', RISK_CHECK_TIMEOUT_MS: '200' };
    let schema: OwnSchema;
    let process: Process;
    let wait = 0;
    const fills: unknown[] = [];

    class SlowRiskManager extends RiskManager {
      constructor(service: Service, configuration: Configuration, bus: Bus) {
        const respond: Bus['respond'] = (command, handle) => {
          bus.respond(command, async (message, deadline) => {
            await delay(wait);
            return handle(message, deadline);
          });
        };
        super(service, configuration, Object.assign(Object.create(bus) as Bus, { respond }));
      }
    }

    const start = async (): Promise<void> => {
      process = await running({ ...environment, DATABASE_URL: schema.url }, [SlowRiskManager, OrderExecutor]);
      process.bus.subscribe('fills', (message) => void fills.push(message));
    };
    const tradable = (changes: Partial<Order> = {}): Promise<Order> => tradableFor(process, changes);

    const count = async (table: 'orders' | 'fills' | 'risk_checks', id: string): Promise<number> => {
      const column = table === 'orders' ? 'id' : 'order_id';
      const rows = await process.service.database?.rows(`SELECT 1 FROM ${table} WHERE ${column} = $1`, [id]);
      return rows?.length ?? 0;
    };

    before(async () => {
      schema = await createSchema(url);
      await start();
    });
    after(async () => {
      await process.stop();
      await schema.drop();
    });

    it('fills an approved order, and publishes the fill', async () => {
      const { id, symbol } = await tradable();
      const answer = await process.bus.request('orders', order({ id, symbol }));
      const { status, fill } = answer as { status: string; fill: { orderId: string } };
      assert.deepEqual([status, fill.orderId], ['filled', id]);
      assert.deepEqual(fills, [fill]);
      assert.deepEqual(
        [await count('orders', id), await count('fills', id), await count('risk_checks', id)],
        [1, 1, 1],
      );
    });

    it('returns the first answer for an order that is sent again, or twice at the same time', async () => {
      const again = await tradable();
      const answers = await Promise.all([process.bus.request('orders', again), process.bus.request('orders', again)]);
      assert.deepEqual(await process.bus.request('orders', again), answers[0]);
      assert.deepEqual(answers[1], answers[0]);
      assert.equal(await count('fills', again.id), 1);
    });

    it('refuses a different order with a used id', async () => {
      const first = await tradable();
      await process.bus.request('orders', first);
      const others = [{ symbol: 'OTHER' }, { side: 'SELL' }, { quantity: 2 }, { price: 101 }, { strategy: 'another' }];
      for (const change of others) {
        const [field] = Object.keys(change);
        await assert.rejects(process.bus.request('orders', { ...first, ...change }), (error: Error) => {
          assert.ok(error instanceof NothingDoneError);
          assert.equal(error.message, `the id ${first.id} is already that of another order, of another ${field}`);
          return true;
        });
      }
    });

    it('returns the first answer for a market order that is sent again at another price', async () => {
      const first = await tradable({ atMarket: true });
      const answer = await process.bus.request('orders', first);
      assert.deepEqual(await process.bus.request('orders', { ...first, price: 101 }), answer);
    });

    it('rejects queued orders immediately when it stops, and finishes the one that it started', async () => {
      const stopping = await running({ ...environment, DATABASE_URL: schema.url }, [SlowRiskManager, OrderExecutor]);
      wait = 150;
      const orders = await Promise.all([1, 2, 3].map(() => tradableFor(stopping)));
      const answers = orders.map((each) => stopping.bus.request('orders', each));
      const waiting = answers.slice(1).map((answer) => assert.rejects(answer, NothingDoneError));
      await delay(50);
      const stopped = stopping.stop();
      await Promise.all(waiting);
      assert.equal(await count('fills', orders[0]?.id ?? ''), 0);
      await stopped;
      wait = 0;
      assert.equal(((await answers[0]) as { status: string }).status, 'filled');
      assert.deepEqual(await Promise.all(orders.map(({ id }) => count('fills', id))), [1, 0, 0]);
    });

    it('does not let simultaneous orders exceed the limit together', async () => {
      const { symbol } = await tradable();
      const orders = Array.from({ length: 12 }, () => order({ symbol }));
      const answers = await Promise.all(orders.map((each) => process.bus.request('orders', each)));
      assert.equal(answers.filter((answer) => (answer as { status: string }).status === 'filled').length, 10);
    });

    it('knows its position after a restart', async () => {
      const { symbol } = await tradable({ quantity: 10 });
      await process.bus.request('orders', order({ symbol, quantity: 10 }));
      await process.stop();
      await start();
      const answer = (await process.bus.request('orders', await tradable({ symbol }))) as {
        status: string;
        reason: string;
      };
      assert.equal(answer.status, 'refused');
      assert.match(answer.reason, /the position in .* is 1100\.00/);
    });

    it('knows all fills after a restart, even if many have the same time', async () => {
      const { symbol } = order();
      const many =
        "SELECT $1 || n, 'BUY', 1, 100, $1, 'test', '2026-01-02', 'filled', now() FROM generate_series(1, 2500) AS n";
      const orders = '(id, side, quantity, price, symbol, strategy, created_at, status, decided_at)';
      await schema.client.query(`INSERT INTO orders ${orders} ${many}`, [symbol]);
      const fill = "id, symbol, side, 1, 100, '2026-01-02T03:04:05.678901Z'";
      const insert = `INSERT INTO fills SELECT ${fill} FROM orders WHERE symbol = $1`;
      await schema.client.query(insert, [symbol]);
      await process.stop();
      await start();
      const answer = (await process.bus.request('orders', await tradable({ symbol }))) as { reason: string };
      assert.match(answer.reason, /the position in .* is 250100\.00/);
    });

    it('refuses an order with the reason if the risk manager does not answer in time', async () => {
      const late = order();
      wait = 500;
      const answer = await process.bus.request('orders', late);
      wait = 0;
      assert.deepEqual(answer, {
        status: 'refused',
        reason: 'the risk manager did not approve: no answer within 200 ms',
      });
      assert.equal(await count('fills', late.id), 0);
    });

    it('is closed by the circuit breaker, even after a restart', async () => {
      const { symbol } = order();
      await process.bus.request('orders', await tradable({ symbol, quantity: 10 }));
      await process.stop();
      await start();
      const refused = (await process.bus.request('orders', await tradable({ symbol, price: 0.01 }))) as {
        reason: string;
      };
      assert.match(refused.reason, /the loss of today is 999\.90/);
      await process.stop();
      await start();
      const again = (await process.bus.request('orders', await tradable())) as { reason: string };
      assert.match(again.reason, /the circuit breaker is open until tomorrow: the loss of today is 999\.90/);
    });
  });
});

describe('the order path, if it does not learn whether an order was recorded', () => {
  withServer('DATABASE_TEST_URL', (url) => {
    let proxy: CuttingProxy;
    let schema: OwnSchema;
    let process: Process;
    const fills: unknown[] = [];
    const query = (statement: string): Promise<object[]> | undefined => process.service.database?.rows(statement);

    before(async () => {
      schema = await createSchema(url);
      proxy = await CuttingProxy.to(url);
      const environment = { ...PAPER, DATABASE_URL: proxy.url(schema.url), MAX_POSITION_SIZE: '1000' };
      process = await running(environment, [RiskManager, OrderExecutor]);
      process.bus.subscribe('fills', (message) => void fills.push(message));
      // A deferred trigger runs in the COMMIT.
      await query(`CREATE OR REPLACE FUNCTION commit_slowly() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN PERFORM pg_sleep(1.6); RETURN NULL; END'`);
      await query(`CREATE CONSTRAINT TRIGGER commit_slowly AFTER INSERT ON orders DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW WHEN (NEW.strategy = 'commits slowly') EXECUTE FUNCTION commit_slowly()`);
    });
    after(async () => {
      proxy.close();
      await schema.drop();
    });

    async function isFilledOnce(sent: Order): Promise<void> {
      fills.length = 0;
      const { status, fill } = (await process.bus.request('orders', sent)) as { status: string; fill: object };
      assert.equal(status, 'filled');
      assert.deepEqual(fills, [fill]);
      assert.equal((await query(`SELECT 1 FROM fills WHERE order_id = '${sent.id}'`))?.length, 1);
    }

    it('returns the recorded answer and publishes the fill when the COMMIT took too long', async () => {
      await isFilledOnce(await tradableFor(process, { strategy: 'commits slowly' }));
    });

    it('returns the recorded answer and publishes the fill when the connection broke at the COMMIT', async () => {
      proxy.cutAt('COMMIT');
      await isFilledOnce(await tradableFor(process));
    });

    it('does so even if it is stopped meanwhile', async () => {
      fills.length = 0;
      const asked = process.bus.request('orders', await tradableFor(process, { strategy: 'commits slowly' }));
      await delay(300);
      await process.stop();
      assert.equal(((await asked) as { status: string }).status, 'filled');
      assert.equal(fills.length, 1);
    });
  });
});

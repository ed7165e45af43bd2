import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { Order, RiskAnswer } from '../src/order';
import { RiskManager } from '../src/roles/risk-manager';
import { createProcess, eventually, type Process } from './support/processes';

/** Nothing listens there: the test answers the queries to the database. */
const DATABASE = { DATABASE_URL: 'postgresql://user:password@127.0.0.1:1/trading' };
const LIMITS = { MAX_POSITION_SIZE: '10000', MAX_DAILY_LOSS: '100' };
const today = new Date().toISOString().slice(0, 10);

/** The part of PostgreSQL that the risk manager uses. */
class Tables {
  fills: { order_id: string; side: string; quantity: number; price: number; filled_at: Date }[] = [];
  circuitBreaks: { day: string; cause: string }[] = [];
  riskChecks: unknown[][] = [];
  /** Prefix of the statements that fail. */
  broken = 'none';

  readonly rows = async (statement: string, values: readonly unknown[] = []): Promise<readonly object[]> => {
    if (statement.startsWith(this.broken)) throw new Error('permission denied');
    if (statement.includes('FROM circuit_breaks'))
      return this.circuitBreaks.filter(({ day }) => day >= String(values[0]));
    const [time, id, limit] = values as [string, string, number];
    return this.fills
      .map((fill) => ({ ...fill, symbol: 'A', time: fill.filled_at.toISOString() }))
      .filter((fill) => fill.time > time || (fill.time === time && fill.order_id > id))
      .slice(0, limit);
  };

  readonly run = async (statement: string, values: readonly unknown[] = []): Promise<void> => {
    if (statement.startsWith(this.broken)) throw new Error('permission denied');
    if (statement.includes('INTO risk_checks')) this.riskChecks.push([...values]);
    else this.circuitBreaks.push({ day: String(values[0]), cause: String(values[1]) });
  };

  bought(quantity: number, price: number, filledAt = new Date()): void {
    const orderId = String(this.fills.length).padStart(6, '0');
    this.fills.push({ order_id: orderId, side: 'BUY', quantity, price, filled_at: filledAt });
  }
}

describe('the risk manager', () => {
  let tables: Tables;
  let process: Process;
  const alerts: unknown[] = [];

  async function create(): Promise<void> {
    process = await createProcess({ ...DATABASE, ...LIMITS }, [RiskManager]);
    Object.assign(process.service.database ?? {}, { rows: tables.rows, run: tables.run });
    process.bus.subscribe('alerts', (alert) => void alerts.push(alert));
  }

  async function start(): Promise<void> {
    await create();
    await process.start();
    await eventually(async () => (await healthOf('fills')) === 'ok');
  }

  async function healthOf(check: string): Promise<string | undefined> {
    return (await process.service.health.document()).checks[check];
  }

  async function tick(price: number): Promise<void> {
    await process.bus.publish('ticks', {
      symbol: 'A',
      bid: price,
      ask: price,
      time: new Date().toISOString(),
      sequence: 1,
    });
  }

  async function ask(changes: Partial<Order> = {}): Promise<RiskAnswer> {
    const createdAt = new Date().toISOString();
    const order: Order = { id: 'a', symbol: 'A', side: 'BUY', quantity: 1, price: 100, strategy: 'test', createdAt };
    return (await process.bus.request('risk-checks', { ...order, ...changes })) as RiskAnswer;
  }

  beforeEach(() => {
    tables = new Tables();
    alerts.length = 0;
  });
  afterEach(() => process.stop());

  it('needs a database', async () => {
    process = await createProcess({});
    await assert.rejects(
      createProcess({}, [RiskManager]),
      /^Error: DATABASE_URL is not set; the risk-manager needs it/,
    );
  });

  it('approves nothing and is unhealthy until it has read all earlier fills', async () => {
    for (let n = 0; n < 2_500; n += 1) tables.bought(1, 1, new Date(Date.parse('2026-01-02') + Math.floor(n / 2)));
    tables.broken = 'SELECT order_id';
    await create();
    await process.start();
    await tick(1);
    assert.match((await healthOf('fills')) ?? '', /^not all earlier fills have been read yet/);
    await assert.rejects(ask({ price: 1 }), /not all earlier fills have been read yet/);
    tables.broken = 'none';
    await eventually(async () => (await healthOf('fills')) === 'ok');
    assert.deepEqual(await ask({ price: 1, quantity: 8_000 }), {
      approved: false,
      reason: 'the position in A after it is 10500.00; at most 10000.00 is allowed',
    });
    assert.deepEqual(await ask({ price: 1, quantity: 7_500 }), { approved: true });
  });

  it('approves nothing while there is no price', async () => {
    await start();
    assert.deepEqual(await ask(), { approved: false, reason: "the market's price of A is not known just now" });
    await tick(100);
    assert.deepEqual(await ask(), { approved: true });
  });

  it('approves nothing that it cannot record, and is unhealthy then', async () => {
    await start();
    await tick(100);
    tables.broken = 'INSERT INTO risk_checks';
    await assert.rejects(ask(), /permission denied/);
    assert.equal(await healthOf('risk_checks'), 'the last check was not recorded: permission denied');
    tables.broken = 'none';
    assert.deepEqual(await ask({ id: 'b' }), { approved: true });
    assert.equal(await healthOf('risk_checks'), 'ok');
    assert.deepEqual(
      tables.riskChecks.map(([id, , , , , approved]) => [id, approved]),
      [['b', true]],
    );
  });

  it('keeps the circuit breaker open after a restart', async () => {
    tables.bought(10, 100);
    await start();
    tables.broken = 'INSERT INTO circuit_breaks';
    await tick(89);
    tables.broken = 'none';
    await eventually(() => tables.circuitBreaks.length > 0);
    const cause = 'the loss of today is 110.00; at most 100.00 is allowed';
    assert.deepEqual(tables.circuitBreaks, [{ day: today, cause }]);
    assert.equal(alerts.length, 1);
    await process.stop();

    await start();
    await tick(100);
    assert.deepEqual(await ask(), {
      approved: false,
      reason: `the circuit breaker is open until tomorrow: ${cause}`,
    });
    assert.equal(alerts.length, 1);
  });
});

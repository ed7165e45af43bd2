import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { Configuration } from '../src/configuration';
import type { Order } from '../src/order';
import { RandomWalk } from '../src/random-walk';
import { StrategyRunner } from '../src/roles/strategy-runner';
import { StrategyGeneration } from '../src/strategy-generation';
import { StrategyStore, type ActiveStrategy, type Candidate } from '../src/strategy-store';
import { createSchema, type OwnSchema } from './support/own-schema';
import { createProcess, eventually, type Process } from './support/processes';
import { withServer } from './support/server';

/** Nothing listens there. */
const DATABASE = { DATABASE_URL: 'postgresql://user:password@127.0.0.1:1/trading' };
const SETTINGS = { MAX_ACTIVE_STRATEGIES: '3', DAILY_GENERATION_COUNT: '40', GENERATION_TIME: '03:00' };
const DAY = '2026-01-02';
const AFTER_THREE = `${DAY}T03:00:00Z`;

/** Keeps the strategies in memory, like the tables do. */
class MemoryStore {
  readonly generations = new Map<string, readonly Candidate[]>();

  async hasGeneration(day: string): Promise<boolean> {
    return this.generations.has(day);
  }

  async keep(day: string, _at: Date, candidates: readonly Candidate[]): Promise<boolean> {
    if (this.generations.has(day)) return false;
    this.generations.set(day, candidates);
    return true;
  }

  async active(limit: number): Promise<readonly ActiveStrategy[]> {
    const [day = '', candidates = []] = [...this.generations].at(-1) ?? [];
    const active = candidates.filter((candidate) => candidate.active).sort((one, other) => other.score - one.score);
    return active.slice(0, limit).map(({ number, parameters }) => ({ day, number, parameters }));
  }
}

describe('the generation of strategies', () => {
  let store: MemoryStore;
  let process: Process;
  let now: Date;

  beforeEach(async () => {
    store = new MemoryStore();
    process = await createProcess({ SERVICE_NAME: 'crossover' });
  });
  afterEach(() => process.stop());

  function create(settings: NodeJS.ProcessEnv = SETTINGS, kept: unknown = store): StrategyGeneration {
    return new StrategyGeneration(process.service, new Configuration(settings), kept as StrategyStore, () => now);
  }

  /** Passes the first prices of a seeded walk. */
  function feed(generation: StrategyGeneration, count = 400): void {
    const walk = new RandomWalk('EURUSD', 1);
    for (let tick = 0; tick < count; tick += 1) generation.decide(walk.next(new Date(tick * 1_000)));
  }

  async function updateAt(generation: StrategyGeneration, time: string): Promise<void> {
    now = new Date(time);
    await generation.update();
  }

  it('takes place once a day at that time, and activates the best ones that gain', async () => {
    const generation = create();
    feed(generation);
    await updateAt(generation, `${DAY}T02:59:59.999Z`);
    assert.equal(store.generations.size, 0);

    await updateAt(generation, AFTER_THREE);
    const candidates = store.generations.get(DAY) ?? [];
    assert.equal(candidates.length, 40);
    const active = candidates.filter((candidate) => candidate.active).map(({ score }) => score);
    const gains = candidates.map(({ score }) => score).filter((score) => score > 0);
    assert.deepEqual(active.sort(descending), gains.sort(descending).slice(0, 3));
    assert.equal(active.length, 3);

    await updateAt(generation, `${DAY}T23:59:59Z`);
    assert.equal(store.generations.size, 1);
    await updateAt(generation, '2026-01-03T03:00:00Z');
    assert.deepEqual([...store.generations.keys()], [DAY, '2026-01-03']);
    assert.notDeepEqual(store.generations.get('2026-01-03')?.[0]?.parameters, candidates[0]?.parameters);
  });

  it('is made up for later on the same day, as soon as there are enough prices', async () => {
    const generation = create();
    feed(generation, 199);
    await updateAt(generation, `${DAY}T17:30:00Z`);
    assert.equal(store.generations.size, 0);
    feed(generation, 200);
    await updateAt(generation, `${DAY}T17:30:05Z`);
    assert.equal(store.generations.size, 1);
  });

  it('takes place once for several replicas, which then decide with the same strategies', async () => {
    const replicas = [create(), create()];
    for (const replica of replicas) feed(replica);
    await Promise.all(replicas.map((replica) => updateAt(replica, AFTER_THREE)));
    // The second one may have read before the first one wrote.
    for (const replica of replicas) await updateAt(replica, AFTER_THREE);
    assert.match(await metrics(), /^strategies_generated_total 40$/m);

    const tick = new RandomWalk('EURUSD', 2).next(new Date());
    const [names, others] = replicas.map((replica) => replica.decide(tick).map(({ strategy }) => strategy));
    assert.deepEqual(names, others);
    assert.equal(new Set(names).size, 3);
    for (const name of names ?? []) assert.match(name, /^crossover\.2026-01-02\.\d+$/);
  });

  it('is shown in the metrics', async () => {
    const generation = create();
    feed(generation);
    assert.match(await metrics(), /^strategies_active 0$/m);
    await updateAt(generation, AFTER_THREE);
    assert.match(await metrics(), /^strategies_active 3$/m);
  });

  it('is not missing from a smaller number of active strategies after a restart', async () => {
    const first = create();
    feed(first);
    await updateAt(first, AFTER_THREE);
    const second = create({ ...SETTINGS, MAX_ACTIVE_STRATEGIES: '1' });
    await updateAt(second, AFTER_THREE);
    assert.equal(second.decide(new RandomWalk('EURUSD', 1).next(new Date())).length, 1);
  });

  it('refuses invalid settings with one sentence', () => {
    const refused = {
      MAX_ACTIVE_STRATEGIES: ['0', 'a whole number from 1 to 100'],
      DAILY_GENERATION_COUNT: ['many', 'a whole number from 1 to 5000'],
      GENERATION_TIME: ['24:00', 'a time of day from 00:00 to 23:59 (UTC), such as 03:00'],
    };
    for (const [name, [value, allowed]] of Object.entries(refused)) {
      assert.throws(() => create({ [name]: value }), { message: `${name} is "${value}"; it must be ${allowed}` });
    }
    for (const time of ['3:00', '03:60', '03:00:00']) assert.throws(() => create({ GENERATION_TIME: time }));
  });

  async function metrics(): Promise<string> {
    return (await process.service.http.inject('/metrics')).body;
  }

  withServer('DATABASE_TEST_URL', (url) => {
    let schema: OwnSchema;
    let withDatabase: Process;

    beforeEach(async () => {
      schema = await createSchema(url);
      withDatabase = await createProcess({ DATABASE_URL: schema.url });
    });
    afterEach(async () => {
      await withDatabase.stop();
      await schema.drop();
    });

    it('is stored once in PostgreSQL, with the strategies of the last day active', async () => {
      const { database } = withDatabase.service;
      assert.ok(database);
      const settings = { ...SETTINGS, DAILY_GENERATION_COUNT: '500' };
      const replicas = [1, 2, 3].map(() => create(settings, new StrategyStore(database)));
      for (const replica of replicas) feed(replica);
      for (const day of [DAY, '2026-01-03']) {
        await Promise.all(replicas.map((replica) => updateAt(replica, `${day}T03:00:00Z`)));
      }
      const counts = await database.rows(
        `SELECT day::text, count(*)::int AS strategies, count(*) FILTER (WHERE active)::int AS active,
          min(generated_at) AS generated_at
        FROM strategies GROUP BY day ORDER BY day`,
      );
      assert.deepEqual(counts, [
        { day: DAY, strategies: 500, active: 0, generated_at: new Date(AFTER_THREE) },
        { day: '2026-01-03', strategies: 500, active: 3, generated_at: new Date('2026-01-03T03:00:00Z') },
      ]);
      const best = await database.rows<{ number: number; parameters: unknown }>(
        'SELECT number, parameters FROM strategies WHERE active ORDER BY score DESC',
      );
      const active = await new StrategyStore(database).active(10);
      assert.deepEqual(
        active,
        best.map((strategy) => ({ day: '2026-01-03', ...strategy })),
      );
    });
  });
});

describe('the strategy runner', () => {
  let process: Process;
  const orders: Order[] = [];

  afterEach(() => process.stop());

  async function create(environment: NodeJS.ProcessEnv): Promise<void> {
    process = await createProcess({ SERVICE_NAME: 'crossover', ...environment }, [StrategyRunner]);
    process.bus.respond('orders', async (message) => {
      orders.push(message as Order);
      return { status: 'filled' };
    });
  }

  async function trade(): Promise<void> {
    const walk = new RandomWalk('EURUSD', 1);
    for (let tick = 0; tick < 100; tick += 1) await process.bus.publish('ticks', walk.next(new Date(tick * 1_000)));
  }

  it('orders for the active strategies too, under a name and with ids of their own', async () => {
    await create({ ...DATABASE, ...SETTINGS });
    const parameters = { fastPeriod: 5, slowPeriod: 20, rsiPeriod: 14, overbought: 70, oversold: 30 };
    const rows = async (statement: string, values: readonly unknown[] = []): Promise<object[]> => {
      if (!statement.includes('WHERE active')) return [{}];
      assert.deepEqual(values, [3]);
      return [7, 9].map((number) => ({ day: DAY, number, parameters }));
    };
    Object.assign(process.service.database ?? {}, { rows, run: async () => {} });
    await process.start();
    await eventually(async () => /^strategies_active 2$/m.test((await process.service.http.inject('/metrics')).body));
    await trade();
    const names = ['crossover.2026-01-02.7', 'crossover.2026-01-02.9'];
    await eventually(() => names.every((name) => orders.some(({ strategy }) => strategy === name)));
    assert.equal(new Set(orders.map(({ id }) => id)).size, orders.length);
    for (const { id, strategy } of orders) assert.ok(id.startsWith(`${strategy}:`));
  });

  it('generates no strategies without the settings', async () => {
    await create({});
    assert.doesNotMatch((await process.service.http.inject('/metrics')).body, /strategies_/);
  });

  it('refuses a setting of the generation without a database', async () => {
    await create({});
    await assert.rejects(createProcess({ GENERATION_TIME: '03:00' }, [StrategyRunner]), {
      message: 'DATABASE_URL is not set; GENERATION_TIME needs it, because generated strategies are stored',
    });
  });
});

function descending(one: number, other: number): number {
  return other - one;
}

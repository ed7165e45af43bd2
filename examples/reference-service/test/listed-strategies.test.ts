import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { Order } from '../src/order';
import { RandomWalk } from '../src/random-walk';
import { StrategyRunner } from '../src/roles/strategy-runner';
import { createProcess, eventually, type Process } from './support/processes';

const PARAMETERS = '{ fastPeriod: 5, slowPeriod: 20, rsiPeriod: 14, overbought: 70, oversold: 30 }';
const FAST = '{ fastPeriod: 2, slowPeriod: 6, rsiPeriod: 5, overbought: 90, oversold: 10 }';

describe('the strategies in a file', () => {
  let folder: string;
  let file: string;
  let process: Process | undefined;
  let orders: Order[];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'strategies-'));
    file = join(folder, 'strategies.yaml');
    orders = [];
  });
  afterEach(async () => {
    await process?.stop();
    process = undefined;
    rmSync(folder, { recursive: true });
  });

  async function create(content: string): Promise<Process> {
    writeFileSync(file, content);
    return createProcess({ SERVICE_NAME: 'runner', CONFIG_PATH: file }, [StrategyRunner]);
  }

  /** Passes prices of two symbols to a runner with the file, until the strategies have ordered. */
  async function trade(content: string, expected: readonly string[]): Promise<void> {
    process = await create(content);
    process.bus.respond('orders', async (message) => {
      orders.push(message as Order);
      return { status: 'filled' };
    });
    await process.start();
    for (const symbol of ['EURUSD', 'GBPUSD']) {
      const walk = new RandomWalk(symbol, 1);
      for (let tick = 0; tick < 200; tick += 1) await process.bus.publish('ticks', walk.next(new Date(tick * 1_000)));
    }
    await eventually(() => expected.every((name) => orders.some(({ strategy }) => strategy === name)));
    await process.stop();
    process = undefined;
  }

  async function refused(content: string, message: string): Promise<void> {
    await assert.rejects(create(content), { message: message.replaceAll('FILE', file) });
  }

  it('order side by side, each for its symbol and under a name and with ids of its own', async () => {
    await trade(
      `strategies:
        - { name: slow, symbol: EURUSD, parameters: ${PARAMETERS} }
        - { name: fast, symbol: EURUSD, enabled: true, parameters: ${FAST} }
        - { name: pound, symbol: GBPUSD, parameters: ${FAST} }`,
      ['runner.slow', 'runner.fast', 'runner.pound'],
    );
    for (const { id, strategy, symbol } of orders) {
      assert.equal(symbol, strategy === 'runner.pound' ? 'GBPUSD' : 'EURUSD');
      assert.ok(id.startsWith(`${strategy}:${symbol}:`), id);
    }
    assert.equal(new Set(orders.map(({ id }) => id)).size, orders.length);
  });

  it('are all that order: neither a disabled one nor the signal of the service does', async () => {
    await trade(
      `strategies:
        - { name: fast, symbol: EURUSD, parameters: ${FAST} }
        - { name: paused, symbol: EURUSD, enabled: false, parameters: ${FAST} }`,
      ['runner.fast'],
    );
    assert.deepEqual([...new Set(orders.map(({ strategy }) => strategy))], ['runner.fast']);
  });

  it('of the MT5 example are accepted', async () => {
    const example = join(__dirname, '../../mt5/config/strategies.yaml');
    await assert.doesNotReject(createProcess({ CONFIG_PATH: example }, [StrategyRunner]));
  });

  it('are refused if the file is missing, empty or not YAML', async () => {
    const environment = { CONFIG_PATH: `${file}.missing` };
    await assert.rejects(createProcess(environment, [StrategyRunner]), {
      message: `CONFIG_PATH is "${file}.missing", which cannot be read (ENOENT); it must be a readable file`,
    });
    await refused('', 'FILE (CONFIG_PATH) has no strategies; it must be a mapping with the key strategies');
    await refused('strategies: []', 'FILE (CONFIG_PATH) has 0 strategies; it must list 1 to 100');
    await refused('strategies: fast', 'FILE (CONFIG_PATH) has no list of strategies; it must list 1 to 100');
    await refused(
      'strategies:\n  - name: fast\n   symbol: EURUSD\n',
      'FILE (CONFIG_PATH) is not valid YAML: Sequence item without - indicator at line 3, column 1',
    );
    await refused(
      'strategies: [{ name: fast, name: slow }]',
      'FILE (CONFIG_PATH) is not valid YAML: Map keys must be unique at line 1, column 28',
    );
    for (const content of ['strategies: *fast', 'strategies: !list []', 'strategies: []\n---\nstrategies: []\n']) {
      await assert.rejects(create(content), /\(CONFIG_PATH\) is not valid YAML: /);
    }
  });

  it('are refused with the file and the entry if one of them is invalid', async () => {
    const valid = { name: 'fast', symbol: 'EURUSD', enabled: 'true', parameters: FAST };
    const withEntry = (changes: Readonly<Record<string, string | undefined>>): string => {
      const all: typeof changes = { ...valid, ...changes };
      const keys = Object.entries(all).filter(([, value]) => value !== undefined);
      return `strategies:
        - { name: slow, symbol: EURUSD, parameters: ${PARAMETERS} }
        - { ${keys.map(([key, value]) => `${key}: ${value}`).join(', ')} }`;
    };
    const entry = 'strategy 2 in FILE, "fast",';
    await refused(
      withEntry({ lot: '3' }),
      `${entry} has the unknown key "lot"; the keys are name, symbol, enabled and parameters`,
    );
    await refused(
      withEntry({ parameters: FAST.replace('}', ', stop: 3 }') }),
      `${entry} has the unknown key "stop"; ` +
        'the keys are fastPeriod, slowPeriod, rsiPeriod, overbought and oversold',
    );
    await refused(`${withEntry({})}\nlimits: 3`, 'FILE has the unknown key "limits"; the only key is strategies');
    await refused(
      withEntry({ name: 'slow' }),
      'strategy 2 in FILE has the name of strategy 1, "slow"; ' +
        'every strategy needs a name of its own, because the ids of its orders contain it',
    );
    await refused(
      withEntry({ name: 'a.1' }),
      'strategy 2 in FILE, "a.1", has the name "a.1"; it must be at most 32 letters, digits, _ and -',
    );
    await refused(
      withEntry({ name: undefined }),
      'strategy 2 in FILE has no name; it must be at most 32 letters, digits, _ and -',
    );
    await refused(withEntry({ symbol: '7' }), `${entry} has the symbol 7; it must be a symbol such as EURUSD`);
    await refused(withEntry({ enabled: 'yes' }), `${entry} has the enabled "yes"; it must be true or false`);
    await refused(withEntry({ parameters: undefined }), `${entry} has no parameters; it must be a mapping`);
    for (const value of ['0', '1.5', '1000', 'ten']) {
      const parameters = FAST.replace('rsiPeriod: 5', `rsiPeriod: ${value}`);
      const shown = value === 'ten' ? '"ten"' : value;
      await refused(
        withEntry({ parameters }),
        `${entry} has the rsiPeriod ${shown}; it must be a whole number from 1 to 999`,
      );
    }
    await refused(
      withEntry({ parameters: FAST.replace('fastPeriod: 2', 'fastPeriod: 6') }),
      `${entry} has the fastPeriod 6; it must be below its slowPeriod, 6`,
    );
    await refused(
      withEntry({ parameters: FAST.replace('oversold: 10', 'oversold: 95') }),
      `${entry} has the oversold 95; it must be below its overbought, 90`,
    );
    await refused(
      'strategies: [fast]',
      'strategy 1 in FILE is "fast"; it must be a mapping with name, symbol, enabled and parameters',
    );
  });
});

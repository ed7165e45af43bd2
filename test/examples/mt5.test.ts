import { createMt5Stack } from '../../examples/mt5/stack';
import { SynthesizedSystem } from '../../conformance/synthesized-system';
import { Engine } from '../../lib';
import { createApp } from '../setup/synthesize';
import { testExample } from './example';

testExample('mt5', createMt5Stack);

describe('the order path of mt5', () => {
  const mt5 = new SynthesizedSystem(createMt5Stack(createApp()));

  test('the strategy runner decides, checks and fills on paper in one process with a database', () => {
    expect(mt5.environment('strategy_runner')).toMatchObject({
      ROLE: 'strategy-runner,risk-manager,order-executor',
      MAX_POSITION_SIZE_PCT: '0.2',
      MAX_PORTFOLIO_DRAWDOWN_PCT: '0.15',
      TRADING_ENVIRONMENT: 'paper',
      DATABASE_URL_FILE: '/run/secrets/db_url',
    });
  });

  test('no other service fills orders', () => {
    const executors = mt5.containers.filter(({ env }) =>
      (env as readonly string[]).some((line) => line.includes('order-executor')),
    );

    expect(executors.map(({ name }) => name)).toEqual(['mt5-strategy-runner']);
  });
});

describe('the strategies of mt5', () => {
  const runnerOf = (engine: Engine) =>
    new SynthesizedSystem(createMt5Stack(createApp(), { engine })).container('strategy_runner');

  test('are mounted from this machine, next to a read-only root file system', () => {
    const runner = runnerOf(Engine.docker());

    expect(runner).toMatchObject({ read_only: true });
    expect(runner.volumes).toContainEqual({
      host_path: '${abspath("${path.root}/../../../examples/mt5/config")}',
      container_path: '/app/config',
      read_only: true,
    });
  });

  test('are copied to a remote engine, which does not have the folder', () => {
    const runner = runnerOf(Engine.docker({ host: 'ssh://deploy@desk.example' }));

    expect(runner.upload).toEqual([
      expect.objectContaining({
        file: '/app/config/strategies.yaml',
        content: expect.stringContaining('euro-crossover') as unknown,
      }),
    ]);
    expect(runner.volumes).not.toContainEqual(expect.objectContaining({ container_path: '/app/config' }));
  });
});

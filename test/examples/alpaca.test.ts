import { Testing } from 'cdktf';
import { createAlpacaStack } from '../../examples/alpaca/stack';
import { Engine } from '../../lib';
import { SynthesizedSystem } from '../../conformance/synthesized-system';
import { createApp, ENGINES } from '../setup/synthesize';
import { reviewStack } from './review-stack';

const alpaca = new SynthesizedSystem(createAlpacaStack(createApp()));

describe.each(ENGINES)('Alpaca on $engineName', ({ createEngine }) => {
  test('is what was reviewed', () => {
    const system = new SynthesizedSystem(createAlpacaStack(createApp(), { engine: createEngine() }));

    expect(reviewStack(system.terraform)).toMatchSnapshot();
  });
});

describe('Alpaca', () => {
  test('has the constructs that its addresses come from', () => {
    expect(Testing.renderConstructTree(alpaca.stack)).toMatchSnapshot();
  });

  test('starts in one order: stores, schema, backend, page', () => {
    const start = ['db', 'redis', 'migration', 'backend', 'frontend'].map((name) => [name, alpaca.startsAfter(name)]);

    expect(Object.fromEntries(start)).toEqual({
      db: [],
      redis: [],
      migration: ['db'],
      backend: ['db', 'migration', 'redis'],
      frontend: ['backend'],
    });
  });

  test('makes, checks and fills its orders in one service, on paper', () => {
    expect(alpaca.environment('backend')).toMatchObject({
      SERVICE_NAME: 'backend',
      ROLE: 'market-data,strategy-runner,risk-manager,order-executor,api-gateway',
      MAX_POSITION_SIZE_PCT: '0.2',
      MAX_PORTFOLIO_DRAWDOWN_PCT: '0.15',
      TRADING_ENVIRONMENT: 'paper',
    });
    expect(alpaca.container('backend').stop_timeout).toBe(60);
  });

  test('shows page and backend to programs on the host only', () => {
    expect(alpaca.published()).toEqual([
      '127.0.0.1:3002 -> alpaca-frontend:8080',
      '127.0.0.1:8001 -> alpaca-backend:8000',
    ]);
  });

  test('publishes nothing on a Swarm, which cannot publish on the host only', () => {
    const { resource } = new SynthesizedSystem(createAlpacaStack(createApp(), { engine: Engine.swarm() })).terraform;

    for (const service of Object.values(resource.docker_service ?? {})) {
      expect(service.endpoint_spec).toMatchObject({ ports: [] });
    }
  });
});

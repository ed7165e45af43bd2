import { createAlpacaStack } from '../../examples/alpaca/stack';
import { SynthesizedSystem } from '../../conformance/synthesized-system';
import { createApp } from '../setup/synthesize';
import { testExample } from './example';

testExample('alpaca', createAlpacaStack);

test('the backend of alpaca trades on paper within relative limits', () => {
  const alpaca = new SynthesizedSystem(createAlpacaStack(createApp()));

  expect(alpaca.environment('backend')).toMatchObject({
    MAX_POSITION_SIZE_PCT: '0.2',
    MAX_PORTFOLIO_DRAWDOWN_PCT: '0.15',
    TRADING_ENVIRONMENT: 'paper',
  });
  expect(alpaca.container('backend').stop_timeout).toBe(60);
});

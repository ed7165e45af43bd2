import type { App } from 'cdktf';
import { createAlpacaStack } from '../../examples/alpaca/stack';
import { createBinanceStack } from '../../examples/binance/stack';
import { createMasterTradeStack } from '../../examples/mastertrade/stack';
import { createMt5Stack } from '../../examples/mt5/stack';
import { createPlatformStack } from '../../examples/platform/stack';
import { type Engine, Image, type TradingStack, Workload } from '../../lib';
import { SynthesizedSystem } from '../../conformance/synthesized-system';
import { createApp, createStack, ENGINES } from '../setup/synthesize';

type Create = (app: App, options: { readonly engine: Engine }) => TradingStack;

const SYSTEMS: readonly (readonly [string, Create])[] = [
  ['MT5', createMt5Stack],
  ['Binance', createBinanceStack],
  ['Alpaca', createAlpacaStack],
  ['MasterTrade', createMasterTradeStack],
  ['the platform', createPlatformStack],
];

describe.each(ENGINES)('on $engineName', ({ createEngine }) => {
  test.each(SYSTEMS)('%s has no secret in a variable and no password in a URL', (_name, create) => {
    expect(new SynthesizedSystem(create(createApp(), { engine: createEngine() })).openSecrets).toEqual([]);
  });

  test('one that has them is found out', () => {
    const environment = {
      API_TOKEN: 'abc',
      KEY_FILE: '/run/secrets/key',
      DATABASE_URL: 'postgresql://desk:abc@db/desk',
    };
    const image = Image.fromRegistry('ghcr.io/desk/bot:2.4');
    const stack = createStack((one) => new Workload(one, 'bot', { image, environment }), { engine: createEngine() });
    expect(new SynthesizedSystem(stack).openSecrets).toEqual(['desk-bot: API_TOKEN', 'postgresql://desk:abc@']);
  });
});

import { App } from 'cdktf';
import { createAlpacaStack } from '../examples/alpaca/stack';
import { createBinanceStack } from '../examples/binance/stack';
import { createMasterTradeStack } from '../examples/mastertrade/stack';
import { createMt5Stack } from '../examples/mt5/stack';
import { createPlatformStack } from '../examples/platform/stack';
import { Engine, TradingStackError } from '../lib';

/** The five examples, one stack each. */
const SYSTEMS = [createMt5Stack, createBinanceStack, createAlpacaStack, createMasterTradeStack, createPlatformStack];

/** Between the host ports of two systems, which publish some of the same ones: Grafana is on 3000, 3100 and 3300. */
const PORT_STEP = 100;

const ENGINES = new Map([
  ['docker', createDockerEngine],
  ['swarm', () => Engine.swarm(providerVersion())],
]);

/**
 * The app with all examples, on host ports that fit on one machine, and on the engine that `TRADING_ENGINE` selects, for
 * an engine as old as `TRADING_ENGINE_VERSION`, with the version of the Docker provider in `TRADING_PROVIDER_VERSION`.
 */
export function createApp(options: { readonly outdir?: string } = {}): App {
  const app = new App(options);
  for (const [index, createSystem] of SYSTEMS.entries()) {
    createSystem(app, { engine: chosenEngine(), hostPortOffset: index * PORT_STEP });
  }
  return app;
}

function createDockerEngine(): Engine {
  const { TRADING_ENGINE_VERSION: engineVersion } = process.env;
  return Engine.docker({ ...(engineVersion !== undefined && { engineVersion }), ...providerVersion() });
}

function providerVersion(): { providerVersion?: string } {
  const { TRADING_PROVIDER_VERSION: version } = process.env;
  return version === undefined ? {} : { providerVersion: version };
}

function chosenEngine(): Engine {
  const name = process.env.TRADING_ENGINE ?? 'docker';
  const create = ENGINES.get(name);
  if (create !== undefined) return create();
  throw new TradingStackError(
    'invalid-value',
    'TRADING_ENGINE',
    `there is no engine '${name}'`,
    `Set it to ${[...ENGINES.keys()].join(' or ')}`,
  );
}

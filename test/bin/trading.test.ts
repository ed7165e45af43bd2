import { stacksOf } from '../../lib/command-line/terraform/stacks';
import { createApp } from '../../bin/trading';
import { inTemporaryFolder } from '../setup/temporary-folder';

const { TRADING_ENGINE } = process.env;

afterEach(() => {
  if (TRADING_ENGINE === undefined) delete process.env.TRADING_ENGINE;
  else process.env.TRADING_ENGINE = TRADING_ENGINE;
});

function engines(): string[] {
  return inTemporaryFolder((outdir) => stacksOf(createApp({ outdir })).map(({ platform }) => platform.engine.name));
}

test('the app has a stack for each example, on Docker by default', () => {
  delete process.env.TRADING_ENGINE;
  expect(new Set(engines())).toEqual(new Set(['docker']));
});

test('TRADING_ENGINE selects the engine', () => {
  process.env.TRADING_ENGINE = 'swarm';
  expect(new Set(engines())).toEqual(new Set(['swarm']));
});

test.each(['kubernetes', 'constructor', ''])('TRADING_ENGINE cannot be %p', (name) => {
  process.env.TRADING_ENGINE = name;
  expect(engines).toThrowCode('invalid-value', 'TRADING_ENGINE', `'${name}'`, 'docker or swarm');
});

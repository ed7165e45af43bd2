import { stacksOf } from '../../lib/command-line/synthesis/stacks';
import { createApp } from '../../bin/trading';
import type { Platform } from '../../lib';
import { inTemporaryFolder } from '../setup/temporary-folder';

const { env } = process;

beforeEach(() => {
  process.env = { ...env };
});
afterEach(() => {
  process.env = env;
});

function engines(): string[] {
  return platforms().map(({ engine }) => engine.name);
}

function platforms(): Platform[] {
  return inTemporaryFolder((outdir) => stacksOf(createApp({ outdir })).map(({ platform }) => platform));
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

test('TRADING_ENGINE_VERSION selects the oldest engine that the stacks have to run on', () => {
  delete process.env.TRADING_ENGINE;
  process.env.TRADING_ENGINE_VERSION = '20.10';
  expect(new Set(platforms().map(({ engine }) => engine.oldestVersion))).toEqual(new Set(['20.10']));
});

test.each(['docker', 'swarm'])('TRADING_PROVIDER_VERSION selects the version of the provider on %s', (name) => {
  process.env.TRADING_ENGINE = name;
  process.env.TRADING_PROVIDER_VERSION = '4.5.0';
  const stacks = inTemporaryFolder((outdir) =>
    stacksOf(createApp({ outdir })).map((stack) => stack.toTerraform() as unknown),
  );
  expect(JSON.stringify(stacks[0])).toContain('"version":"4.5.0"');
});

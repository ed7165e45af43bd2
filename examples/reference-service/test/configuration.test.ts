import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Configuration, ConfigurationError } from '../src/configuration';

const PORT = { min: 1, max: 65_535, default: 8_000 };
const POSTGRES = { schemes: ['postgresql'], example: 'postgresql://user:password@db:5432/trading' };

function read(environment: NodeJS.ProcessEnv): Configuration {
  return new Configuration(environment);
}

function refusal(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    assert.ok(error instanceof ConfigurationError);
    return error.message;
  }
  return assert.fail('expected a ConfigurationError');
}

describe('a variable', () => {
  it('has its default when it is missing or empty', () => {
    assert.equal(read({}).wholeNumber('PORT', PORT), 8_000);
    assert.equal(read({ PORT: '' }).wholeNumber('PORT', PORT), 8_000);
  });

  it('is refused with its name, its value and the allowed values', () => {
    for (const given of ['abc', '0', '65536', '-1', '1.5', ' 80']) {
      assert.equal(
        refusal(() => read({ PORT: given }).wholeNumber('PORT', PORT)),
        `PORT is "${given}"; it must be a whole number from 1 to 65535`,
      );
    }
  });

  it('is refused when it is required and missing', () => {
    assert.equal(
      refusal(() => read({}).oneOf('ROLE', ['market-data', 'feature-api'])),
      'ROLE is not set; it must be one of market-data, feature-api',
    );
  });

  it('may be one of several words in any case', () => {
    assert.equal(read({ LOG_LEVEL: 'INFO' }).oneOf('LOG_LEVEL', ['info', 'warn'], 'warn'), 'info');
  });

  it('may be a list without duplicates', () => {
    const symbols = (given: string): readonly string[] => read({ SYMBOLS: given }).names('SYMBOLS', /^[A-Z]+$/, []);
    assert.deepEqual(symbols('EURUSD, GBPUSD'), ['EURUSD', 'GBPUSD']);
    for (const given of ['EURUSD,EURUSD', 'EURUSD,', 'eurusd'])
      assert.match(
        refusal(() => symbols(given)),
        /^SYMBOLS is/,
      );
  });

  it('may be a URL of certain schemes', () => {
    const form = { schemes: ['tcp'], example: 'tcp://market-data:5556' };
    assert.equal(read({}).url('MARKET_DATA_URL', form, form.example), 'tcp://market-data:5556');
    assert.equal(read({ MARKET_DATA_URL: 'tcp://a:1' }).url('MARKET_DATA_URL', form), 'tcp://a:1');
    assert.match(
      refusal(() => read({ MARKET_DATA_URL: 'udp://a:1' }).url('MARKET_DATA_URL', form)),
      /must be a tcp:\/\//,
    );
  });
});

describe('a secret', () => {
  it('is not shown when it is refused', () => {
    const message = refusal(() =>
      read({ DATABASE_URL: 'mysql://user:hunter2@db/x' }).optionalSecretUrl('DATABASE_URL', POSTGRES),
    );
    assert.match(message, /^DATABASE_URL is a value that is not shown/);
    assert.doesNotMatch(message, /hunter2/);
  });

  it('can be optional', () => {
    assert.equal(read({}).optionalSecretUrl('DATABASE_URL', POSTGRES), undefined);
  });
});

describe('a variable given as a file', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'configuration-'));
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  function file(content: string): string {
    const path = join(folder, 'value');
    writeFileSync(path, content);
    return path;
  }

  it('is read without its trailing newline', () => {
    const url = 'postgresql://user:password@db:5432/trading';
    const configuration = read({ DATABASE_URL_FILE: file(`${url}\n`) });
    assert.equal(configuration.optionalSecretUrl('DATABASE_URL', POSTGRES), url);
  });

  it('is never shown', () => {
    const message = refusal(() => read({ PORT_FILE: file('hunter2') }).wholeNumber('PORT', PORT));
    assert.doesNotMatch(message, /hunter2/);
  });

  it('is refused when the file is missing or empty', () => {
    const missing = join(folder, 'missing');
    assert.equal(
      refusal(() => read({ PORT_FILE: missing }).wholeNumber('PORT', PORT)),
      `PORT_FILE is "${missing}", which cannot be read (ENOENT); it must be a readable file`,
    );
    assert.match(
      refusal(() => read({ PORT_FILE: file('\n') }).wholeNumber('PORT', PORT)),
      /which is empty/,
    );
  });

  it('is refused together with the variable itself', () => {
    assert.equal(
      refusal(() => read({ PORT: '1', PORT_FILE: 'x' }).wholeNumber('PORT', PORT)),
      'PORT and PORT_FILE are both set; set only one of them',
    );
  });
});

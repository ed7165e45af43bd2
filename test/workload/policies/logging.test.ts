import { Logging, Size } from '../../../lib';

describe('a log in files', () => {
  test('turns over, so that it cannot fill the disk', () => {
    expect(Logging.jsonFile().toSpec()).toEqual({
      driver: 'json-file',
      options: { 'max-size': '10m', 'max-file': '3' },
    });
  });

  test('can be larger, longer and compressed', () => {
    const logging = Logging.jsonFile({ maximumSize: Size.mebibytes(50), maximumFiles: 5, compress: true });
    expect(logging.toSpec().options).toEqual({ 'max-size': '50m', 'max-file': '5', compress: 'true' });
  });

  test.each([
    [Size.gibibytes(1), '1024m'],
    [Size.kibibytes(512), '512k'],
    [Size.kibibytes(1536), '1536k'],
    [Size.bytes(1), '1k'],
  ])('of %s is spelled as Docker does: %s', (maximumSize, spelled) => {
    expect(Logging.jsonFile({ maximumSize }).toSpec().options['max-size']).toBe(spelled);
  });

  test.each([0, -1, 1.5, NaN])('of %d files is refused', (maximumFiles) => {
    expect(() => Logging.jsonFile({ maximumFiles })).toThrow(
      `Logging.jsonFile: maximumFiles cannot be ${maximumFiles}. Give a whole number, 1 or more.`,
    );
  });

  test('that is one file cannot be compressed: Docker would refuse to start', () => {
    expect(() => Logging.jsonFile({ maximumFiles: 1, compress: true })).toThrow(/^Logging\.jsonFile: .*Give/);
  });

  test('that never turns over is refused', () => {
    expect(() => Logging.jsonFile({ maximumSize: Size.bytes(0) })).toThrow(/^Logging\.jsonFile: .*Give/);
  });
});

test('a log can go to any driver, with its own options', () => {
  expect(Logging.driver('syslog', { 'syslog-address': 'udp://logs:514' }).toSpec()).toEqual({
    driver: 'syslog',
    options: { 'syslog-address': 'udp://logs:514' },
  });
});

test('a log can be left to the daemon', () => {
  expect(Logging.daemonDefault().toSpec()).toEqual({ driver: null, options: {} });
});

test.each([
  ['json-file', { tag: '{{.Name}}', 'max-size': '20MB', 'max-file': '2', compress: 'true' }],
  ['local', { mode: 'non-blocking', 'max-buffer-size': '4m' }],
  ['syslog', { 'syslog-address': 'udp://logs:514', mode: 'non-blocking', 'cache-max-size': '20m' }],
  ['loki', { 'loki-url': 'http://logs:3100/loki/api/v1/push', anything: 'at all' }],
])('a log of %s takes %j', (driver, options) => {
  expect(Logging.driver(driver, options).toSpec()).toEqual({ driver, options });
});

test.each<[string, Record<string, string>, string]>([
  [
    'json-file',
    { max_size: '10m' },
    "the name of an option cannot be 'max_size'. Give one of those that json-file takes",
  ],
  ['local', { tag: 'a' }, "the name of an option cannot be 'tag'. Give one of those that local takes: mode,"],
  ['json-file', { constructor: 'a' }, "the name of an option cannot be 'constructor'."],
  ['json-file', { 'max-size': 'ten' }, "options.max-size cannot be 'ten'. Give a size above zero: '10m'."],
  ['local', { 'max-size': '0' }, "options.max-size cannot be '0'."],
  ['json-file', { 'max-file': '0' }, "options.max-file cannot be '0'. Give a whole number, 1 or more: '3'."],
  ['json-file', { compress: 'maybe' }, "options.compress cannot be 'maybe'."],
  [
    'syslog',
    { 'max-size': '10m' },
    "the name of an option cannot be 'max-size'. Give one that syslog takes: this one is",
  ],
  ['jsonfile', {}, "the driver cannot be 'jsonfile'. Give 'json-file'."],
  ['local', { mode: 'fast' }, "options.mode cannot be 'fast'. Give 'blocking' or 'non-blocking'."],
])('a log of %s with %j is refused before a container is replaced', (driver, options, message) => {
  expect(() => Logging.driver(driver, options)).toThrow(`Logging.driver: ${message}`);
});

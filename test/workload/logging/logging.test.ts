import { Logging, Size } from '../../../lib';

const WORKLOAD = { stack: 'desk', service: 'risk', hostPortOffset: 0 };

describe('json-file', () => {
  test('json-file rotates logs by default, so that they cannot fill the disk', () => {
    expect(Logging.jsonFile().toSpec(WORKLOAD)).toEqual({
      driver: 'json-file',
      options: { 'max-size': '10m', 'max-file': '3' },
      storeUrl: null,
    });
  });

  test('json-file can have more, larger and compressed files', () => {
    const logging = Logging.jsonFile({ maximumSize: Size.mebibytes(50), maximumFiles: 5, compress: true });
    expect(logging.toSpec(WORKLOAD).options).toEqual({ 'max-size': '52428800', 'max-file': '5', compress: 'true' });
  });

  test.each([
    [Size.gibibytes(1), '1073741824'],
    [Size.kibibytes(512), '524288'],
    [Size.bytes(50_000_000), '50m'],
    [Size.bytes(1_500_000), '1500k'],
    [Size.bytes(1), '1'],
  ])('the size %s is written as %s, which the driver reads as the same size', (maximumSize, spelled) => {
    expect(Logging.jsonFile({ maximumSize }).toSpec(WORKLOAD).options['max-size']).toBe(spelled);
  });

  test.each([0, -1, 1.5, NaN])('%d log files are refused', (maximumFiles) => {
    expect(() => Logging.jsonFile({ maximumFiles })).toThrowCode('invalid-value', 'Logging.jsonFile: maximumFiles');
  });

  test('compression of a single file is refused, because Docker would not start the container', () => {
    expect(() => Logging.jsonFile({ maximumFiles: 1, compress: true })).toThrowCode(
      'option-conflict',
      'Logging.jsonFile: ',
      'Set maximumFiles to 2',
    );
  });

  test('a size of zero is refused, because the log would never be rotated', () => {
    expect(() => Logging.jsonFile({ maximumSize: Size.bytes(0) })).toThrowCode(
      'invalid-value',
      'Logging.jsonFile: maximumSize',
    );
  });

  test('an option that json-file does not have is refused', () => {
    expect(() => Logging.jsonFile({ maxSize: Size.mebibytes(1) } as never)).toThrowCode(
      'unknown-option',
      "there is no option 'maxSize'",
    );
  });
});

test('any driver can be used with its own options', () => {
  expect(Logging.driver('syslog', { 'syslog-address': 'udp://logs:514' }).toSpec(WORKLOAD)).toEqual({
    driver: 'syslog',
    options: { 'syslog-address': 'udp://logs:514' },
    storeUrl: null,
  });
});

test('the choice of the driver can be left to the daemon', () => {
  expect(Logging.daemonDefault().toSpec(WORKLOAD)).toEqual({ driver: null, options: {}, storeUrl: null });
});

test.each([
  ['json-file', { tag: '{{.Name}}', 'max-size': '20MB', 'max-file': '2', compress: 'true' }],
  ['local', { mode: 'non-blocking', 'max-buffer-size': '4m' }],
  ['json-file', { 'max-size': '1.5m' }],
  ['json-file', { 'max-size': '.5 GiB' }],
  ['local', { 'max-size': '1048576' }],
  ['syslog', { 'syslog-address': 'udp://logs:514', mode: 'non-blocking', 'cache-max-size': '20m' }],
  ['loki', { 'loki-url': 'http://logs:3100/loki/api/v1/push', anything: 'at all' }],
])('the driver %s accepts the options %j', (driver, options) => {
  expect(Logging.driver(driver, options).toSpec(WORKLOAD)).toEqual({ driver, options, storeUrl: null });
});

test.each<[string, Record<string, string>]>([
  ['json-file', { max_size: '10m' }],
  ['local', { tag: 'a' }],
  ['json-file', { constructor: 'a' }],
  ['syslog', { 'max-size': '10m' }],
])('the driver %s refuses options that it does not have: %j', (driver, options) => {
  const [name = ''] = Object.keys(options);
  expect(() => Logging.driver(driver, options)).toThrowCode('unknown-option', `${driver} has no option '${name}'`);
});

test.each<[string, Record<string, string>, string]>([
  ['json-file', { 'max-size': 'ten' }, 'options.max-size'],
  ['local', { 'max-size': '0' }, 'options.max-size'],
  ['json-file', { 'max-size': '0.0g' }, 'options.max-size'],
  ['json-file', { 'max-size': '10mi' }, 'options.max-size'],
  ['json-file', { 'max-file': '0' }, 'options.max-file'],
  ['json-file', { compress: 'maybe' }, 'options.compress'],
  ['local', { mode: 'fast' }, 'options.mode'],
  ['jsonfile', {}, "'json-file'"],
  ['', {}, 'the driver'],
])('the driver %j with %j is refused before a container is replaced', (driver, options, fact) => {
  expect(() => Logging.driver(driver, options)).toThrowCode('invalid-value', 'Logging.driver: ', fact);
});

describe('a log store', () => {
  test('gets the lines with the stack and the service, at port 9428 of the machine of the engine', () => {
    expect(Logging.logStore().toSpec(WORKLOAD)).toMatchObject({
      driver: 'splunk',
      storeUrl: 'http://127.0.0.1:9428',
      options: { 'splunk-url': 'http://127.0.0.1:9428', 'splunk-source': 'desk/risk' },
    });
    expect(Logging.logStore().toSpec({ ...WORKLOAD, hostPortOffset: 500 }).options['splunk-url']).toBe(
      'http://127.0.0.1:9928',
    );
  });

  test('is not what a container waits for at its start or a program when it prints', () => {
    expect(Logging.logStore().toSpec(WORKLOAD).options).toMatchObject({
      'splunk-verify-connection': 'false',
      mode: 'non-blocking',
    });
  });

  test('does not change which files `docker logs` reads', () => {
    const options = { maximumSize: Size.bytes(50_000_000), maximumFiles: 1 };
    expect(Logging.logStore(options).toSpec(WORKLOAD).options).toMatchObject({
      'cache-max-size': '50m',
      'cache-max-file': '1',
      // Docker refuses a single file with its own default.
      'cache-compress': 'false',
    });
  });

  test.each(['10.0.0.5:9428', 'tcp://10.0.0.5:9428', 'http://10.0.0.5:9428/insert', 'http://me:pw@10.0.0.5:9428'])(
    'at %s is refused, because Docker would not start the container',
    (url) => {
      expect(() => Logging.logStore({ url })).toThrowCode('invalid-value', 'Logging.logStore: url', 'http://10.0.0.5');
    },
  );
});

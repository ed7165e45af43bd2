import { parse } from 'yaml';
import {
  AppService,
  Duration,
  Engine,
  Image,
  Job,
  Logging,
  type LogStoreOptions,
  MonitoringStack,
  PublishedPort,
  Size,
  type TradingStack,
  type TradingStackProps,
  Workload,
} from '../../../lib';
import { containerNamed, createStack, synthesizeStack, type Terraform } from '../../setup/synthesize';
import { warningsOf } from '../../services/fixtures';
import { deployed, deployedAs } from '../fixtures';

const image = Image.fromRegistry('ghcr.io/desk/bot:2.4');
const logging = Logging.logStore();

function logged(
  logs: LogStoreOptions = {},
  build: (stack: TradingStack) => void = () => undefined,
  props: Partial<TradingStackProps> = {},
): Terraform {
  const create = (stack: TradingStack): void => {
    build(stack);
    new MonitoringStack(stack, 'monitoring', { watch: [], logs });
  };
  return synthesizeStack(create, { logging, ...props });
}

const driverOf = (terraform: Terraform, name: string): unknown => containerNamed(terraform, name).log_driver;

describe('what is sent to the log store', () => {
  const services = (stack: TradingStack): void => {
    new AppService(stack, 'api', { image });
    new Job(stack, 'migrate', { image });
    new Workload(stack, 'quiet', { image, logging: Logging.jsonFile() });
  };

  test('the output of every service and job, with the name of both', () => {
    const terraform = logged({}, services);
    for (const name of ['api', 'migrate', 'prometheus', 'grafana']) {
      expect(containerNamed(terraform, `desk-${name}`)).toMatchObject({
        log_driver: 'splunk',
        log_opts: { 'splunk-url': 'http://127.0.0.1:9428', 'splunk-source': `desk/${name}` },
      });
    }
  });

  test('a workload with a `logging` of its own keeps it', () => {
    expect(driverOf(logged({}, services), 'desk-quiet')).toBe('json-file');
  });

  test('the store does not send its own output to itself', () => {
    const terraform = logged();
    expect(driverOf(terraform, 'desk-logstore')).toBe('json-file');
    expect(driverOf(logged({ logging: Logging.driver('journald') }), 'desk-logstore')).toBe('journald');
  });

  test('no service starts after the store, and none waits for it', () => {
    const terraform = logged({}, services);
    for (const [name, { dependsOn }] of Object.entries(deployed(terraform))) {
      expect([name, dependsOn.filter((address) => address.includes('logstore'))]).toEqual([name, []]);
    }
    expect(containerNamed(terraform, 'desk-api').log_opts).toMatchObject({
      mode: 'non-blocking',
      'splunk-verify-connection': 'false',
    });
  });

  test('a stack whose host ports have an offset sends to the port with the offset', () => {
    const terraform = logged({}, services, { hostPortOffset: 1000 });
    expect(containerNamed(terraform, 'desk-api').log_opts).toMatchObject({ 'splunk-url': 'http://127.0.0.1:10428' });
    expect(containerNamed(terraform, 'desk-logstore').ports).toEqual([
      { internal: 9428, external: 10428, ip: '127.0.0.1', protocol: 'tcp' },
    ]);
  });
});

describe('the log store', () => {
  test('stores two weeks and 5 GiB unless the options say otherwise', () => {
    expect(deployedAs(logged(), 'desk-logstore').command).toEqual([
      '-storageDataPath=/victoria-logs-data',
      '-retentionPeriod=14d',
      '-retention.maxDiskSpaceUsageBytes=5368709120',
      '-splunk.streamFields=source,host',
      '-defaultMsgValue= ',
    ]);
    const options = {
      retention: Duration.days(90),
      retentionSize: Size.mebibytes(1),
      flags: ['-search.maxQueryDuration=1m'],
    };
    expect(deployedAs(logged(options), 'desk-logstore').command).toEqual(
      expect.arrayContaining([
        '-retentionPeriod=90d',
        '-retention.maxDiskSpaceUsageBytes=1048576',
        '-search.maxQueryDuration=1m',
      ]),
    );
  });

  test('is published on the loopback address only, and can write nothing but its volume', () => {
    const container = containerNamed(logged(), 'desk-logstore');
    expect(container).toMatchObject({
      read_only: true,
      capabilities: { drop: ['ALL'] },
      ports: [{ internal: 9428, external: 9428, ip: '127.0.0.1', protocol: 'tcp' }],
    });
    expect(deployedAs(logged(), 'desk-logstore').volumes).toEqual({ '/victoria-logs-data': 'desk_logstore_data' });
  });

  test('is scraped by Prometheus, and has panels and alerts', () => {
    const terraform = logged();
    const { files } = deployedAs(terraform, 'desk-prometheus');
    const { scrape_configs: jobs } = parse(files['/etc/prometheus/prometheus.yml'] ?? '') as {
      scrape_configs: { job_name: string }[];
    };
    expect(jobs).toContainEqual(
      expect.objectContaining({ job_name: 'logstore', static_configs: [{ targets: ['logstore:9428'] }] }),
    );
    expect(files['/etc/prometheus/rules/desk-alerts.yml']).toContain('LogStoreReceivesNothing');
    expect(deployedAs(terraform, 'desk-grafana').files['/etc/grafana/dashboards/desk-performance.json']).toContain(
      'vl_rows_ingested_total{job=\\"logstore\\"}',
    );
  });

  test('there is none without the option', () => {
    const terraform = synthesizeStack((stack) => new MonitoringStack(stack, 'monitoring', { watch: [] }));
    expect(Object.keys(deployed(terraform)).sort()).toEqual(['desk-grafana', 'desk-prometheus']);
  });
});

describe('a log store that nothing would reach', () => {
  test('is refused in a stack that does not log to one', () => {
    expect(() => logged({}, undefined, { logging: Logging.jsonFile() })).toThrowCode(
      'missing-option',
      'desk/monitoring/logstore',
      'logging: Logging.logStore()',
    );
  });

  test('is refused in a stack that logs to a Splunk', () => {
    const splunk = Logging.driver('splunk', { 'splunk-url': 'http://127.0.0.1:9428', 'splunk-token': 'none' });
    expect(() => logged({}, undefined, { logging: splunk })).toThrowCode(
      'missing-option',
      'desk/monitoring/logstore',
      'logging: Logging.logStore()',
    );
  });

  test.each<[string, LogStoreOptions, Logging]>([
    ['on another port', { ports: [PublishedPort.loopback(9428, { hostPort: 19428 })] }, logging],
    ['on another address', { ports: [PublishedPort.on('10.0.0.5', 9428)] }, logging],
    ['on no address', { ports: [] }, logging],
    ['on the loopback address only', {}, Logging.logStore({ url: 'http://10.0.0.5:9428' })],
  ])('is refused if it is published %s', (_where, logs, ofStack) => {
    expect(() => logged(logs, undefined, { logging: ofStack })).toThrowCode(
      'option-conflict',
      'desk/monitoring/logstore',
      'the stack sends its output to http://',
    );
  });

  test.each<[string, LogStoreOptions, Logging]>([
    [
      'the port that it is published on',
      { ports: [PublishedPort.loopback(9428, { hostPort: 19428 })] },
      Logging.logStore({ url: 'http://localhost:19428' }),
    ],
    ['the address', { ports: [PublishedPort.on('10.0.0.5', 9428)] }, Logging.logStore({ url: 'http://10.0.0.5:9428' })],
    [
      'the usual port of HTTP',
      { ports: [PublishedPort.allInterfaces(9428, { hostPort: 80 })] },
      Logging.logStore({ url: 'http://desk.lan' }),
    ],
    [
      'an address of IPv6',
      { ports: [PublishedPort.on('fd00::5', 9428)] },
      Logging.logStore({ url: 'http://[fd00::5]:9428' }),
    ],
    ['any address', { ports: [PublishedPort.allInterfaces(9428)] }, Logging.logStore({ url: 'http://desk.lan:9428' })],
    ['a proxy with TLS', { ports: [] }, Logging.logStore({ url: 'https://logs.desk.example' })],
  ])('is accepted if the stack logs to %s', (_where, logs, ofStack) => {
    expect(deployedAs(logged(logs, undefined, { logging: ofStack }), 'desk-logstore').command).not.toEqual([]);
  });

  test('a Swarm of several machines needs an address that all of them reach', () => {
    const engine = Engine.swarm({ cluster: { dataNode: { data: 'true' } } });
    const logs = { ports: [PublishedPort.allInterfaces(9428)] };
    expect(() => logged(logs, undefined, { engine })).toThrowCode(
      'option-conflict',
      'desk/monitoring/logstore',
      "Logging.logStore({ url: 'http://10.0.0.5:9428' })",
    );
    const url = 'http://10.0.0.5:9428';
    const terraform = logged(logs, undefined, { engine, logging: Logging.logStore({ url }) });
    expect(JSON.stringify(terraform.resource.docker_service)).toContain(`"splunk-url":"${url}"`);
  });

  test('a Swarm cannot publish it on the loopback address', () => {
    expect(() => logged({}, undefined, { engine: Engine.swarm() })).toThrowCode(
      'unsupported-by-engine',
      'desk/monitoring/logstore',
      'PublishedPort.allInterfaces',
    );
  });
});

describe('flags', () => {
  const warnings = (flags: readonly string[]): string[] =>
    warningsOf(
      createStack((stack) => new MonitoringStack(stack, 'monitoring', { watch: [], logs: { flags } }), { logging }),
    );

  test.each([[['-httpAuth.password=hunter22']], [['-httpAuth.password', 'hunter22']]])(
    'a password in %j causes a warning that does not show it',
    (flags) => {
      expect(warnings(flags)).toEqual(['-httpAuth.password in the command [plain-secret]']);
    },
  );

  test('a password that the store reads from a file or a variable does not', () => {
    expect(warnings(['-httpAuth.password=file:///run/secrets/store', '-syslog.password=%{PASSWORD}'])).toEqual([]);
  });
});

describe('invalid options', () => {
  test.each<[string, LogStoreOptions, string]>([
    ['less than a day', { retention: Duration.hours(0) }, 'retention'],
    ['part of a day', { retention: Duration.hours(36) }, 'retention'],
    ['no space', { retentionSize: Size.bytes(0) }, 'retentionSize'],
    ['a URL with a password', { externalUrl: 'http://me:pw@desk.example/' }, 'externalUrl'],
  ])('%s is refused', (_what, logs, option) => {
    expect(() => logged(logs)).toThrowCode('invalid-value', 'desk/monitoring/logstore', option);
  });

  test('flags have no effect with a command', () => {
    expect(() => logged({ flags: ['-loggerFormat=json'], command: ['-loggerFormat=json'] })).toThrowCode(
      'option-conflict',
      'desk/monitoring/logstore',
      '`flags`',
    );
  });

  test('another port of the container is refused', () => {
    const create = (): unknown =>
      createStack(
        (stack) =>
          new MonitoringStack(stack, 'monitoring', {
            watch: [],
            logs: { ports: [PublishedPort.loopback(9429)] },
          }),
        { logging },
      );
    expect(create).toThrowCode('port-not-served', 'desk/monitoring/logstore', '9428');
  });
});

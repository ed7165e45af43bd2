import { parse } from 'yaml';
import { Volume, Duration, Image, Size, type TradingStack, Workload } from '../../lib';
import { Prometheus, type PrometheusOptions } from '../../lib/monitoring/prometheus/prometheus';
import type { ScrapedService } from '../../lib/monitoring/scraped-service';
import { createStack, ENGINES, synthesizeStack } from '../setup/synthesize';
import { warningsOf } from '../services/fixtures';
import { type Deployed, deployedAs, service } from './fixtures';

describe.each(ENGINES)('Prometheus on $engineName', ({ createEngine }) => {
  const inStack = (build: (stack: TradingStack) => void): Deployed =>
    deployedAs(synthesizeStack(build, { engine: createEngine() }), 'desk-prometheus');
  const deploy = (options: PrometheusOptions = {}, services: readonly ScrapedService[] = []): Deployed =>
    inStack((stack) => new Prometheus(stack, 'prometheus', { ...options, services }));
  const configure = (options: PrometheusOptions = {}, services: readonly ScrapedService[] = []): unknown =>
    parse(deploy(options, services).files['/etc/prometheus/prometheus.yml'] ?? '');

  test('Prometheus scrapes a service at its host, port and path', () => {
    const target = { kind: 'endpoint', host: 'api', port: 8080, path: '/internal/metrics' } as const;
    expect(configure({}, [{ job: 'api', target, upQuery: 'up{job="$job"}', panels: [] }])).toHaveProperty(
      'scrape_configs.0',
      {
        job_name: 'api',
        metrics_path: '/internal/metrics',
        static_configs: [{ targets: ['api:8080'] }],
      },
    );
  });

  test('Prometheus scrapes itself', () => {
    expect(configure()).toHaveProperty('scrape_configs.0', {
      job_name: 'prometheus',
      metrics_path: '/metrics',
      static_configs: [{ targets: ['prometheus:9090'] }],
    });
  });

  test('Prometheus scrapes every 15 seconds by default', () => {
    expect(configure()).toHaveProperty('global', { scrape_interval: '15s' });
  });

  test.each([
    [Duration.milliseconds(1500), '1500ms'],
    [Duration.seconds(90), '90s'],
    [Duration.minutes(2), '2m'],
  ])('the scrape interval can be changed to %o', (scrapeInterval, written) => {
    expect(configure({ scrapeInterval })).toHaveProperty('global', { scrape_interval: written });
  });

  test('a service that is scraped less often than every few minutes is not missing between two scrapes', () => {
    expect(deploy({ scrapeInterval: Duration.minutes(10) }).command).toContain('--query.lookback-delta=1200000ms');
    const slow = { ...service('api'), target: { ...service('api').target, scrape: { interval: Duration.minutes(4) } } };
    expect(deploy({}, [slow]).command).toContain('--query.lookback-delta=480000ms');
  });

  test('the time for which a value counts is that of Prometheus or of the flags', () => {
    expect(deploy().command.join(' ')).not.toContain('lookback');
    const flags = ['--query.lookback-delta=1h'];
    const { command } = deploy({ scrapeInterval: Duration.minutes(10), flags });
    expect(command.filter((flag) => flag.includes('lookback'))).toEqual(flags);
  });

  test('metrics are stored for 15 days by default', () => {
    expect(deploy().command).toContain('--storage.tsdb.retention.time=15d');
  });

  test('the retention can be changed', () => {
    expect(deploy({ retention: Duration.hours(36) }).command).toContain('--storage.tsdb.retention.time=36h');
  });

  test('the size of the metrics is not limited by default', () => {
    expect(deploy().command.join(' ')).not.toContain('retention.size');
  });

  test('the size of the metrics can be limited', () => {
    expect(deploy({ retentionSize: Size.gibibytes(5) }).command).toContain(
      `--storage.tsdb.retention.size=${5 * 1024 ** 3}B`,
    );
  });

  test('the flags name the configuration file and the data folder', () => {
    expect(deploy().command).toEqual(
      expect.arrayContaining(['--config.file=/etc/prometheus/prometheus.yml', '--storage.tsdb.path=/prometheus']),
    );
  });

  test('Prometheus stores its data in a volume of the stack', () => {
    expect(deploy().volumes).toEqual({ '/prometheus': 'desk_prometheus_data' });
  });

  test('Prometheus stores its data in another volume if one is set', () => {
    const volume = Volume.fromName('metrics');
    expect(deploy({ volume }).volumes).toEqual({ '/prometheus': 'metrics' });
  });

  test('Prometheus is healthy when it is ready to answer', () => {
    expect(deploy().probe).toContain('wget -q -O /dev/null --header "Host: $2" "http://$1:9090/-/ready"; }; ');
  });

  test('Prometheus runs as the user of its image', () => {
    expect(deploy().user).toBeUndefined();
  });

  test('Prometheus has 512 MiB of memory by default', () => {
    expect(deploy().memoryBytes).toBe(512 * 1024 ** 2);
  });

  test('Prometheus has the options of a workload', () => {
    const environment = { TZ: 'UTC' };
    expect(deploy({ environment, aliases: ['metrics'] })).toMatchObject({ environment, aliases: ['metrics'] });
  });

  test('a consumer gets the URL of Prometheus and starts after it', () => {
    const terraform = synthesizeStack(
      (stack) => {
        const prometheus = new Prometheus(stack, 'prometheus', { services: [] });
        new Workload(stack, 'bot', { image: Image.fromRegistry('bot:1'), uses: [prometheus] });
      },
      { engine: createEngine() },
    );
    expect(deployedAs(terraform, 'desk-bot')).toMatchObject({
      environment: { PROMETHEUS_URL: 'http://prometheus:9090' },
      dependsOn: [expect.stringMatching(/^docker_(container|service)\.desk-prometheus$/)],
    });
  });

  test.each([
    { name: 'metrics', aliases: [], host: 'metrics' },
    { aliases: [], host: 'desk-prometheus' },
    { aliases: ['metrics', 'prometheus'], host: 'metrics' },
  ])('Prometheus scrapes itself under the host name %o of its consumers', ({ host, ...names }) => {
    createStack(
      (stack) => {
        const prometheus = new Prometheus(stack, 'prometheus', { ...names, services: [] });
        expect(prometheus.metrics.target.host).toBe(host);
        expect(prometheus.endpoint.host).toBe(host);
      },
      { engine: createEngine() },
    );
  });
});

describe('the options of Prometheus', () => {
  const failure =
    (options: object, services: readonly ScrapedService[] = []) =>
    () =>
      createStack((stack) => new Prometheus(stack, 'prometheus', { ...options, services }));
  const served = (target: Partial<ScrapedService['target']>): ScrapedService[] => [
    { ...service('api'), target: { ...service('api').target, ...target } },
  ];

  test('rejects two services with one job name', () => {
    expect(failure({}, [service('api'), service('api')])).toThrowCode('job-taken', 'desk/prometheus', "'api'");
  });

  test('rejects a service with the job name of Prometheus itself', () => {
    expect(failure({}, [service('prometheus')])).toThrowCode('job-taken', "'prometheus'");
  });

  test('rejects a job name that would break a query', () => {
    expect(failure({}, [service('api"} or {job="db')])).toThrowCode('invalid-name', 'desk/prometheus', 'the job');
  });

  test('rejects a retention below the scrape interval', () => {
    expect(failure({ retention: Duration.seconds(10) })).toThrowCode(
      'invalid-value',
      'desk/prometheus',
      'retention',
      '10s',
      'scrapeInterval, 15s',
    );
  });

  test('rejects a scrape interval of zero', () => {
    expect(failure({ scrapeInterval: Duration.seconds(0) })).toThrowCode('invalid-value', 'scrapeInterval', '0d');
  });

  test('rejects a retention size of zero, which the server would read as unlimited', () => {
    expect(failure({ retentionSize: Size.bytes(0) })).toThrowCode('invalid-value', 'retentionSize', '0 B');
  });

  test('rejects a memory limit below what Prometheus needs', () => {
    expect(failure({ resources: { memory: Size.mebibytes(64) } })).toThrowCode(
      'memory-too-small',
      'desk/prometheus',
      '64 MiB',
      '128 MiB',
    );
  });

  test.each([
    [{ port: 0 }, 'invalid-value', 'the job api: the port'],
    [{ host: '' }, 'invalid-host', 'the host of the job api'],
    [{ path: 'metrics' }, 'invalid-path', "the metrics path of the job api cannot be 'metrics'"],
  ] as const)('rejects the target %j', (target, code, fact) => {
    expect(failure({}, served(target))).toThrowCode(code, 'desk/prometheus', fact);
  });

  test.each([
    [{ retension: Duration.days(1) }, 'unknown-option', "'retention'"],
    [{ retention: '30d' }, 'wrong-type', 'retention must be a Duration'],
  ] as const)('rejects %j, which only untyped code can pass', (options, code, fact) => {
    expect(failure(options)).toThrowCode(code, 'desk/prometheus', fact);
  });
});

test.each([{ command: ['--web.enable-admin-api'] }, { entrypoint: ['/bin/sh'] }])(
  'a custom command (%j) causes a warning, because it replaces the flags of the retention',
  (options) => {
    const stack = createStack((desk) => new Prometheus(desk, 'prometheus', { ...options, services: [] }));
    expect(warningsOf(stack)).toEqual(['its retention [command-replaced]']);
  },
);

test('the default command causes no warning', () => {
  expect(warningsOf(createStack((desk) => new Prometheus(desk, 'prometheus', { services: [] })))).toEqual([]);
});

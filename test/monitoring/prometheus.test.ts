import { parse } from 'yaml';
import { Volume, Duration, Image, Size, type TradingStack, Workload } from '../../lib';
import { Prometheus, type PrometheusOptions } from '../../lib/monitoring/prometheus';
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

  test('scrapes a service at its host, port and path', () => {
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

  test('scrapes itself', () => {
    expect(configure()).toHaveProperty('scrape_configs.0', {
      job_name: 'prometheus',
      metrics_path: '/metrics',
      static_configs: [{ targets: ['prometheus:9090'] }],
    });
  });

  test('scrapes every 15 seconds', () => {
    expect(configure()).toHaveProperty('global', { scrape_interval: '15s' });
  });

  test.each([
    [Duration.milliseconds(1500), '1500ms'],
    [Duration.seconds(90), '90s'],
    [Duration.minutes(2), '2m'],
  ])('scrapes as often as it is told to', (scrapeInterval, written) => {
    expect(configure({ scrapeInterval })).toHaveProperty('global', { scrape_interval: written });
  });

  test('keeps metrics for 15 days', () => {
    expect(deploy().command).toContain('--storage.tsdb.retention.time=15d');
  });

  test('keeps metrics as long as it is told to', () => {
    expect(deploy({ retention: Duration.hours(36) }).command).toContain('--storage.tsdb.retention.time=36h');
  });

  test('has no limit of size', () => {
    expect(deploy().command.join(' ')).not.toContain('retention.size');
  });

  test('keeps no more than it is told to', () => {
    expect(deploy({ retentionSize: Size.gibibytes(5) }).command).toContain(
      `--storage.tsdb.retention.size=${5 * 1024 ** 3}B`,
    );
  });

  test('reads the configuration that it was given, and stores on its volume', () => {
    expect(deploy().command).toEqual(
      expect.arrayContaining(['--config.file=/etc/prometheus/prometheus.yml', '--storage.tsdb.path=/prometheus']),
    );
  });

  test('keeps its data in a volume of the stack', () => {
    expect(deploy().volumes).toEqual({ '/prometheus': 'desk_prometheus_data' });
  });

  test('keeps its data in the volume that it is given', () => {
    const volume = Volume.fromName('metrics');
    expect(deploy({ volume }).volumes).toEqual({ '/prometheus': 'metrics' });
  });

  test('is healthy when it is ready to answer', () => {
    expect(deploy().probe).toBe("CMD-SHELL http_proxy= wget -q -O /dev/null 'http://127.0.0.1:9090/-/ready'");
  });

  test('runs as the user of the image', () => {
    expect(deploy().user).toBeUndefined();
  });

  test('has half a gibibyte of memory', () => {
    expect(deploy().memoryBytes).toBe(512 * 1024 ** 2);
  });

  test('takes every option of a workload', () => {
    const environment = { TZ: 'UTC' };
    expect(deploy({ environment, aliases: ['metrics'] })).toMatchObject({ environment, aliases: ['metrics'] });
  });

  test('tells a consumer its address, and is healthy before the consumer starts', () => {
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
  ])('knows itself by the name that others know it by', ({ host, ...names }) => {
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

describe('Prometheus fails', () => {
  const failure =
    (options: PrometheusOptions, services: readonly ScrapedService[] = []) =>
    () =>
      createStack((stack) => new Prometheus(stack, 'prometheus', { ...options, services }));
  const served = (target: Partial<ScrapedService['target']>): ScrapedService[] => [
    { ...service('api'), target: { ...service('api').target, ...target } },
  ];

  test('when two services have one job name', () => {
    expect(failure({}, [service('api'), service('api')])).toThrow(
      "desk/prometheus: job 'api' is already taken by another watched service",
    );
  });

  test('when a service has the job name of Prometheus itself', () => {
    expect(failure({}, [service('prometheus')])).toThrow("job 'prometheus' is already taken");
  });

  test('when a job name would not be safe in a query', () => {
    expect(failure({}, [service('api"} or {job="db')])).toThrow('the job cannot be');
  });

  test('when metrics would be kept for less than a scrape interval', () => {
    expect(failure({ retention: Duration.seconds(10) })).toThrow(
      "desk/prometheus: retention cannot be '10s'. Give at least the scrapeInterval, 15s.",
    );
  });

  test('when it would never scrape', () => {
    expect(failure({ scrapeInterval: Duration.seconds(0) })).toThrow('scrapeInterval cannot be');
  });

  test('when a size of nothing is asked for, which the server takes for no limit', () => {
    expect(failure({ retentionSize: Size.bytes(0) })).toThrow("retentionSize cannot be '0 B'");
  });

  test('when the memory is too small for it', () => {
    expect(failure({ resources: { memory: Size.mebibytes(64) } })).toThrow(
      'the memory limit of 64 MiB is below the 128 MiB that this server needs',
    );
  });

  test('when metrics are on no port', () => {
    expect(failure({}, served({ port: 0 }))).toThrow('desk/prometheus: the job api: the port cannot be 0');
  });

  test('when metrics are on no host', () => {
    expect(failure({}, served({ host: '' }))).toThrow('the host of the job api cannot be');
  });

  test('when metrics are at no absolute path', () => {
    expect(failure({}, served({ path: 'metrics' }))).toThrow("the metrics path of the job api cannot be 'metrics'");
  });
});

test.each([{ command: ['--web.enable-admin-api'] }, { entrypoint: ['/bin/sh'] }])(
  'a command of the user’s own (%j) takes the place of the retention, with a warning',
  (options) => {
    const stack = createStack((desk) => new Prometheus(desk, 'prometheus', { ...options, services: [] }));
    expect(warningsOf(stack)).toEqual(['`command` or `entrypoint` replaces its retention']);
  },
);

test('Prometheus with its own command causes no warning', () => {
  expect(warningsOf(createStack((desk) => new Prometheus(desk, 'prometheus', { services: [] })))).toEqual([]);
});

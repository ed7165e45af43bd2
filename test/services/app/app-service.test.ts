import {
  AppService,
  type AppServiceProps,
  ConfigFile,
  Cpu,
  HealthCheck,
  Image,
  ReverseProxy,
  Route,
  Size,
} from '../../../lib';
import { containerNamed, createStack, ENGINES, synthesizeStack, type TerraformBlock } from '../../setup/synthesize';
import { deployedAs } from '../../monitoring/fixtures';
import { BOT, createdBy, environmentOf, startOf, HTTP_PLACES, placesOf } from '../fixtures';

/** The container of a service with these properties. */
function service(props: Partial<AppServiceProps> = {}): TerraformBlock {
  return containerNamed(
    synthesizeStack((stack) => new AppService(stack, 'market_data', { image: BOT, ...props })),
    'desk-market-data',
  );
}

/** The line that the health check runs. */
function probe(props: Partial<AppServiceProps>): string {
  const { test } = service(props).healthcheck as { readonly test: readonly string[] };
  return test.join(' ');
}

function created(props: Partial<AppServiceProps> = {}): AppService {
  let made: AppService | undefined;
  createStack((stack) => (made = new AppService(stack, 'market_data', { image: BOT, ...props })));
  return made as AppService;
}

describe.each(ENGINES)('AppService on $engineName', ({ createEngine }) => {
  test('creates one program', () => {
    const terraform = synthesizeStack((stack) => new AppService(stack, 'bot', { image: BOT }), {
      engine: createEngine(),
    });

    expect(createdBy(terraform)).toMatchSnapshot();
  });
});

describe('AppService', () => {
  test('runs unprivileged on a read-only root file system with /tmp in memory', () => {
    expect(service()).toMatchObject({
      user: '1000:1000',
      read_only: true,
      tmpfs: { '/tmp': '' },
      capabilities: { add: [], drop: ['ALL'] },
      security_opts: ['no-new-privileges:true'],
      init: true,
    });
  });

  test('has a writable root file system when it has configuration files', () => {
    expect(service({ files: [ConfigFile.fromText('/app/config.ini', 'a = 1')] })).toMatchObject({ read_only: false });
  });

  test('has one core and 512 MiB by default, each of which can be changed on its own', () => {
    expect(service()).toMatchObject({ cpu_quota: 100_000, memory: 512, memory_swap: 512 });
    expect(service({ resources: { cpus: Cpu.cores(2) } })).toMatchObject({ cpu_quota: 200_000, memory: 512 });
    expect(service({ resources: { memory: Size.gibibytes(2) } })).toMatchObject({ cpu_quota: 100_000, memory: 2048 });
  });

  test('publishes no port by default', () => {
    expect(service()).toMatchObject({ ports: [] });
  });

  test('rejects a memory limit that is too small for any program', () => {
    expect(() => service({ resources: { memory: Size.mebibytes(31) } })).toThrowCode(
      'memory-too-small',
      'desk/market_data',
      '31 MiB',
      '32 MiB',
    );
  });

  test('passes its port to the program', () => {
    expect(environmentOf(service())).toEqual({ PORT: '8000' });
    expect(environmentOf(service({ port: 8100 }))).toEqual({ PORT: '8100' });
    expect(() => service({ port: 8000, environment: { PORT: 9999 } })).toThrowCode(
      'variable-set-twice',
      'desk/market_data',
      'PORT',
      'Set `port: 9999`, and remove PORT from `environment`',
    );
    expect(() => service({ environment: { PORT: 'http' } })).toThrowCode('variable-set-twice', 'Set `port`, and');
  });

  test.each([0, 65_536, 80.5, -1])('rejects the port %p', (port) => {
    expect(() => service({ port })).toThrowCode('invalid-value', 'desk/market_data', String(port));
  });
});

describe('the options of an AppService', () => {
  test('rejects a metrics path that is not absolute', () => {
    expect(() => service({ metricsPath: 'metrics' })).toThrowCode('invalid-path', 'metricsPath', "'metrics'");
  });

  test('rejects an unknown option with the most similar one', () => {
    expect(() => service({ healthpath: '/health' } as never)).toThrowCode(
      'unknown-option',
      'desk/market_data',
      'healthpath',
      "'healthPath'",
    );
  });

  test('rejects an incomplete panel', () => {
    const panels = [{ title: 'Ticks', query: 'ticks_total', legend: '{{symbol}}' }];

    expect(() => service({ panels: panels as never })).toThrowCode('missing-option', 'panels[0].unit');
  });
});

describe('the health check of an AppService', () => {
  test('the health check requests the health path on the HTTP port', () => {
    expect(probe({})).toContain('http://$1:8000/health');
    expect(probe({ port: 8443, healthPath: '/api/ready' })).toContain('http://$1:8443/api/ready');
  });

  test('the health check can be replaced', () => {
    expect(probe({ healthCheck: HealthCheck.heartbeatFile('/tmp/alive') })).toContain('test -f /tmp/alive');
  });

  test('rejects a health path that another health check would leave unused', () => {
    const healthCheck = HealthCheck.heartbeatFile('/tmp/alive');

    expect(() => service({ healthPath: '/ready', healthCheck })).toThrowCode('option-conflict', 'healthPath');
  });

  test('rejects a health check that the image has no program for', () => {
    const image = Image.fromRegistry('gcr.io/distroless/python3-debian12:nonroot-amd64');

    expect(() => service({ image })).toThrowCode('probe-program-missing', 'desk/market_data', 'distroless');
  });
});

describe('a consumer of an AppService', () => {
  function consumer(build: (used: AppService) => AppServiceProps['uses'], props: Partial<AppServiceProps> = {}) {
    const terraform = synthesizeStack((stack) => {
      const used = new AppService(stack, 'market_data', { image: BOT, ...props });
      new AppService(stack, 'bot', { image: BOT, uses: build(used) ?? [] });
    });
    return startOf(terraform, 'desk-bot');
  }

  test('a consumer gets the URL and starts after the service', () => {
    expect(consumer((used) => [used])).toEqual({
      environment: { PORT: '8000', MARKET_DATA_URL: 'http://market-data:8000' },
      secrets: [],
      after: ['docker_container.desk-market-data'],
    });
  });

  test('a consumer chooses the variables and the path of the URL', () => {
    const build = (used: AppService) => [
      used.endpoint.url({ variable: 'QUOTES', path: '/v2' }),
      used.endpoint.hostAndPort({ host: 'QUOTES_HOST', port: 'QUOTES_PORT' }),
    ];

    expect(consumer(build, { port: 8100 }).environment).toEqual({
      PORT: '8000',
      QUOTES: 'http://market-data:8100/v2',
      QUOTES_HOST: 'market-data',
      QUOTES_PORT: '8100',
    });
  });

  test('`envPrefix` is the prefix of the variables of a consumer', () => {
    expect(consumer((used) => [used], { envPrefix: 'FEED' }).environment).toEqual({
      PORT: '8000',
      FEED_URL: 'http://market-data:8000',
    });
  });

  test('a consumer reaches the service by its first alias', () => {
    expect(consumer((used) => [used], { aliases: ['feed', 'quotes'] }).environment).toEqual({
      PORT: '8000',
      MARKET_DATA_URL: 'http://feed:8000',
    });
  });

  test('a consumer gets the URL of a socket', () => {
    const sockets = [{ name: 'market', port: 5556, portVariable: 'ZMQ_MARKET_PORT' }];

    expect(consumer((used) => [used.socket('market')], { sockets })).toEqual({
      environment: { PORT: '8000', MARKET_DATA_MARKET_URL: 'tcp://market-data:5556' },
      secrets: [],
      after: ['docker_container.desk-market-data'],
    });
  });

  test('rejects a consumer that would get one variable from two connections', () => {
    const build = (used: AppService) => [used, used.endpoint.url({ path: '/v2' })];

    expect(() => consumer(build)).toThrowCode('variable-set-twice', 'desk/bot', 'MARKET_DATA_URL', 'desk/market_data');
  });
});

describe('the sockets of an AppService', () => {
  const sockets = [
    { name: 'market', port: 5556, portVariable: 'ZMQ_MARKET_PORT' },
    { name: 'execution', port: 5555, portVariable: 'ZMQ_EXEC_PORT' },
  ];

  test('the service gets the ports of its sockets in variables', () => {
    expect(environmentOf(service({ sockets }))).toEqual({
      PORT: '8000',
      ZMQ_MARKET_PORT: '5556',
      ZMQ_EXEC_PORT: '5555',
    });
  });

  test('a second HTTP port needs no variable, and a proxy leads to it', () => {
    const { files } = deployedAs(
      synthesizeStack((stack) => {
        const notebook = new AppService(stack, 'notebook', {
          image: BOT,
          sockets: [{ name: 'vnc', port: 6080, scheme: 'http' }],
        });
        new ReverseProxy(stack, 'proxy', { routes: [Route.http('/vnc/', notebook.socket('vnc'))] });
      }),
      'desk-proxy',
    );
    expect(Object.values(files).join()).toContain('notebook:6080');
  });

  test('rejects the scheme of a socket that is a URL', () => {
    const wrong = [{ name: 'vnc', port: 6080, scheme: 'http://' }];
    expect(() => created({ sockets: wrong })).toThrowCode('invalid-value', 'scheme');
  });

  test('rejects a reference to a socket that was not declared', () => {
    expect(() => created({ sockets }).socket('makret')).toThrowCode(
      'unknown-reference',
      'desk/market_data',
      "'makret'",
      "Use 'market' or 'execution'",
    );
    expect(() => created().socket('market')).toThrowCode('unknown-reference', "Add it to `sockets`: { name: 'market'");
  });

  test('rejects a socket without a valid port', () => {
    expect(() => service({ sockets: [{ name: 'market', port: 0, portVariable: 'ZMQ_MARKET_PORT' }] })).toThrowCode(
      'invalid-value',
      "desk/market_data: sockets[0] 'market'",
      '0',
    );
  });

  test('rejects a socket whose name cannot be part of a variable', () => {
    expect(() => service({ sockets: [{ name: 'market data', port: 5556, portVariable: 'P' }] })).toThrowCode(
      'invalid-value',
      'desk/market_data',
      'sockets[0].name',
      'market data',
    );
  });

  test('rejects two sockets with one name', () => {
    expect(() => service({ sockets: [...sockets, { name: 'market', port: 5557, portVariable: 'OTHER' }] })).toThrowCode(
      'socket-taken',
      'desk/market_data',
      "sockets[2].name 'market'",
      'sockets[0]',
    );
  });

  test('rejects two sockets on one port', () => {
    expect(() => service({ sockets: [...sockets, { name: 'orders', port: 5555, portVariable: 'OTHER' }] })).toThrowCode(
      'socket-taken',
      "sockets[2].port '5555'",
      'sockets[1]',
    );
  });

  test('rejects a socket on the HTTP port', () => {
    expect(() => service({ sockets: [{ name: 'orders', port: 8000, portVariable: 'P' }] })).toThrowCode(
      'socket-taken',
      "sockets[0].port '8000'",
      'the HTTP interface',
    );
  });

  test('rejects two sockets with one variable', () => {
    expect(() =>
      service({ sockets: [...sockets, { name: 'orders', port: 5557, portVariable: 'ZMQ_EXEC_PORT' }] }),
    ).toThrowCode('socket-taken', "sockets[2].portVariable 'ZMQ_EXEC_PORT'", 'sockets[1]');
  });

  test('rejects an unknown option of a socket', () => {
    const socket = { name: 'market', port: 5556, portVariable: 'P', variable: 'ZMQ_MARKET_PORT' };

    expect(() => service({ sockets: [socket] })).toThrowCode(
      'unknown-option',
      'desk/market_data',
      'sockets[0].variable',
    );
  });
});

describe('the metrics of an AppService', () => {
  test('metrics are scraped at the metrics path on the HTTP port', () => {
    expect(created({ port: 8100, metricsPath: '/internal/metrics' }).metrics).toMatchObject({
      job: 'market_data',
      target: { kind: 'endpoint', host: 'market-data', port: 8100, path: '/internal/metrics' },
    });
  });

  test('the dashboard shows the panels of HTTP services unless `panels` replaces them', () => {
    const panels = [{ title: 'Ticks', query: 'ticks_total{job="$job"}', legend: '{{symbol}}', unit: 'short' }];

    expect(placesOf(created().metrics.panels)).toEqual(HTTP_PLACES);
    expect(created({ panels }).metrics.panels).toEqual(panels);
  });
});

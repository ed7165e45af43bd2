import { AppService, type AppServiceProps, ConfigFile, Cpu, HealthCheck, Image, Size } from '../../../lib';
import { containerNamed, createStack, ENGINES, synthesizeStack, type TerraformBlock } from '../../setup/synthesize';
import { BOT, createdBy, environmentOf, startOf } from '../fixtures';

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

describe('an AppService', () => {
  test('runs as nobody in particular, on a root file system that it cannot write, with /tmp in memory', () => {
    expect(service()).toMatchObject({
      user: '1000:1000',
      read_only: true,
      tmpfs: { '/tmp': '' },
      capabilities: { add: [], drop: ['ALL'] },
      security_opts: ['no-new-privileges:true'],
      init: true,
    });
  });

  test('can write its root file system when files are put into it', () => {
    expect(service({ files: [ConfigFile.fromText('/app/config.ini', 'a = 1')] })).toMatchObject({ read_only: false });
  });

  test('has one core and 512 MiB, each of which can be changed alone', () => {
    expect(service()).toMatchObject({ cpu_quota: 100_000, memory: 512, memory_swap: 512 });
    expect(service({ resources: { cpus: Cpu.cores(2) } })).toMatchObject({ cpu_quota: 200_000, memory: 512 });
    expect(service({ resources: { memory: Size.gibibytes(2) } })).toMatchObject({ cpu_quota: 100_000, memory: 2048 });
  });

  test('publishes nothing', () => {
    expect(service()).toMatchObject({ ports: [] });
  });

  test('refuses less memory than a program starts in', () => {
    expect(() => service({ resources: { memory: Size.mebibytes(31) } })).toThrow(
      'desk/market_data: the memory limit of 31 MiB is below the 32 MiB that this server needs. ' +
        'Raise resources.memory to 32 MiB or more.',
    );
  });

  test('tells the program its port', () => {
    expect(environmentOf(service())).toEqual({ PORT: '8000' });
    expect(environmentOf(service({ port: 8100 }))).toEqual({ PORT: '8100' });
    expect(() => service({ port: 8000, environment: { PORT: 9999 } })).toThrow(
      'desk/market_data: the environment variable PORT is set twice, by the service itself and by `environment`.',
    );
  });

  test.each([0, 65_536, 80.5, -1])('refuses the port %p', (port) => {
    expect(() => service({ port })).toThrow(
      `desk/market_data: the port cannot be ${port}. Give a whole number from 1 to 65535.`,
    );
  });
});

describe('the health of an AppService', () => {
  test('is asked on its port and path', () => {
    expect(probe({})).toContain('http://127.0.0.1:8000/health');
    expect(probe({ port: 8443, healthPath: '/api/ready' })).toContain('http://127.0.0.1:8443/api/ready');
  });

  test('is asked in the way that was given', () => {
    expect(probe({ healthCheck: HealthCheck.heartbeatFile('/tmp/alive') })).toContain('test -f /tmp/alive');
  });

  test('refuses a way that the image has no program for', () => {
    const image = Image.fromRegistry('gcr.io/distroless/python3-debian12:nonroot-amd64');

    expect(() => service({ image })).toThrow(/^desk\/market_data: the health check runs .+ is known to lack\. Use /);
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

  test('gets its URL and starts after it', () => {
    expect(consumer((used) => [used])).toEqual({
      environment: { PORT: '8000', MARKET_DATA_URL: 'http://market_data:8000' },
      secrets: [],
      after: ['docker_container.desk-market-data'],
    });
  });

  test('gets the URL in the names and with the path that it wants', () => {
    const build = (used: AppService) => [
      used.endpoint.url({ variable: 'QUOTES', path: '/v2' }),
      used.endpoint.hostAndPort({ host: 'QUOTES_HOST', port: 'QUOTES_PORT' }),
    ];

    expect(consumer(build, { port: 8100 }).environment).toEqual({
      PORT: '8000',
      QUOTES: 'http://market_data:8100/v2',
      QUOTES_HOST: 'market_data',
      QUOTES_PORT: '8100',
    });
  });

  test('gets variables that start as the service was told', () => {
    expect(consumer((used) => [used], { envPrefix: 'FEED' }).environment).toEqual({
      PORT: '8000',
      FEED_URL: 'http://market_data:8000',
    });
  });

  test('reaches it by its alias', () => {
    expect(consumer((used) => [used], { aliases: ['feed', 'quotes'] }).environment).toEqual({
      PORT: '8000',
      MARKET_DATA_URL: 'http://feed:8000',
    });
  });

  test('gets the address of a socket', () => {
    const sockets = [{ name: 'market', port: 5556, portVariable: 'ZMQ_MARKET_PORT' }];

    expect(consumer((used) => [used.socket('market')], { sockets })).toEqual({
      environment: { PORT: '8000', MARKET_DATA_MARKET_URL: 'tcp://market_data:5556' },
      secrets: [],
      after: ['docker_container.desk-market-data'],
    });
  });

  test('cannot get one variable from two things', () => {
    const build = (used: AppService) => [used, used.endpoint.url({ path: '/v2' })];

    expect(() => consumer(build)).toThrow(
      'desk/bot: the environment variable MARKET_DATA_URL is set twice, by desk/market_data and by desk/market_data. ' +
        'Remove one of them, or give the connection another variable name.',
    );
  });
});

describe('the sockets of an AppService', () => {
  const sockets = [
    { name: 'market', port: 5556, portVariable: 'ZMQ_MARKET_PORT' },
    { name: 'execution', port: 5555, portVariable: 'ZMQ_EXEC_PORT' },
  ];

  test('are told to the service itself', () => {
    expect(environmentOf(service({ sockets }))).toEqual({
      PORT: '8000',
      ZMQ_MARKET_PORT: '5556',
      ZMQ_EXEC_PORT: '5555',
    });
  });

  test('refuse a name that is none of them', () => {
    expect(() => created({ sockets }).socket('makret')).toThrow(
      "desk/market_data: it has no socket 'makret'. Name one of its sockets (market, execution).",
    );
    expect(() => created().socket('market')).toThrow('Name one of its sockets (none).');
  });

  test('refuse a port that is none', () => {
    expect(() => service({ sockets: [{ name: 'market', port: 0, portVariable: 'ZMQ_MARKET_PORT' }] })).toThrow(
      "desk/market_data: sockets[0] 'market': the port cannot be 0. Give a whole number from 1 to 65535.",
    );
  });

  test('refuse a name that makes no variable', () => {
    expect(() => service({ sockets: [{ name: 'market data', port: 5556, portVariable: 'P' }] })).toThrow(
      "desk/market_data: sockets[0].name cannot be 'market data'. Give letters, digits and underscores",
    );
  });

  test('refuse to share a name', () => {
    expect(() => service({ sockets: [...sockets, { name: 'market', port: 5557, portVariable: 'OTHER' }] })).toThrow(
      "desk/market_data: sockets[2].name 'market' is already taken by sockets[0]. Give one of them another.",
    );
  });

  test('refuse to share a port', () => {
    expect(() => service({ sockets: [...sockets, { name: 'orders', port: 5555, portVariable: 'OTHER' }] })).toThrow(
      "desk/market_data: sockets[2].port '5555' is already taken by sockets[1]. Give one of them another.",
    );
  });

  test('refuse the port of its HTTP interface', () => {
    expect(() => service({ sockets: [{ name: 'orders', port: 8000, portVariable: 'P' }] })).toThrow(
      "desk/market_data: sockets[0].port '8000' is already taken by `port`, its HTTP interface. Give one of them another.",
    );
  });

  test('refuse to share a variable, which would have one of the ports only', () => {
    expect(() =>
      service({ sockets: [...sockets, { name: 'orders', port: 5557, portVariable: 'ZMQ_EXEC_PORT' }] }),
    ).toThrow(
      "desk/market_data: sockets[2].variable 'ZMQ_EXEC_PORT' is already taken by sockets[1]. Give one of them another.",
    );
  });
});

describe('what monitoring is told about an AppService', () => {
  test('is where its metrics are', () => {
    expect(created({ port: 8100, metricsPath: '/internal/metrics' }).metrics).toMatchObject({
      job: 'market_data',
      target: { kind: 'endpoint', host: 'market_data', port: 8100, path: '/internal/metrics' },
    });
  });

  test('is what to show of it', () => {
    const panels = [{ title: 'Ticks', query: 'ticks_total{job="$job"}', legend: '{{symbol}}', unit: 'short' }];

    expect(created().metrics.panels.map((panel) => panel.title)).toEqual([
      'Requests',
      'Errors',
      'Latency (95th percentile)',
      'Memory',
    ]);
    expect(created({ panels }).metrics.panels).toEqual(panels);
  });
});

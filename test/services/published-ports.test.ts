import {
  AppService,
  PublishedPort,
  MonitoringStack,
  PostgresDb,
  RabbitMqBroker,
  RedisCache,
  ReverseProxy,
  Route,
  StrategyRunner,
  type TradingStack,
  Workload,
  type WorkloadOptions,
} from '../../lib';
import { createStack } from '../setup/synthesize';
import { BOT, warningsOf } from './fixtures';

type Build = (stack: TradingStack, options: WorkloadOptions) => void;

const SERVERS: readonly (readonly [string, number, Build])[] = [
  ['db', 5432, (stack, options) => new PostgresDb(stack, 'db', options)],
  ['redis', 6379, (stack, options) => new RedisCache(stack, 'redis', options)],
  [
    'monitoring/prometheus',
    9090,
    (stack, prometheus) => {
      watch(stack, { prometheus });
    },
  ],
  [
    'monitoring/grafana',
    3000,
    (stack, grafana) => {
      watch(stack, { grafana });
    },
  ],
];

function watch(stack: TradingStack, options: { prometheus?: WorkloadOptions; grafana?: WorkloadOptions }): void {
  new MonitoringStack(stack, 'monitoring', { watch: [], ...options });
}

describe.each(SERVERS)('ports of %s', (path, port, build) => {
  test(`${path} can be published on another host port`, () => {
    const publish = [PublishedPort.loopback(port, { hostPort: 18_400 })];
    expect(
      warningsOf(
        createStack((stack) => {
          build(stack, { ports: publish });
        }),
      ),
    ).toEqual([]);
  });

  test.each([
    ['loopback', PublishedPort.loopback(18_400), `loopback(${port}, { hostPort: 18400 })`],
    ['allInterfaces', PublishedPort.allInterfaces(18_400), `allInterfaces(${port}, { hostPort: 18400 })`],
    ['on', PublishedPort.on('10.0.0.7', 18_400), `on('10.0.0.7', ${port}, { hostPort: 18400 })`],
    [
      'a third host port',
      PublishedPort.loopback(18_400, { hostPort: 18_401 }),
      `loopback(${port}, { hostPort: 18401 })`,
    ],
    [
      'the two ports in the wrong order',
      PublishedPort.loopback(18_400, { hostPort: port }),
      `loopback(${port}, { hostPort: 18400 })`,
    ],
  ])(`${path} rejects a port on which nothing listens: %s`, (_how, exposure, fix) => {
    const { container } = exposure.toSpec();
    expect(() =>
      createStack((stack) => {
        build(stack, { ports: [exposure] });
      }),
    ).toThrowCode('port-not-served', `desk/${path}: `, String(container), `PublishedPort.${fix}`);
  });

  test(`${path} with a command from the user only gets a warning about such a port`, () => {
    const options = { command: ['start'], ports: [PublishedPort.loopback(18_400)] };
    expect(
      warningsOf(
        createStack((stack) => {
          build(stack, options);
        }),
      ),
    ).toContainEqual(expect.stringMatching(new RegExp(`^18400.* ${port}.*PublishedPort\\.loopback\\(${port}, `)));
  });
});

test('the TLS port of a Redis can be published', () => {
  const options = { settings: { 'tls-port': 6380 }, ports: [PublishedPort.loopback(6380)] };
  expect(() => createStack((stack) => new RedisCache(stack, 'redis', options))).not.toThrow();
});

test('the ports of a RabbitMQ for management, metrics and TLS can be published', () => {
  const settings = { 'listeners.ssl.default': 5671 };
  const publish = [5672, 15_672, 15_692, 5671].map((port) => PublishedPort.loopback(port));
  expect(() =>
    createStack((stack) => new RabbitMqBroker(stack, 'rabbitmq', { settings, ports: publish })),
  ).not.toThrow();
});

test('the management port of a RabbitMQ without management cannot be published', () => {
  const options = { management: false, ports: [PublishedPort.loopback(15_672)] };
  expect(() => createStack((stack) => new RabbitMqBroker(stack, 'rabbitmq', options))).toThrowCode(
    'port-not-served',
    '15672',
    '5672 and 15692',
  );
});

test('the status port of an nginx can be published', () => {
  const routes = (stack: TradingStack) => [Route.http('/', new AppService(stack, 'bot', { image: BOT }))];
  const publish = [PublishedPort.loopback(8080), PublishedPort.loopback(8081)];
  expect(() =>
    createStack((stack) => new ReverseProxy(stack, 'proxy', { routes: routes(stack), ports: publish })),
  ).not.toThrow();
});

describe('program of the user', () => {
  const sockets = [{ name: 'execution', port: 5555, portVariable: 'ZMQ_EXEC_PORT' }];

  test('an AppService can publish its HTTP port and its sockets', () => {
    const publish = [PublishedPort.loopback(8000), PublishedPort.loopback(5555)];
    const stack = createStack((root) => new AppService(root, 'bot', { image: BOT, sockets, ports: publish }));
    expect(warningsOf(stack)).toEqual([]);
  });

  test('a StrategyRunner that publishes an undeclared port only gets a warning', () => {
    const publish = [PublishedPort.loopback(18_400)];
    const stack = createStack((root) => new StrategyRunner(root, 'bot', { image: BOT, sockets, ports: publish }));
    expect(warningsOf(stack)).toEqual([
      expect.stringMatching(/18400.*9090 and 5555.*PublishedPort\.loopback\(9090, .*`sockets`/),
    ]);
  });

  test('a published UDP port causes no warning, because UDP listeners are not known', () => {
    const publish = [PublishedPort.loopback(14_550, { protocol: 'udp' })];
    const stack = createStack((root) => new AppService(root, 'bot', { image: BOT, ports: publish }));
    expect(warningsOf(stack)).toEqual([]);
  });

  test('a bare Workload can publish any port without a warning', () => {
    const publish = [PublishedPort.loopback(18_400)];
    expect(warningsOf(createStack((root) => new Workload(root, 'bot', { image: BOT, ports: publish })))).toEqual([]);
  });
});

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

describe.each(SERVERS)('%s, which listens on %d,', (path, port, build) => {
  test('is published on another port of the host', () => {
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
      'a third port of the host',
      PublishedPort.loopback(18_400, { hostPort: 18_401 }),
      `loopback(${port}, { hostPort: 18401 })`,
    ],
    [
      'the two ports in the wrong order',
      PublishedPort.loopback(18_400, { hostPort: port }),
      `loopback(${port}, { hostPort: 18400 })`,
    ],
  ])('refuses a port that nothing listens on: %s', (_how, exposure, fix) => {
    const { container } = exposure.toSpec();
    expect(() =>
      createStack((stack) => {
        build(stack, { ports: [exposure] });
      }),
    ).toThrowCode(
      'port-not-served',
      `desk/${path}: it publishes port ${container}, but the program listens on ${port}`,
      `Use PublishedPort.${fix}.`,
    );
  });

  test('warns of it where it is started by a command of the user’s own, which may say otherwise', () => {
    const options = { command: ['start'], ports: [PublishedPort.loopback(18_400)] };
    expect(
      warningsOf(
        createStack((stack) => {
          build(stack, options);
        }),
      ),
    ).toContainEqual(
      expect.stringMatching(
        `publishes port 18400.* listens on ${port}: use PublishedPort\\.loopback\\(${port}, { hostPort: 18400 }\\)`,
      ),
    );
  });
});

test('a Redis listens on its port for TLS, too', () => {
  const options = { settings: { 'tls-port': 6380 }, ports: [PublishedPort.loopback(6380)] };
  expect(() => createStack((stack) => new RedisCache(stack, 'redis', options))).not.toThrow();
});

test('a RabbitMQ listens for management, metrics and what its settings add, too', () => {
  const settings = { 'listeners.ssl.default': 5671 };
  const publish = [5672, 15_672, 15_692, 5671].map((port) => PublishedPort.loopback(port));
  expect(() =>
    createStack((stack) => new RabbitMqBroker(stack, 'rabbitmq', { settings, ports: publish })),
  ).not.toThrow();
});

test('a RabbitMQ without management is not published on its port', () => {
  const options = { management: false, ports: [PublishedPort.loopback(15_672)] };
  expect(() => createStack((stack) => new RabbitMqBroker(stack, 'rabbitmq', options))).toThrow(
    'desk/rabbitmq: it publishes port 15672, but the program listens on 5672 and 15692.',
  );
});

test('an nginx tells how busy it is on a port of its own', () => {
  const routes = (stack: TradingStack) => [Route.http('/', new AppService(stack, 'bot', { image: BOT }))];
  const publish = [PublishedPort.loopback(8080), PublishedPort.loopback(8081)];
  expect(() =>
    createStack((stack) => new ReverseProxy(stack, 'proxy', { routes: routes(stack), ports: publish })),
  ).not.toThrow();
});

describe('a program of the user’s own', () => {
  const sockets = [{ name: 'execution', port: 5555, portVariable: 'ZMQ_EXEC_PORT' }];

  test('is published on the ports that it told of', () => {
    const publish = [PublishedPort.loopback(8000), PublishedPort.loopback(5555)];
    const stack = createStack((root) => new AppService(root, 'bot', { image: BOT, sockets, ports: publish }));
    expect(warningsOf(stack)).toEqual([]);
  });

  test('may open further ports, so one that it did not tell of is a warning', () => {
    const publish = [PublishedPort.loopback(18_400)];
    const stack = createStack((root) => new StrategyRunner(root, 'bot', { image: BOT, sockets, ports: publish }));
    expect(warningsOf(stack)).toEqual([
      'it publishes port 18400, but as far as is known the program listens on 9090 and 5555: use ' +
        'PublishedPort.loopback(9090, { hostPort: 18400 }), or declare 18400 in `sockets` if the program listens on it',
    ]);
  });

  test('may take datagrams on any port: nothing tells of those', () => {
    const publish = [PublishedPort.loopback(14_550, { protocol: 'udp' })];
    const stack = createStack((root) => new AppService(root, 'bot', { image: BOT, ports: publish }));
    expect(warningsOf(stack)).toEqual([]);
  });

  test('says nothing of its ports as a bare Workload', () => {
    const publish = [PublishedPort.loopback(18_400)];
    expect(warningsOf(createStack((root) => new Workload(root, 'bot', { image: BOT, ports: publish })))).toEqual([]);
  });
});

import { App } from 'cdktf';
import {
  AppService,
  Engine,
  ExternalEndpoint,
  HealthCheck,
  Image,
  MonitoringStack,
  Network,
  type NetworkOptions,
  PostgresDb,
  PublishedPort,
  RabbitMqBroker,
  RedisCache,
  TimescaleDb,
  TradingStack,
  UpdatePolicy,
  Workload,
  type WorkloadOptions,
} from '../../lib';
import { describeProbe } from '../../lib/internal';
import {
  containerNamed,
  createStack,
  ENGINES,
  serviceNamed,
  synthesizeStack,
  type TerraformBlock,
} from '../setup/synthesize';

const textWith = (part: string): string => expect.stringContaining(part) as string;
const textMatching = (pattern: RegExp): string => expect.stringMatching(pattern) as string;

const image = Image.fromRegistry('bot:1');

interface Attachment {
  readonly name: string;
  readonly aliases: readonly string[];
}

describe.each(ENGINES)('networks on $engineName', ({ engineName, createEngine }) => {
  const attachments = (create: (stack: TradingStack) => WorkloadOptions): readonly Attachment[] => {
    const terraform = synthesizeStack((stack) => new Workload(stack, 'bot', { image, ...create(stack) }), {
      engine: createEngine(),
    });
    if (engineName === 'docker') {
      return containerNamed(terraform, 'desk-bot').networks_advanced as readonly Attachment[];
    }
    const { task_spec: task } = serviceNamed(terraform, 'desk-bot') as {
      task_spec: { networks_advanced: Attachment[] };
    };
    return task.networks_advanced;
  };

  test('a workload is on the network of its stack by default', () => {
    expect(attachments(() => ({}))).toEqual([{ name: textWith('docker_network'), aliases: ['bot'] }]);
  });

  test('a workload is on exactly the networks that it lists, and has further names on one of them', () => {
    const found = attachments((stack) => ({
      networks: [stack.network, new Network(stack, 'market'), Network.fromName('traefik').withAliases('web')],
    }));
    expect(found).toEqual([
      { name: textWith('docker_network.platform_network'), aliases: ['bot'] },
      { name: textWith('docker_network.network_desk-market'), aliases: ['bot'] },
      { name: textMatching(/^\$\{data\.docker_network\..*traefik.*\.id\}$/), aliases: ['bot', 'web'] },
    ]);
  });

  test('a network of the stack is created with the prefix of the stack and its own options', () => {
    const { resource } = synthesizeStack(
      (stack) => new Network(stack, 'market', { internal: true, subnet: '10.9.0.0/24' }),
      { engine: createEngine() },
    );
    expect(Object.values(resource.docker_network ?? {})).toContainEqual(
      expect.objectContaining({
        name: 'desk-market',
        internal: true,
        ipam_config: [{ subnet: '10.9.0.0/24', gateway: '10.9.0.1' }],
      }),
    );
  });

  test('networks have different addresses if their ids differ in a dot or start with a digit', () => {
    const { resource } = synthesizeStack(
      (stack) => {
        for (const id of ['m.a', 'ma', '1inch']) new Network(stack, id);
        new Network(stack, 'named', { name: '1inch' });
      },
      { engine: createEngine() },
    );
    const names = Object.entries(resource.docker_network ?? {}).map(([id, { name }]) => [id, name]);
    expect(Object.fromEntries(names)).toMatchObject({
      'network_desk-m_a': 'desk-m.a',
      'network_desk-ma': 'desk-ma',
      'network_desk-1inch': 'desk-1inch',
      network_1inch: '1inch',
    });
  });
});

describe('networks', () => {
  const inStack = (build: (stack: TradingStack) => void) => (): unknown => createStack(build);

  test('rejects a dependency that is on none of the networks of its consumer', () => {
    const failure = inStack((stack) => {
      const market = new Network(stack, 'market');
      const database = new PostgresDb(stack, 'db', { networks: [market] });
      new Workload(stack, 'bot', { image, uses: [database] });
    });
    expect(failure).toThrowCode(
      'dependency-not-reachable',
      'desk/bot',
      'desk-market only',
      'Put both on a common network with `networks`',
    );
  });

  test('rejects an optional dependency that is on another network, too', () => {
    const failure = inStack((stack) => {
      const cache = new RedisCache(stack, 'redis', { networks: [new Network(stack, 'market')] });
      new Workload(stack, 'bot', {
        image,
        uses: [cache.endpoint.hostAndPort()],
        networks: [Network.fromName('other')],
      });
    });
    expect(failure).toThrowCode('dependency-not-reachable', 'desk/bot');
  });

  test('accepts a dependency that shares one of several networks', () => {
    const accepted = inStack((stack) => {
      const market = new Network(stack, 'market');
      const database = new PostgresDb(stack, 'db', { networks: [market] });
      new Workload(stack, 'bot', { image, uses: [database], networks: [stack.network, market] });
    });
    expect(accepted).not.toThrow();
  });

  test('the start order alone needs no common network', () => {
    const accepted = inStack((stack) => {
      const feed = new Workload(stack, 'feed', { image, networks: [new Network(stack, 'market')] });
      new Workload(stack, 'bot', { image, uses: [feed] });
    });
    expect(accepted).not.toThrow();
  });

  test('rejects an empty list, and a network that is listed twice', () => {
    expect(inStack((stack) => new Workload(stack, 'bot', { image, networks: [] }))).toThrowCode(
      'invalid-value',
      'none',
    );
    const twice = inStack((stack) => new Workload(stack, 'bot', { image, networks: [stack.network, stack.network] }));
    expect(twice).toThrowCode('invalid-value', 'networks');
  });

  test('rejects a published port on internal networks only', () => {
    const failure = inStack((stack) => {
      const market = new Network(stack, 'market', { internal: true });
      new Workload(stack, 'bot', { image, networks: [market], ports: [PublishedPort.loopback(8000)] });
    });
    expect(failure).toThrowCode(
      'option-conflict',
      'desk/bot: it publishes a port, but is only on internal networks: desk-market',
      'Add a network that is not internal to `networks`, or remove `ports`',
    );
  });

  test('rejects the name of another workload as a further name', () => {
    const failure = inStack((stack) => {
      new Workload(stack, 'feed', { image });
      new Workload(stack, 'bot', { image, networks: [stack.network.withAliases('feed')] });
    });
    expect(failure).toThrowCode('alias-taken', "'feed'");
  });

  test('rejects more workloads than a network has addresses', () => {
    const failure = inStack((stack) => {
      const market = new Network(stack, 'market', { subnet: '10.9.0.0/29' });
      new Workload(stack, 'bot', { image, networks: [market], replicas: 6 });
    });
    expect(failure).toThrowCode('network-full', '10.9.0.0/29', 'Set subnet of desk/market to a larger range');
  });

  test('errors about a network name its own options, not those of the stack', () => {
    const create = (options: NetworkOptions) => inStack((stack) => new Network(stack, 'market', options));
    expect(create({ name: '-' })).toThrowCode('invalid-name', "desk/market: name cannot be '-'");
    expect(create({ subnet: 'lan' })).toThrowCode('invalid-subnet', "desk/market: subnet cannot be 'lan'");
    expect(create({ name: 'desk' })).toThrowCode('network-taken', 'desk/market', 'Set a different name on one of them');
    const overlapping = inStack((stack) => {
      new Network(stack, 'market', { subnet: '10.9.0.0/24' });
      new Network(stack, 'data', { subnet: '10.9.0.0/24' });
    });
    expect(overlapping).toThrowCode('subnet-taken', 'desk/data', 'Change subnet of one of them');
  });

  test('rejects two networks with one Terraform address, one of which would be lost', () => {
    const failure = inStack((stack) => {
      new Network(stack, 'm.a');
      new Network(stack, 'm_a');
    });
    expect(failure).toThrowCode(
      'network-taken',
      "desk/m_a: Terraform address 'network_desk-m_a' is already taken by desk/m.a",
      'Set a different name on one of them',
    );
  });

  test('a name that is undefined is the default one', () => {
    const { resource } = synthesizeStack((stack) => new Network(stack, 'market', { name: undefined } as never));
    expect(Object.values(resource.docker_network ?? {})).toContainEqual(
      expect.objectContaining({ name: 'desk-market' }),
    );
  });

  test('rejects the network of another stack', () => {
    const other = createStack();
    expect(inStack((stack) => new Workload(stack, 'bot', { image, networks: [other.network] }))).toThrowCode(
      'dependency-not-reachable',
      'the network desk belongs to another stack',
      'Network.fromName',
    );
  });
});

describe('networkMode, pid and ipc', () => {
  const container = (create: (stack: TradingStack) => WorkloadOptions): TerraformBlock =>
    containerNamed(
      synthesizeStack((stack) => new Workload(stack, 'bot', { image, ...create(stack) })),
      'desk-bot',
    );
  const refused =
    (build: (stack: TradingStack) => void, engine = Engine.docker()) =>
    (): unknown =>
      createStack(build, { engine });

  test('a workload on the network of the host is on no other', () => {
    const block = container(() => ({ networkMode: 'host' }));
    expect(block).toHaveProperty('network_mode', 'host');
    expect(block).not.toHaveProperty('networks_advanced');
  });

  test('a workload shares the network of a VPN client, by its id so that both are replaced together', () => {
    const block = container((stack) => ({ networkMode: new Workload(stack, 'vpn', { image }) }));
    expect(block).toHaveProperty('network_mode', 'container:${docker_container.desk-vpn.id}');
  });

  test('others reach a workload that shares a network under the name of its owner', () => {
    createStack((stack) => {
      const vpn = new Workload(stack, 'vpn', { image });
      const bot = new AppService(stack, 'bot', { image, networkMode: vpn });
      expect(bot.endpoint.host).toBe('vpn');
    });
  });

  test.each<[string, (stack: TradingStack) => WorkloadOptions, string]>([
    ['its id with hyphens', () => ({}), 'http://price-feed:8000/health'],
    ['its first alias', () => ({ aliases: ['prices_v2', 'prices'] }), 'http://prices_v2:8000/health'],
    ['its container', () => ({ aliases: [] }), 'http://desk-price-feed:8000/health'],
    [
      'the owner of its network',
      (stack) => ({ networkMode: new Workload(stack, 'vpn', { image }) }),
      'http://vpn:8000/health',
    ],
    ['127.0.0.1 on the network of the host', () => ({ networkMode: 'host' }), 'http://127.0.0.1:8000/health'],
    [
      '127.0.0.1 on that of a workload on the network of the host',
      (stack) => ({ networkMode: new Workload(stack, 'vpn', { image, networkMode: 'host' }) }),
      'http://127.0.0.1:8000/health',
    ],
    ['127.0.0.1 without a network', () => ({ networkMode: 'none' }), 'http://127.0.0.1:8000/health'],
  ])('the health check of a workload asks for %s', (_what, options, url) => {
    createStack((stack) => {
      const healthCheck = HealthCheck.http(8000);
      const { spec } = new Workload(stack, 'price_feed', { image, healthCheck, ...options(stack) });
      expect(describeProbe(spec.healthCheck?.test[1] ?? '')).toBe(`GET ${url}`);
    });
  });

  test('a workload that shares a network reaches what is on the network of its owner', () => {
    const accepted = refused((stack) => {
      const database = new PostgresDb(stack, 'db');
      const vpn = new Workload(stack, 'vpn', { image });
      new Workload(stack, 'bot', { image, networkMode: vpn, uses: [database] });
    });
    expect(accepted).not.toThrow();
  });

  test('rejects a dependency on another network than that of the owner, and names the owner', () => {
    const failure = refused((stack) => {
      const database = new PostgresDb(stack, 'db', { networks: [new Network(stack, 'market')] });
      new Workload(stack, 'bot', { image, networkMode: new Workload(stack, 'vpn', { image }), uses: [database] });
    });
    expect(failure).toThrowCode(
      'dependency-not-reachable',
      'desk/bot: it shares the network of desk/vpn, which is on desk, and uses desk/db, which is on desk-market only',
      'Add the network desk-market to `networks` of desk/vpn',
    );
  });

  test('rejects a dependency of a workload without a network', () => {
    const failure = refused((stack) => {
      new Workload(stack, 'bot', { image, networkMode: 'none', uses: [new PostgresDb(stack, 'db')] });
    });
    expect(failure).toThrowCode('dependency-not-reachable', 'desk/bot', 'Remove `uses`, or networkMode');
  });

  test('rejects a dependency on a workload without a network', () => {
    const failure = refused((stack) => {
      const api = new AppService(stack, 'api', { image, networkMode: 'none' });
      new Workload(stack, 'bot', { image, uses: [api] });
    });
    expect(failure).toThrowCode(
      'dependency-not-reachable',
      'desk/bot: it uses desk/api',
      'Remove networkMode of desk/api',
    );
  });

  test.each<[string, (stack: TradingStack) => unknown]>([
    ['PostgreSQL', (stack) => new PostgresDb(stack, 'db', { networkMode: 'none', databases: [{ name: 'quotes' }] })],
    ['TimescaleDB', (stack) => new TimescaleDb(stack, 'db', { networkMode: 'none' })],
    ['RabbitMQ', (stack) => new RabbitMqBroker(stack, 'db', { networkMode: 'none', queues: [{ name: 'orders' }] })],
  ])('rejects a server without a network that a job has to set up: %s', (_, create) => {
    expect(refused(create)).toThrowCode('dependency-not-reachable', 'it uses desk/db', 'Remove networkMode of desk/db');
  });

  test('accepts a server without a network and without a job', () => {
    expect(refused((stack) => new PostgresDb(stack, 'db', { networkMode: 'none' }))).not.toThrow();
  });

  test('rejects a dependency of a workload that shares the network of the host through another one', () => {
    const failure = refused((stack) => {
      const vpn = new Workload(stack, 'vpn', { image, networkMode: 'host' });
      new Workload(stack, 'bot', { image, networkMode: vpn, uses: [new PostgresDb(stack, 'db')] });
    });
    expect(failure).toThrowCode('dependency-not-reachable', 'desk/bot', "host: '127.0.0.1'");
  });

  test('rejects what is on the host as a dependency, unless the owner of the network resolves its name', () => {
    const build =
      (vpnOptions: WorkloadOptions) =>
      (stack: TradingStack): void => {
        const vpn = new Workload(stack, 'vpn', { image, ...vpnOptions });
        const gateway = new ExternalEndpoint(stack, 'gateway', { port: 5555 });
        new Workload(stack, 'bot', { image, networkMode: vpn, uses: [gateway] });
      };
    expect(refused(build({}))).toThrowCode(
      'dependency-not-reachable',
      'desk/bot: it uses desk/gateway at host.docker.internal',
      "Add `extraHosts: [{ name: 'host.docker.internal', address: 'host-gateway' }]` to desk/vpn",
    );
    const extraHosts = [{ name: 'host.docker.internal', address: 'host-gateway' }];
    const bot = containerNamed(synthesizeStack(build({ extraHosts })), 'desk-bot');
    expect(bot.env).toContain('GATEWAY_URL=tcp://host.docker.internal:5555');
    // Docker refuses a container with both.
    expect(bot).toHaveProperty('network_mode');
    expect(bot).not.toHaveProperty('host');
  });

  test('a service has no host name of its own on the network of another workload', () => {
    const terraform = synthesizeStack((stack) => {
      const vpn = new Workload(stack, 'vpn', { image });
      const service = { defaults: { hostname: 'node' } };
      new Workload(stack, 'alone', { image }, service);
      new Workload(stack, 'bot', { image, networkMode: vpn }, service);
    });
    expect(containerNamed(terraform, 'desk-alone')).toHaveProperty('hostname', 'node');
    expect(containerNamed(terraform, 'desk-bot')).not.toHaveProperty('hostname');
  });

  test.each(['networkMode', 'pid', 'ipc'])('rejects a workload of another stack as %s', (option) => {
    const failure = refused((stack) => {
      const other = new TradingStack(App.of(stack), 'two', { engine: Engine.docker({ host: 'ssh://desk@trading-1' }) });
      // Its container has the Terraform address of one in this stack.
      new Workload(stack, 'vpn', { image, name: 'vpn' });
      const vpn = new Workload(other, 'client', { image, name: 'vpn' });
      new Workload(stack, 'bot', { image, [option]: vpn });
    });
    expect(failure).toThrowCode('dependency-not-reachable', `desk/bot: ${option} is two/client of another stack`);
  });

  test('others reach a workload on the network of the host at the address of the host', () => {
    const terraform = synthesizeStack((stack) => {
      const gateway = new AppService(stack, 'gateway', { image, networkMode: 'host' });
      new Workload(stack, 'bot', { image, uses: [gateway] });
      new MonitoringStack(stack, 'monitoring', { watch: [gateway] });
    });
    const toHost = [{ host: 'host.docker.internal', ip: 'host-gateway' }];
    expect(containerNamed(terraform, 'desk-bot').host).toEqual(toHost);
    expect(containerNamed(terraform, 'desk-bot').env).toContain('GATEWAY_URL=http://host.docker.internal:8000');
    expect(containerNamed(terraform, 'desk-prometheus').host).toEqual(toHost);
  });

  test('rejects a service of the stack as a dependency of a workload on the network of the host', () => {
    const failure = refused((stack) => {
      new Workload(stack, 'bot', { image, networkMode: 'host', uses: [new PostgresDb(stack, 'db')] });
    });
    expect(failure).toThrowCode('dependency-not-reachable', 'desk/bot', 'ExternalEndpoint');
  });

  test('rejects two programs that listen on one port of the host', () => {
    const onHost = refused((stack) => {
      new AppService(stack, 'a', { image, networkMode: 'host' });
      new AppService(stack, 'b', { image, networkMode: 'host' });
    });
    expect(onHost).toThrowCode('port-taken', '8000');
    const published = refused((stack) => {
      new Workload(stack, 'a', { image, networkMode: 'host', healthCheck: HealthCheck.http(8000) });
      new Workload(stack, 'b', { image, ports: [PublishedPort.loopback(8000)] });
    });
    expect(published).toThrowCode('port-taken', '8000');
  });

  test('rejects replicas and overlapping versions that listen on one port of the host', () => {
    const options = { image, networkMode: 'host' } as const;
    expect(refused((stack) => new AppService(stack, 'a', { ...options, replicas: 2 }))).toThrowCode(
      'replicas-conflict',
    );
    const overlapping = { ...options, updatePolicy: UpdatePolicy.startFirst() };
    expect(refused((stack) => new AppService(stack, 'a', overlapping))).toThrowCode('update-conflict', '8000');
  });

  test.each<[string, WorkloadOptions]>([
    ['ports', { ports: [PublishedPort.loopback(8000)] }],
    ['aliases', { aliases: ['x'] }],
    ['networks', { networks: [Network.fromName('x')] }],
  ])('rejects %s next to networkMode', (option, options) => {
    const failure = refused((stack) => new Workload(stack, 'bot', { image, networkMode: 'host', ...options }));
    expect(failure).toThrowCode('option-conflict', 'desk/bot', option);
  });

  test.each<[string, WorkloadOptions]>([
    ['hostname', { hostname: 'bot' }],
    ['dns', { dns: ['10.0.0.2'] }],
    ['dnsSearch', { dnsSearch: ['desk.example'] }],
    ['dnsOptions', { dnsOptions: ['ndots:1'] }],
    ['extraHosts', { extraHosts: [{ name: 'broker', address: '10.0.0.7' }] }],
  ])('rejects %s on the network of another workload, which has its own', (option, options) => {
    const failure = refused((stack) => {
      new Workload(stack, 'bot', { image, networkMode: new Workload(stack, 'vpn', { image }), ...options });
    });
    expect(failure).toThrowCode('option-conflict', `\`${option}\` has no effect`);
  });

  test('a workload sees the processes and the shared memory of the host, for which Docker drops the label', () => {
    expect(container(() => ({ pid: 'host', ipc: 'host' }))).toMatchObject({
      pid_mode: 'host',
      ipc_mode: 'host',
      security_opts: ['no-new-privileges:true', 'label=disable'],
    });
  });

  test('a workload shares the processes and the memory of another one', () => {
    const block = container((stack) => {
      const feed = new Workload(stack, 'feed', { image, ipc: 'shareable' });
      return { pid: feed, ipc: feed };
    });
    expect(block).toMatchObject({
      pid_mode: 'container:${docker_container.desk-feed.id}',
      ipc_mode: 'container:${docker_container.desk-feed.id}',
    });
  });

  test.each(['networkMode', 'pid', 'ipc'])('rejects an unknown %s, and a service instead of its workload', (option) => {
    const unknown = { [option]: 'bridge' } as WorkloadOptions;
    expect(refused((stack) => new Workload(stack, 'bot', { image, ...unknown }))).toThrowCode('invalid-value', option);
    const service = refused((stack) => {
      const given = { [option]: new AppService(stack, 'vpn', { image }) } as unknown as WorkloadOptions;
      new Workload(stack, 'bot', { image, ...given });
    });
    expect(service).toThrowCode('wrong-type', option, '.workload');
  });

  test.each<[string, WorkloadOptions]>([
    ['networkMode', { networkMode: 'host' }],
    ['pid', { pid: 'host' }],
    ['ipc', { ipc: 'host' }],
    ['tty', { tty: true }],
    ['stdinOpen', { stdinOpen: true }],
    ['runtime', { runtime: 'runsc' }],
  ])('a Swarm cannot set %s', (option, options) => {
    const failure = refused((stack) => new Workload(stack, 'bot', { image, ...options }), Engine.swarm());
    expect(failure).toThrowCode('unsupported-by-engine', 'desk/bot', option);
  });
});

describe.each(ENGINES)('options of the driver on $engineName', ({ engineName, createEngine }) => {
  const networkWith = (network: NetworkOptions): TerraformBlock => {
    const terraform = synthesizeStack(() => undefined, { engine: createEngine(), network });
    return Object.values(terraform.resource.docker_network ?? {})[0] as TerraformBlock;
  };

  test('the MTU and driverOptions become options of the network', () => {
    const driverOptions = { 'com.docker.network.container_iface_prefix': 'desk' };
    expect(networkWith({ mtu: 1420, driverOptions }).options).toEqual({
      ...driverOptions,
      'com.docker.network.driver.mtu': '1420',
    });
    expect(networkWith({}).options).toBeUndefined();
  });

  test('what the engine adds to the options of an overlay replaces nothing', () => {
    const ignored = ['options["com.docker.network.driver.overlay.vxlanid_list"]'];
    const lifecycle = engineName === 'swarm' ? { ignore_changes: ignored } : undefined;
    expect(networkWith({ mtu: 1420 }).lifecycle).toEqual(lifecycle);
    expect(networkWith({}).lifecycle).toBeUndefined();
  });
});

describe('options of the driver', () => {
  test('are also those of a further network', () => {
    const { resource } = synthesizeStack((stack) => new Network(stack, 'market', { mtu: 1280 }));
    const options = Object.values(resource.docker_network ?? {}).map((one) => one.options);
    expect(options).toContainEqual({ 'com.docker.network.driver.mtu': '1280' });
  });

  test.each([0, 575, 1420.5, 65_536, NaN])('rejects an MTU of %s', (mtu) => {
    expect(() => createStack(() => undefined, { engine: Engine.docker(), network: { mtu } })).toThrowCode(
      'invalid-value',
      'network.mtu',
      String(mtu),
      'from 576 to 65535',
    );
  });

  test('rejects the MTU in driverOptions, where it could contradict mtu', () => {
    const network = { driverOptions: { 'com.docker.network.driver.mtu': '1400' } };
    expect(() => createStack((stack) => new Network(stack, 'market', network))).toThrowCode(
      'option-conflict',
      'desk/market',
      'mtu: 1420',
    );
  });
});

describe('GPUs', () => {
  const gpus = (given: unknown): TerraformBlock =>
    containerNamed(
      synthesizeStack((stack) => new Workload(stack, 'bot', { image, gpus: given as 'all' })),
      'desk-bot',
    );

  test.each<[unknown, string]>([
    [2, '2'],
    [['0'], 'device=0'],
    [['0', 'GPU-3faa8b2c'], '"device=0,GPU-3faa8b2c"'],
  ])('%j is requested as the command line of Docker writes it, and is not compared', (given, request) => {
    expect(gpus(given)).toMatchObject({ gpus: request, lifecycle: { ignore_changes: ['gpus'] } });
  });

  test('all GPUs are compared', () => {
    expect(gpus('all').lifecycle).toBeUndefined();
  });

  test('a change of the ids replaces the container', () => {
    expect(gpus(['0']).labels).not.toEqual(gpus(['1']).labels);
  });

  test.each([0, 1.5, 'some', [], ['0,1']])('rejects %j', (given) => {
    expect(() => gpus(given)).toThrowCode('invalid-value', 'gpus');
  });
});

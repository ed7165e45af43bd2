import { TerraformStack } from 'cdktf';
import { Construct } from 'constructs';
import { AppService, Engine, PublishedPort, Image, Platform, TradingStack, Workload } from '../../lib';
import type { PlatformDefaults } from '../../lib/platform/platform';
import { createApp, createStack, synthesize, synthesizeStack } from '../setup/synthesize';

const image = Image.fromRegistry('ghcr.io/desk/bot:2.4');

const DEFAULTS: PlatformDefaults = {
  logging: () => ({ driver: null, options: {} }),
  restart: { condition: 'no', maximumRetries: null, whenUnhealthy: 'never' },
  labels: {},
  hostPortOffset: 0,
  stopGracePeriodSeconds: 10,
};

test('rejects a workload outside a TradingStack', () => {
  const stack = new TerraformStack(createApp(), 'own');
  expect(() => new Workload(stack, 'bot', { image })).toThrowCode('outside-stack', 'own/bot');
});

test('workloads can run in any Terraform stack with a platform', () => {
  const stack = new TerraformStack(createApp(), 'own');
  const platform = new Platform(stack, 'platform', {
    engine: Engine.docker(),
    prefix: 'own',
    machine: null,
    network: {},
    projectDirectory: '../../..',
    defaults: DEFAULTS,
  });
  expect(Platform.of(new Construct(stack, 'deep'))).toBe(platform);
  expect(new Workload(stack, 'bot', { image }).spec.name).toBe('own-bot');
});

test('rejects a service outside a TradingStack under its own path', () => {
  const stack = new TerraformStack(createApp(), 'own');
  expect(() => new AppService(stack, 'bot', { image })).toThrowCode('outside-stack', 'own/bot:');
});

test.each([
  ['-desk', "starts with '-'"],
  ['my desk', "contains ' '"],
  ['x', 'has 1 character'],
])('rejects the stack name %j, which %s', (name, reason) => {
  expect(() => new TradingStack(createApp(), 'desk', { name })).toThrowCode(
    'invalid-name',
    `'${name}', which ${reason}`,
  );
});

test('rejects an id of a stack that cannot be its name', () => {
  expect(() => new TradingStack(createApp(), 'x')).toThrowCode(
    'invalid-name',
    "x: the name of the stack cannot be 'x'",
  );
});

test('the output requires the provider version whose CPU limits work', () => {
  const { terraform } = synthesizeStack(() => undefined);
  expect(terraform).toMatchObject({
    required_providers: { docker: { source: 'kreuzwerker/docker', version: '3.9.0' } },
  });
});

test.each([
  [Engine.docker(), {}],
  [Engine.docker({ host: 'ssh://ops@there' }), { host: 'ssh://ops@there' }],
  [Engine.swarm({ host: 'ssh://ops@manager' }), { host: 'ssh://ops@manager' }],
])('the provider uses the address of the engine', (engine, provider) => {
  expect(synthesizeStack(() => undefined, { engine })).toMatchObject({ provider: { docker: [provider] } });
});

test.each([
  Engine.docker({ registries: ['ghcr.io', 'quay.io'] }),
  Engine.swarm({ registries: ['ghcr.io', 'quay.io'] }),
])('the provider logs in to the listed registries as the deploying machine does', (engine) => {
  expect(synthesizeStack(() => undefined, { engine })).toMatchObject({
    provider: { docker: [{ registry_auth: [{ address: 'ghcr.io' }, { address: 'quay.io' }] }] },
  });
});

test.each(['docker.io', 'index.docker.io', 'https://index.docker.io/v1/', 'registry-1.docker.io'])(
  'Docker Hub as %s is rendered under every name that the provider searches for',
  (name) => {
    const engine = Engine.docker({ registries: [name, 'docker.io'] });
    const addresses = ['registry-1.docker.io', 'docker.io', 'index.docker.io'];
    expect(synthesizeStack(() => undefined, { engine })).toMatchObject({
      provider: { docker: [{ registry_auth: addresses.map((address) => ({ address })) }] },
    });
  },
);

test('the provider can be overridden', () => {
  const terraform = synthesizeStack((stack) => {
    stack.platform.provider.addOverride('ssh_opts', ['-o', 'ConnectTimeout=5']);
  });
  expect(terraform).toMatchObject({ provider: { docker: [{ ssh_opts: ['-o', 'ConnectTimeout=5'] }] } });
});

test('rejects a second platform in a stack', () => {
  const stack = createStack();
  const { prefix, engine } = stack.platform;
  const props = {
    engine,
    prefix: `${prefix}-two`,
    network: {},
    machine: null,
    projectDirectory: '../../..',
    defaults: DEFAULTS,
  };
  expect(() => new Platform(stack, 'second', props)).toThrowCode('duplicate-platform', 'desk');
});

test('rejects two names with one Terraform address, one of which would be lost', () => {
  const stack = createStack((desk) => new Workload(desk, 'one', { image, name: 'trader.1' }));
  expect(() => new Workload(stack, 'two', { image, name: 'trader_1' })).toThrowCode(
    'name-taken',
    "desk/two: Terraform address 'trader_1' is already taken by desk/one",
  );
});

describe('the network', () => {
  test('the network has the name of the stack and a subnet of the engine’s choice', () => {
    const { network } = onlyNetwork({});
    expect(network).toMatchObject({ name: 'desk', driver: 'bridge' });
    expect(network).not.toHaveProperty('ipam_config');
  });

  test('the network has a gateway with its subnet, without which every plan would replace it', () => {
    const { network } = onlyNetwork({ name: 'lan', subnet: '172.28.0.0/24' });
    expect(network).toMatchObject({
      name: 'lan',
      ipam_config: [{ subnet: '172.28.0.0/24', gateway: '172.28.0.1' }],
    });
  });

  test('the network can be internal', () => {
    expect(onlyNetwork({ internal: true }).network).toMatchObject({ internal: true });
  });

  test('rejects a published port on an internal network', () => {
    const stack = createStack(() => undefined, { network: { internal: true } });
    expect(() => new Workload(stack, 'bot', { image, ports: [PublishedPort.loopback(8000)] })).toThrowCode(
      'option-conflict',
      'desk/bot',
      'only on internal networks: desk',
    );
  });

  test('the network of a Swarm is an attachable overlay', () => {
    const terraform = synthesizeStack(() => undefined, { engine: Engine.swarm() });
    expect(Object.values(terraform.resource.docker_network ?? {})).toMatchObject([
      { name: 'desk', driver: 'overlay', attachable: true },
    ]);
  });

  test('rejects a subnet that overlaps that of another stack', () => {
    const app = createApp();
    new TradingStack(app, 'one', { engine: Engine.docker(), network: { subnet: '172.28.0.0/16' } });
    const create = (): unknown =>
      new TradingStack(app, 'other', { engine: Engine.docker(), network: { subnet: '172.28.5.0/24' } });
    expect(create).toThrowCode('subnet-taken', "other: subnet '172.28.5.0/24' is already taken by one (172.28.0.0/16)");
  });

  test('rejects a workload for which the subnet has no address', () => {
    const stack = createStack(() => undefined, { network: { subnet: '10.0.0.0/29' } });
    for (const id of ['a', 'b', 'c', 'd', 'e']) new Workload(stack, id, { image });
    expect(() => new Workload(stack, 'f', { image })).toThrowCode(
      'network-full',
      'desk/f: the subnet 10.0.0.0/29 is too small for 6 containers',
    );
  });
});

test('an image of several workloads is one resource', () => {
  const { resource } = synthesizeStack((stack) => {
    new Workload(stack, 'one', { image });
    new Workload(stack, 'other', { image: Image.fromRegistry('ghcr.io/desk/bot:2.4') });
  });
  expect(Object.values(resource.docker_image ?? {})).toMatchObject([{ name: 'ghcr.io/desk/bot:2.4' }]);
});

test('two images whose names differ only in punctuation are two resources', () => {
  const { resource } = synthesizeStack((stack) => {
    new Workload(stack, 'one', { image: Image.fromRegistry('desk/bot:1') });
    new Workload(stack, 'other', { image: Image.fromRegistry('desk-bot:1') });
  });
  const names = Object.values(resource.docker_image ?? {}).map(({ name }) => name);
  expect(names.sort()).toEqual(['desk-bot:1', 'desk/bot:1']);
});

test('a platform lists its workloads in the order of their creation', () => {
  const stack = createStack((desk) => {
    new Workload(desk, 'first', { image });
    new Workload(desk, 'second', { image });
  });
  expect(stack.platform.workloads.map(({ address }) => address)).toEqual([
    'docker_container.desk-first',
    'docker_container.desk-second',
  ]);
});

test('an empty stack is valid Terraform', () => {
  expect(() => synthesize(createStack())).not.toThrow();
});

function onlyNetwork(network: { name?: string; subnet?: string; internal?: boolean }): { network: unknown } {
  const { resource } = synthesizeStack(() => undefined, { network });
  const all = Object.values(resource.docker_network ?? {});
  expect(all).toHaveLength(1);
  return { network: all[0] };
}

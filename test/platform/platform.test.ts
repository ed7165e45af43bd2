import { TerraformStack } from 'cdktf';
import { Construct } from 'constructs';
import { AppService, Engine, PublishedPort, Image, Platform, TradingStack, Workload } from '../../lib';
import type { PlatformDefaults } from '../../lib/platform/platform';
import { createApp, createStack, synthesize, synthesizeStack } from '../setup/synthesize';

const image = Image.fromRegistry('ghcr.io/desk/bot:2.4');

const DEFAULTS: PlatformDefaults = {
  logging: { driver: null, options: {} },
  restart: { condition: 'no', maximumRetries: null },
  labels: {},
  stopGracePeriodSeconds: 10,
};

test('a construct outside of a stack that knows where to run is told what to do', () => {
  const stack = new TerraformStack(createApp(), 'own');
  expect(() => new Workload(stack, 'bot', { image })).toThrow(
    'own/bot: no platform above this construct. Create it inside a TradingStack.',
  );
});

test('a platform makes any Terraform stack a place to run', () => {
  const stack = new TerraformStack(createApp(), 'own');
  const platform = new Platform(stack, 'platform', {
    engine: Engine.docker(),
    prefix: 'own',
    network: {},
    projectDirectory: '../../..',
    defaults: DEFAULTS,
  });
  expect(Platform.of(new Construct(stack, 'deep'))).toBe(platform);
  expect(new Workload(stack, 'bot', { image }).spec.name).toBe('own-bot');
});

test('a service outside of such a stack is told so under its own name', () => {
  const stack = new TerraformStack(createApp(), 'own');
  expect(() => new AppService(stack, 'bot', { image })).toThrow('own/bot: no platform above this construct.');
});

test.each([
  ['-desk', "it starts with '-'"],
  ['my desk', "it has ' ' in it"],
  ['x', 'it has 1 character'],
])('%j cannot start the names of a stack', (name, reason) => {
  const props = { engine: Engine.docker() };
  const message = `the name of the stack cannot be '${name}': ${reason}. Give a name of 2 to 63`;
  expect(() => new TradingStack(createApp(), 'desk', { ...props, name })).toThrow(`desk: ${message}`);
  if (name === 'x') expect(() => new TradingStack(createApp(), name, props)).toThrow(`x: ${message}`);
});

test('the provider is the last one of its line, which knows CPU limits', () => {
  const { terraform } = synthesizeStack(() => undefined);
  expect(terraform).toMatchObject({
    required_providers: { docker: { source: 'kreuzwerker/docker', version: '3.9.0' } },
  });
});

test.each([
  [Engine.docker(), {}],
  [Engine.docker({ host: 'ssh://ops@there' }), { host: 'ssh://ops@there' }],
  [Engine.swarm({ host: 'ssh://ops@manager' }), { host: 'ssh://ops@manager' }],
])('the provider talks to the engine that was chosen', (engine, provider) => {
  expect(synthesizeStack(() => undefined, { engine })).toMatchObject({ provider: { docker: [provider] } });
});

test.each([
  Engine.docker({ registries: ['ghcr.io', 'quay.io'] }),
  Engine.swarm({ registries: ['ghcr.io', 'quay.io'] }),
])('the provider logs in to the registries that are named, as the deploying machine does', (engine) => {
  expect(synthesizeStack(() => undefined, { engine })).toMatchObject({
    provider: { docker: [{ registry_auth: [{ address: 'ghcr.io' }, { address: 'quay.io' }] }] },
  });
});

test('the provider is open to what the library does not know', () => {
  const terraform = synthesizeStack((stack) => {
    stack.platform.provider.addOverride('ssh_opts', ['-o', 'ConnectTimeout=5']);
  });
  expect(terraform).toMatchObject({ provider: { docker: [{ ssh_opts: ['-o', 'ConnectTimeout=5'] }] } });
});

test('a second platform in a stack is refused: constructs could be on either', () => {
  const stack = createStack();
  const { prefix, engine } = stack.platform;
  const props = { engine, prefix: `${prefix}-two`, network: {}, projectDirectory: '../../..', defaults: DEFAULTS };
  expect(() => new Platform(stack, 'second', props)).toThrow(
    'desk: it has a platform already. Create one platform in a stack.',
  );
});

test('two names that are one in Terraform are refused: one of the two would be lost', () => {
  const stack = createStack((desk) => new Workload(desk, 'one', { image, name: 'trader.1' }));
  expect(() => new Workload(stack, 'two', { image, name: 'trader_1' })).toThrow(
    /^desk\/two: Terraform address '.*trader_1' is already taken by desk\/one\. Set `name` on one of them\.$/,
  );
});

describe('the network', () => {
  test('is called after the stack and lets the engine choose a subnet', () => {
    const { network } = onlyNetwork({});
    expect(network).toMatchObject({ name: 'desk', driver: 'bridge' });
    expect(network).not.toHaveProperty('ipam_config');
  });

  test('has the gateway beside its subnet: without it every plan would replace the network', () => {
    const { network } = onlyNetwork({ name: 'lan', subnet: '172.28.0.0/24' });
    expect(network).toMatchObject({
      name: 'lan',
      ipam_config: [{ subnet: '172.28.0.0/24', gateway: '172.28.0.1' }],
    });
  });

  test('can be cut off from the outside', () => {
    expect(onlyNetwork({ internal: true }).network).toMatchObject({ internal: true });
  });

  test('that is cut off publishes no port: Docker would ignore it, and every plan would differ', () => {
    const stack = createStack(() => undefined, { network: { internal: true } });
    expect(() => new Workload(stack, 'bot', { image, ports: [PublishedPort.loopback(8000)] })).toThrow(
      /^desk\/bot: it publishes a port, .*\. Leave `ports` out, or network\.internal\.$/,
    );
  });

  test('of a Swarm spans the nodes and lets containers in', () => {
    const terraform = synthesizeStack(() => undefined, { engine: Engine.swarm() });
    expect(Object.values(terraform.resource.docker_network ?? {})).toMatchObject([
      { name: 'desk', driver: 'overlay', attachable: true },
    ]);
  });

  test('whose subnet has an address of another stack’s is refused', () => {
    const app = createApp();
    new TradingStack(app, 'one', { engine: Engine.docker(), network: { subnet: '172.28.0.0/16' } });
    const create = (): unknown =>
      new TradingStack(app, 'other', { engine: Engine.docker(), network: { subnet: '172.28.5.0/24' } });
    expect(create).toThrow(
      "other: subnet '172.28.5.0/24' is already taken by one (172.28.0.0/16). Give one of the stacks another.",
    );
  });

  test('with no address left refuses a workload', () => {
    const stack = createStack(() => undefined, { network: { subnet: '10.0.0.0/29' } });
    for (const id of ['a', 'b', 'c', 'd', 'e']) new Workload(stack, id, { image });
    expect(() => new Workload(stack, 'f', { image })).toThrow(
      'desk/f: the subnet 10.0.0.0/29 has addresses for 5 workloads, and this makes 6. Give network.subnet a larger range.',
    );
  });
});

test('an image that many use is put on the engine once', () => {
  const { resource } = synthesizeStack((stack) => {
    new Workload(stack, 'one', { image });
    new Workload(stack, 'other', { image: Image.fromRegistry('ghcr.io/desk/bot:2.4') });
  });
  expect(Object.values(resource.docker_image ?? {})).toMatchObject([{ name: 'ghcr.io/desk/bot:2.4' }]);
});

test('two images whose names differ in a mark only are both put on the engine', () => {
  const { resource } = synthesizeStack((stack) => {
    new Workload(stack, 'one', { image: Image.fromRegistry('desk/bot:1') });
    new Workload(stack, 'other', { image: Image.fromRegistry('desk-bot:1') });
  });
  const names = Object.values(resource.docker_image ?? {}).map(({ name }) => name);
  expect(names.sort()).toEqual(['desk-bot:1', 'desk/bot:1']);
});

test('the workloads of a platform are known, in the order of their creation', () => {
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

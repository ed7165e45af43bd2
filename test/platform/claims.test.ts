import type { App } from 'cdktf';
import {
  Engine,
  PublishedPort,
  Image,
  PostgresDb,
  TradingStack,
  type TradingStackProps,
  Workload,
  type WorkloadOptions,
} from '../../lib';
import { createApp, createStack } from '../setup/synthesize';

const image = Image.fromRegistry('ghcr.io/desk/bot:2.4');

function stackIn(app: App, id: string, props: Partial<TradingStackProps> = {}): TradingStack {
  return new TradingStack(app, id, { engine: Engine.docker(), ...props });
}

describe('names', () => {
  test('two workloads of one name are refused with both places', () => {
    const stack = createStack((desk) => new Workload(desk, 'bot', { image, name: 'trader' }));
    expect(() => new Workload(stack, 'robot', { image, name: 'trader' })).toThrow(
      "desk/robot: name 'trader' is already taken by desk/bot. Set `name` on one of them.",
    );
  });

  test('two ids that differ by an underscore and a hyphen are refused: they make one name', () => {
    const stack = createStack((desk) => new Workload(desk, 'data_feed', { image }));
    expect(() => new Workload(stack, 'data-feed', { image })).toThrow(
      "desk/data-feed: name 'desk-data-feed' is already taken by desk/data_feed",
    );
  });

  test('a name is taken over all stacks of an app', () => {
    const app = createApp();
    new Workload(stackIn(app, 'one'), 'bot', { image, name: 'trader' });
    const other = stackIn(app, 'other');
    expect(() => new Workload(other, 'bot', { image, name: 'trader' })).toThrow(
      "other/bot: name 'trader' is already taken by one/bot",
    );
  });

  test('two stacks of one name are refused', () => {
    const app = createApp();
    stackIn(app, 'one', { name: 'desk' });
    expect(() => stackIn(app, 'other', { name: 'desk' })).toThrow(
      "other: stack name 'desk' is already taken by one. Give one of the stacks another name.",
    );
  });

  test('two networks of one name are refused', () => {
    const app = createApp();
    stackIn(app, 'one', { network: { name: 'lan' } });
    expect(() => stackIn(app, 'other', { network: { name: 'lan' } })).toThrow(
      "other: network name 'lan' is already taken by one. Set network.name on one of the stacks.",
    );
  });

  test('two apps do not know of each other', () => {
    stackIn(createApp(), 'desk');
    expect(() => stackIn(createApp(), 'desk')).not.toThrow();
  });
});

describe('aliases', () => {
  test('two workloads of a stack cannot be reached by one name', () => {
    const stack = createStack((desk) => new Workload(desk, 'bot', { image, aliases: ['trader'] }));
    expect(() => new Workload(stack, 'robot', { image, aliases: ['robot', 'trader'] })).toThrow(
      /^desk\/robot: alias .*'trader' is already taken by desk\/bot\. Set `aliases` on one of them\.$/,
    );
  });

  test('workloads of two stacks can: each is on its own network', () => {
    const app = createApp();
    new Workload(stackIn(app, 'one'), 'db', { image });
    const other = stackIn(app, 'other');
    expect(() => new Workload(other, 'db', { image })).not.toThrow();
  });
});

describe('host ports', () => {
  const published = (...publish: PublishedPort[]): WorkloadOptions & { image: Image } => ({ image, ports: publish });

  test.each([
    [
      'one address',
      PublishedPort.loopback(8000),
      PublishedPort.loopback(9000, { hostPort: 8000 }),
      '127.0.0.1:8000/tcp',
    ],
    ['every address after one', PublishedPort.loopback(8000), PublishedPort.allInterfaces(8000), '0.0.0.0:8000/tcp'],
    ['one address after every', PublishedPort.allInterfaces(8000), PublishedPort.loopback(8000), '127.0.0.1:8000/tcp'],
    ['an IPv6 wildcard', PublishedPort.loopback(8000), PublishedPort.on('::', 8000), ':::8000/tcp'],
    [
      'datagrams',
      PublishedPort.loopback(53, { protocol: 'udp' }),
      PublishedPort.loopback(53, { protocol: 'udp' }),
      '127.0.0.1:53/udp',
    ],
  ])('a port is taken once: %s', (_what, one, other, shown) => {
    const stack = createStack((desk) => new Workload(desk, 'bot', published(one)));
    expect(() => new Workload(stack, 'robot', published(other))).toThrow(
      `desk/robot: host port '${shown}' is already taken by desk/bot. Publish one of them on another host port.`,
    );
  });

  test.each([
    ['another host port', PublishedPort.loopback(8000), PublishedPort.loopback(8000, { hostPort: 8001 })],
    ['another address', PublishedPort.loopback(8000), PublishedPort.on('10.0.0.7', 8000)],
    ['another protocol', PublishedPort.loopback(53), PublishedPort.loopback(53, { protocol: 'udp' })],
  ])('a port is free on %s', (_what, one, other) => {
    const stack = createStack((desk) => new Workload(desk, 'bot', published(one)));
    expect(() => new Workload(stack, 'robot', published(other))).not.toThrow();
  });

  test('a port is taken over all stacks on one engine', () => {
    const app = createApp();
    new Workload(stackIn(app, 'one'), 'bot', published(PublishedPort.loopback(8000)));
    const other = stackIn(app, 'other');
    expect(() => new Workload(other, 'bot', published(PublishedPort.loopback(8000)))).toThrow(
      "other/bot: host port '127.0.0.1:8000/tcp' is already taken by one/bot",
    );
  });
});

test('engines on two hosts share neither names, nor ports, nor subnets', () => {
  const app = createApp();
  const network = { name: 'lan', subnet: '172.28.0.0/24' };
  const options = { image, name: 'trader', ports: [PublishedPort.loopback(8000)] };
  const here = stackIn(app, 'here', { name: 'desk', network });
  const there = stackIn(app, 'there', { name: 'desk', network, engine: Engine.docker({ host: 'ssh://ops@there' }) });
  new Workload(here, 'bot', options);
  expect(() => new Workload(there, 'bot', options)).not.toThrow();
});

test('a name that another service has as its alias is refused: the network would know two under it', () => {
  const create = (): unknown =>
    createStack((stack) => {
      new PostgresDb(stack, 'db');
      return new Workload(stack, 'other', { image, name: 'db' });
    });
  expect(create).toThrow("desk/other: alias on the network of desk 'db' is already taken by desk/db. Set `aliases`");
});

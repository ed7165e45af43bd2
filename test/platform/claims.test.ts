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
  test('rejects two workloads with one name, and names both', () => {
    const stack = createStack((desk) => new Workload(desk, 'bot', { image, name: 'trader' }));
    expect(() => new Workload(stack, 'robot', { image, name: 'trader' })).toThrowCode(
      'name-taken',
      "desk/robot: name 'trader' is already taken by desk/bot",
    );
  });

  test('rejects two ids that differ only in an underscore and a hyphen, which result in the same name', () => {
    const stack = createStack((desk) => new Workload(desk, 'data_feed', { image }));
    expect(() => new Workload(stack, 'data-feed', { image })).toThrowCode(
      'name-taken',
      "desk/data-feed: name 'desk-data-feed' is already taken by desk/data_feed",
    );
  });

  test('rejects a name that a workload of another stack has', () => {
    const app = createApp();
    new Workload(stackIn(app, 'one'), 'bot', { image, name: 'trader' });
    const other = stackIn(app, 'other');
    expect(() => new Workload(other, 'bot', { image, name: 'trader' })).toThrowCode(
      'name-taken',
      "other/bot: name 'trader' is already taken by one/bot",
    );
  });

  test('rejects two stacks with one name', () => {
    const app = createApp();
    stackIn(app, 'one', { name: 'desk' });
    expect(() => stackIn(app, 'other', { name: 'desk' })).toThrowCode(
      'stack-taken',
      "other: stack name 'desk' is already taken by one",
    );
  });

  test('rejects two networks with one name', () => {
    const app = createApp();
    stackIn(app, 'one', { network: { name: 'lan' } });
    expect(() => stackIn(app, 'other', { network: { name: 'lan' } })).toThrowCode(
      'network-taken',
      "other: network name 'lan' is already taken by one",
    );
  });

  test('two apps may use the same names', () => {
    stackIn(createApp(), 'desk');
    expect(() => stackIn(createApp(), 'desk')).not.toThrow();
  });
});

describe('aliases', () => {
  test('rejects one alias for two workloads of a stack', () => {
    const stack = createStack((desk) => new Workload(desk, 'bot', { image, aliases: ['trader'] }));
    expect(() => new Workload(stack, 'robot', { image, aliases: ['robot', 'trader'] })).toThrowCode(
      'alias-taken',
      "desk/robot: alias 'trader' is already taken by desk/bot",
    );
  });

  test('workloads of two stacks may have the same alias, each on its own network', () => {
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
  ])('rejects one host port for two workloads: %s', (_what, one, other, shown) => {
    const stack = createStack((desk) => new Workload(desk, 'bot', published(one)));
    expect(() => new Workload(stack, 'robot', published(other))).toThrowCode(
      'port-taken',
      `desk/robot: host port '${shown}' is already taken by desk/bot`,
    );
  });

  test.each([
    ['another host port', PublishedPort.loopback(8000), PublishedPort.loopback(8000, { hostPort: 8001 })],
    ['another address', PublishedPort.loopback(8000), PublishedPort.on('10.0.0.7', 8000)],
    ['another protocol', PublishedPort.loopback(53), PublishedPort.loopback(53, { protocol: 'udp' })],
  ])('accepts one host port for two workloads on %s', (_what, one, other) => {
    const stack = createStack((desk) => new Workload(desk, 'bot', published(one)));
    expect(() => new Workload(stack, 'robot', published(other))).not.toThrow();
  });

  test('rejects a host port that a workload of another stack has', () => {
    const app = createApp();
    new Workload(stackIn(app, 'one'), 'bot', published(PublishedPort.loopback(8000)));
    const other = stackIn(app, 'other');
    expect(() => new Workload(other, 'bot', published(PublishedPort.loopback(8000)))).toThrowCode(
      'port-taken',
      "other/bot: host port '127.0.0.1:8000/tcp' is already taken by one/bot",
    );
  });
});

test('stacks on engines of two hosts may use the same names, ports and subnets', () => {
  const app = createApp();
  const network = { name: 'lan', subnet: '172.28.0.0/24' };
  const options = { image, name: 'trader', ports: [PublishedPort.loopback(8000)] };
  const here = stackIn(app, 'here', { name: 'desk', network });
  const there = stackIn(app, 'there', { name: 'desk', network, engine: Engine.docker({ host: 'ssh://ops@there' }) });
  new Workload(here, 'bot', options);
  expect(() => new Workload(there, 'bot', options)).not.toThrow();
});

test('rejects a name that is the alias of another service', () => {
  const create = (): unknown =>
    createStack((stack) => {
      new PostgresDb(stack, 'db');
      return new Workload(stack, 'other', { image, name: 'db' });
    });
  expect(create).toThrowCode('alias-taken', "desk/other: alias 'db' is already taken by desk/db");
});

import { AppService, Image, PostgresDb, PublishedPort, type PublishedPortOptions, Workload } from '../../../lib';
import { bindAddress } from '../../../lib/internal';
import { createStack } from '../../setup/synthesize';
import { warningsOf } from '../../services/fixtures';

const image = Image.fromRegistry('ghcr.io/desk/bot:2.4');

test.each([
  ['loopback', PublishedPort.loopback(8000), '127.0.0.1'],
  ['one address', PublishedPort.on('10.0.0.7', 8000), '10.0.0.7'],
  ['one IPv6 address', PublishedPort.on('fd00::7', 8000), 'fd00::7'],
  ['all interfaces', PublishedPort.allInterfaces(8000), '0.0.0.0'],
])('a port can be published on %s', (_scope, port, address) => {
  expect(port.toSpec()).toMatchObject({ container: 8000, host: 8000, protocol: 'tcp', optional: false });
  expect(bindAddress(port.toSpec())).toBe(address);
});

test('a port can have another host port and another protocol', () => {
  const port = PublishedPort.loopback(53, { hostPort: 5353, protocol: 'udp' });
  expect(port.toSpec()).toEqual({ container: 53, host: 5353, scope: 'loopback', protocol: 'udp', optional: false });
});

test.each([0, -1, 65_536, 80.5, NaN])('the port %d is refused, in the container and on the host', (port) => {
  expect(() => PublishedPort.loopback(port)).toThrowCode('invalid-value', 'PublishedPort: the port', '65535');
  expect(() => PublishedPort.loopback(80, { hostPort: port })).toThrowCode('invalid-value', 'hostPort', '65535');
});

test.each(['localhost', '10.0.0', '', '10.0.0.7/24', 'eth0'])('the address %j is refused', (address) => {
  expect(() => PublishedPort.on(address, 80)).toThrowCode('invalid-host', 'PublishedPort: the address');
});

test('a protocol in upper case is refused', () => {
  expect(() => PublishedPort.loopback(80, { protocol: 'TCP' as 'tcp' })).toThrowCode(
    'invalid-value',
    'PublishedPort: protocol',
    'tcp, udp, sctp',
  );
});

test('an option of a port that does not exist is refused', () => {
  const options = { hostport: 1 } as PublishedPortOptions;
  expect(() => PublishedPort.loopback(80, options)).toThrowCode('unknown-option', "Did you mean 'hostPort'?");
});

describe('ports that nothing listens on', () => {
  test.each([
    [PublishedPort.loopback(8000), 'PublishedPort.loopback(5432, { hostPort: 8000 })'],
    [PublishedPort.loopback(15432, { hostPort: 5432 }), 'PublishedPort.loopback(5432, { hostPort: 15432 })'],
    [PublishedPort.on('10.0.0.7', 8000), "PublishedPort.on('10.0.0.7', 5432, { hostPort: 8000 })"],
    [PublishedPort.allInterfaces(8000), 'PublishedPort.allInterfaces(5432, { hostPort: 8000 })'],
  ])('a server refuses such a port with the one that was probably meant', (port, replacement) => {
    expect(() => new PostgresDb(createStack(), 'db', { ports: [port] })).toThrowCode(
      'port-not-served',
      'desk/db: it publishes port ',
      'listens on 5432',
      `Use ${replacement}`,
    );
  });

  test('a program that may listen on other ports gets a warning', () => {
    const stack = createStack();
    new AppService(stack, 'bot', { image, port: 8000, ports: [PublishedPort.loopback(9000)] });
    expect(warningsOf(stack).join()).toMatch(/^9000.*listens on 8000.*declare 9000 in `sockets`/);
  });

  test('a server whose command was replaced gets a warning', () => {
    const ports = [PublishedPort.loopback(8000)];
    expect(() => new PostgresDb(createStack(), 'db', { ports, command: ['postgres'] })).not.toThrow();
  });

  test('UDP ports and programs without known ports are accepted', () => {
    const udp = PublishedPort.loopback(8000, { protocol: 'udp' });
    expect(() => new PostgresDb(createStack(), 'db', { ports: [udp] })).not.toThrow();
    expect(() => new Workload(createStack(), 'bot', { image, ports: [PublishedPort.loopback(1)] })).not.toThrow();
  });
});

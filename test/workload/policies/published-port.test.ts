import { PublishedPort } from '../../../lib';
import { bindAddress } from '../../../lib/internal';

test.each([
  ['to the host alone', PublishedPort.loopback(8000), '127.0.0.1'],
  ['on one address', PublishedPort.on('10.0.0.7', 8000), '10.0.0.7'],
  ['on one IPv6 address', PublishedPort.on('fd00::7', 8000), 'fd00::7'],
  ['to everybody', PublishedPort.allInterfaces(8000), '0.0.0.0'],
])('a port is open %s', (_whom, exposure, address) => {
  expect(exposure.toSpec()).toMatchObject({ container: 8000, host: 8000, protocol: 'tcp', optional: false });
  expect(bindAddress(exposure.toSpec())).toBe(address);
});

test('a port can be another one on the host, and take datagrams', () => {
  const exposure = PublishedPort.loopback(53, { hostPort: 5353, protocol: 'udp' });
  expect(exposure.toSpec()).toEqual({
    container: 53,
    host: 5353,
    scope: 'loopback',
    protocol: 'udp',
    optional: false,
  });
});

test.each([0, -1, 65_536, 80.5, NaN])('%d is no port, neither inside nor on the host', (port) => {
  const message = `PublishedPort: the port cannot be ${port}. Use a whole number from 1 to 65535.`;
  expect(() => PublishedPort.loopback(port)).toThrow(message);
  expect(() => PublishedPort.loopback(80, { hostPort: port })).toThrow(message);
});

test.each(['localhost', '10.0.0', '', '10.0.0.7/24', 'eth0'])('%j is no address of a host', (address) => {
  expect(() => PublishedPort.on(address, 80)).toThrow(
    `PublishedPort: the address cannot be '${address}'. Give an IP address of the host.`,
  );
});

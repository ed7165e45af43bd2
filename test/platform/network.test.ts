import fc from 'fast-check';
import { Engine } from '../../lib';
import { Subnet } from '../../lib/platform/network';
import { createStack } from '../setup/synthesize';
import { warningsOf } from '../services/fixtures';

// In 10.0.0.0/8, so that all of them are private.
const SUBNETS = fc.tuple(fc.nat({ max: 0xffffff }), fc.integer({ min: 8, max: 29 })).map(([inside, prefix]) => {
  const address = 10 * 2 ** 24 + inside;
  const first = address - (address % 2 ** (32 - prefix));
  const bytes = [24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256);
  return `${bytes.join('.')}/${prefix}`;
});

test.each([
  ['172.28.0.0/16', '172.28.0.1', 65_533],
  ['172.28.5.0/24', '172.28.5.1', 253],
  ['10.0.0.8/29', '10.0.0.9', 5],
])('%s has the gateway %s and addresses for %i containers', (cidr, gateway, capacity) => {
  const subnet = Subnet.parse(cidr, 'desk', 'network.subnet');
  expect([subnet.cidr, subnet.gateway, subnet.capacity]).toEqual([cidr, gateway, capacity]);
});

test.each(['172.28.0.0', '172.28.0.0/33', '172.28.0/16', '300.0.0.0/8', 'fd00::/64', 'lan', ''])(
  'rejects %j, which is not an IPv4 subnet',
  (text) => {
    expect(() => Subnet.parse(text, 'desk', 'network.subnet')).toThrowCode(
      'invalid-subnet',
      `network.subnet cannot be '${text}'`,
      'CIDR notation',
    );
  },
);

test('rejects an address inside a range and suggests the first one', () => {
  expect(() => Subnet.parse('172.28.1.5/16', 'desk', 'network.subnet')).toThrowCode(
    'invalid-subnet',
    "network.subnet cannot be '172.28.1.5/16'",
    "'172.28.0.0/16'",
  );
});

test.each(['10.0.0.0/31', '10.0.0.0/32'])('rejects %s, which has no address for a container', (text) => {
  expect(() => Subnet.parse(text, 'desk', 'network.subnet')).toThrowCode('invalid-subnet', text, '/29');
});

test.each(['0.0.0.0/8', '126.0.0.0/7', '127.0.0.0/24', '169.254.1.0/24', '224.0.0.0/24'])(
  'rejects %s, which is not available to hosts',
  (text) => {
    expect(() => Subnet.parse(text, 'desk', 'network.subnet')).toThrowCode(
      'invalid-subnet',
      text,
      'available to hosts',
    );
  },
);

test.each(['8.8.8.0/24', '172.0.0.0/8', '10.0.0.0/7', '192.168.0.0/15'])('accepts %s, which is not private', (text) => {
  expect(Subnet.parse(text, 'desk', 'network.subnet').isPrivate).toBe(false);
});

test('a subnet that is not private causes a warning', () => {
  const warnings = (subnet: string): string[] =>
    warningsOf(createStack(() => undefined, { engine: Engine.docker(), network: { subnet } }));
  expect(warnings('8.8.8.0/24')).toEqual(['network.subnet 8.8.8.0/24 [subnet-public]']);
  expect(warnings('10.0.0.0/24')).toEqual([]);
});

test.each(['10.0.0.0/8', '172.31.0.0/16', '192.168.0.0/16', '100.64.0.0/10', '100.100.1.0/24'])(
  '%s is a private range',
  (text) => {
    expect(Subnet.parse(text, 'desk', 'network.subnet').isPrivate).toBe(true);
  },
);

test.each([
  ['172.28.0.0/16', '172.28.5.0/24', true],
  ['172.28.5.0/24', '172.28.0.0/16', true],
  ['172.28.5.0/24', '172.28.5.0/24', true],
  ['172.28.5.0/24', '172.28.6.0/24', false],
  ['10.0.0.0/8', '172.28.0.0/16', false],
])('%s and %s overlap: %s', (one, other, shared) => {
  expect(Subnet.parse(one, 'desk', 'network.subnet').overlaps(Subnet.parse(other, 'desk', 'network.subnet'))).toBe(
    shared,
  );
});

test('overlapping is symmetric and reflexive', () => {
  fc.assert(
    fc.property(SUBNETS, SUBNETS, (a, b) => {
      const [one, other] = [Subnet.parse(a, 'desk', 'network.subnet'), Subnet.parse(b, 'desk', 'network.subnet')];
      expect(one.overlaps(one)).toBe(true);
      expect(one.overlaps(other)).toBe(other.overlaps(one));
    }),
  );
});

test('the gateway is an address of the subnet', () => {
  fc.assert(
    fc.property(SUBNETS, (cidr) => {
      const subnet = Subnet.parse(cidr, 'desk', 'network.subnet');
      const gateway = subnet.gateway.split('.').map(Number);
      const first = (cidr.split('/')[0] ?? '').split('.').map(Number);
      expect(gateway.slice(0, 3)).toEqual(first.slice(0, 3));
      expect(gateway[3]).toBe((first[3] ?? 0) + 1);
    }),
  );
});

import fc from 'fast-check';
import { Engine } from '../../lib';
import { Subnet } from '../../lib/platform/network';
import { createStack } from '../setup/synthesize';

// Of 10.0.0.0/8, so that all of them are private.
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
])('%s has the gateway %s and room for %i workloads', (cidr, gateway, capacity) => {
  const subnet = Subnet.parse(cidr, 'desk');
  expect([subnet.cidr, subnet.gateway, subnet.capacity]).toEqual([cidr, gateway, capacity]);
});

test.each(['172.28.0.0', '172.28.0.0/33', '172.28.0/16', '300.0.0.0/8', 'fd00::/64', 'lan', ''])(
  '%j is no IPv4 range, and the error says how one is written',
  (text) => {
    expect(() => Subnet.parse(text, 'desk')).toThrow(
      `desk: network.subnet cannot be '${text}'. Give an IPv4 subnet in CIDR notation, for example '172.28.0.0/24'.`,
    );
  },
);

test('an address inside of a range is refused with the one that is meant', () => {
  expect(() => Subnet.parse('172.28.1.5/16', 'desk')).toThrow(
    "desk: network.subnet cannot be '172.28.1.5/16'. Give the first address of the range, '172.28.0.0/16'.",
  );
});

test.each(['10.0.0.0/31', '10.0.0.0/32'])('%s has no room for a workload', (text) => {
  expect(() => Subnet.parse(text, 'desk')).toThrow(`desk: network.subnet cannot be '${text}'. Give a range of /29`);
});

test.each(['0.0.0.0/8', '126.0.0.0/7', '127.0.0.0/24', '169.254.1.0/24', '224.0.0.0/24'])(
  '%s has addresses that no container can have',
  (text) => {
    expect(() => Subnet.parse(text, 'desk')).toThrow(
      `desk: network.subnet cannot be '${text}'. Give a range whose addresses hosts can have, for example '172.28.0.0/24'.`,
    );
  },
);

test.each(['8.8.8.0/24', '172.0.0.0/8', '10.0.0.0/7', '192.168.0.0/15'])(
  '%s is public, and may be the desk’s own',
  (text) => {
    expect(Subnet.parse(text, 'desk').isPrivate).toBe(false);
  },
);

test('A stack on a public range is warned of', () => {
  const warnings = (subnet: string): unknown[] =>
    createStack(() => undefined, { engine: Engine.docker(), network: { subnet } })
      .node.findAll()
      .flatMap(({ node }) =>
        node.metadata.filter(({ type }) => type === '@cdktf/warn').map(({ data }) => data as unknown),
      );
  expect(warnings('8.8.8.0/24')).toContain(
    'desk: network.subnet 8.8.8.0/24 is in no private range (10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 100.64.0.0/10), ' +
      'so its workloads do not reach hosts elsewhere that have these addresses: keep it only if they are yours',
  );
  expect(warnings('10.0.0.0/24')).toEqual([]);
});

test.each(['10.0.0.0/8', '172.31.0.0/16', '192.168.0.0/16', '100.64.0.0/10', '100.100.1.0/24'])(
  '%s is private',
  (text) => {
    expect(Subnet.parse(text, 'desk').isPrivate).toBe(true);
  },
);

test.each([
  ['172.28.0.0/16', '172.28.5.0/24', true],
  ['172.28.5.0/24', '172.28.0.0/16', true],
  ['172.28.5.0/24', '172.28.5.0/24', true],
  ['172.28.5.0/24', '172.28.6.0/24', false],
  ['10.0.0.0/8', '172.28.0.0/16', false],
])('%s and %s share an address: %s', (one, other, shared) => {
  expect(Subnet.parse(one, 'desk').overlaps(Subnet.parse(other, 'desk'))).toBe(shared);
});

test('sharing an address goes both ways, and every range shares its own', () => {
  fc.assert(
    fc.property(SUBNETS, SUBNETS, (a, b) => {
      const [one, other] = [Subnet.parse(a, 'desk'), Subnet.parse(b, 'desk')];
      expect(one.overlaps(one)).toBe(true);
      expect(one.overlaps(other)).toBe(other.overlaps(one));
    }),
  );
});

test('the gateway is an address of the range', () => {
  fc.assert(
    fc.property(SUBNETS, (cidr) => {
      const subnet = Subnet.parse(cidr, 'desk');
      const gateway = subnet.gateway.split('.').map(Number);
      const first = (cidr.split('/')[0] ?? '').split('.').map(Number);
      expect(gateway.slice(0, 3)).toEqual(first.slice(0, 3));
      expect(gateway[3]).toBe((first[3] ?? 0) + 1);
    }),
  );
});

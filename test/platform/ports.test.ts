import { addressesOverlap, bindAddress } from '../../lib/platform/ports';
import type { PortScope } from '../../lib/platform/spec';

test.each<[PortScope, string]>([
  ['loopback', '127.0.0.1'],
  ['all', '0.0.0.0'],
  [{ address: 'fd00::7' }, 'fd00::7'],
])('the scope %j binds to %s', (scope, address) => {
  expect(bindAddress({ scope })).toBe(address);
});

test.each([
  ['127.0.0.1', '127.0.0.1', true],
  ['0.0.0.0', '10.0.0.7', true],
  ['10.0.0.7', '::', true],
  ['127.0.0.1', '10.0.0.7', false],
])('a port on %s and one on %s collide: %s', (one, other, collide) => {
  expect(addressesOverlap(one, other)).toBe(collide);
});

import fc from 'fast-check';
import { Size } from '../../../lib';

const AMOUNTS = fc.nat({ max: 4096 });

test.each([
  ['KiB', Size.kibibytes(3), 3_072],
  ['MiB', Size.mebibytes(512), 536_870_912],
  ['GiB', Size.gibibytes(2), 2_147_483_648],
  ['a fraction of a GiB', Size.gibibytes(0.5), 536_870_912],
])('a %s has as many bytes as in Docker', (_unit, size, bytes) => {
  expect(size.toBytes()).toBe(bytes);
});

test('1024 of a unit equal one of the next unit', () => {
  fc.assert(
    fc.property(AMOUNTS, (amount) => {
      expect(Size.bytes(amount * 1024).toBytes()).toBe(Size.kibibytes(amount).toBytes());
      expect(Size.kibibytes(amount * 1024).toBytes()).toBe(Size.mebibytes(amount).toBytes());
      expect(Size.mebibytes(amount * 1024).toBytes()).toBe(Size.gibibytes(amount).toBytes());
    }),
  );
});

test('isLessThan compares bytes', () => {
  fc.assert(
    fc.property(AMOUNTS, AMOUNTS, (one, other) => {
      expect(Size.kibibytes(one).isLessThan(Size.kibibytes(other))).toBe(one < other);
    }),
  );
});

test('toWholeMebibytes rounds down', () => {
  expect(Size.kibibytes(2047).toWholeMebibytes()).toBe(1);
});

test('fraction returns whole MiB, and never more than the size', () => {
  fc.assert(
    fc.property(AMOUNTS, fc.double({ min: 0, max: 1, noNaN: true }), (amount, share) => {
      const part = Size.mebibytes(amount).fraction(share).toBytes();
      expect(part % Size.mebibytes(1).toBytes()).toBe(0);
      expect(part).toBeLessThanOrEqual(amount * 1024 ** 2);
    }),
  );
});

test.each([
  [Size.gibibytes(2), '2 GiB'],
  [Size.mebibytes(1536), '1536 MiB'],
  [Size.kibibytes(3), '3 KiB'],
  [Size.bytes(7), '7 B'],
  [Size.bytes(0), '0 B'],
])('a Size is printed in its largest whole unit', (size, shown) => {
  expect(String(size)).toBe(shown);
});

test.each([
  ['a negative amount', () => Size.mebibytes(-1), 'Size.mebibytes(-1): ', '-1048576 bytes'],
  ['a fraction of a byte', () => Size.bytes(0.5), 'Size.bytes(0.5): ', '0.5 bytes'],
  ['NaN', () => Size.gibibytes(NaN), 'Size.gibibytes(NaN): ', 'NaN bytes'],
  ['infinity', () => Size.gibibytes(Infinity), 'Size.gibibytes(Infinity): ', 'Infinity bytes'],
])('a Size refuses %s', (_what, create, where, given) => {
  expect(create).toThrowCode('invalid-value', where, given);
});

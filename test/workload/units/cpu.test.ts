import fc from 'fast-check';
import { Cpu } from '../../../lib';

const MILLIS = fc.integer({ min: 10, max: 256_000 });

test('Cpu counts in thousandths of a core', () => {
  expect(Cpu.cores(1.5).toMillis()).toBe(1500);
  expect(Cpu.millis(500).toMillis()).toBe(500);
});

test('a number of cores equals the same number of thousandths', () => {
  fc.assert(
    fc.property(MILLIS, (millis) => {
      const cores = Cpu.cores(millis / 1000);
      expect(cores.toMillis()).toBe(millis);
      expect(cores.isLessThan(Cpu.millis(millis))).toBe(false);
      expect(Cpu.millis(millis).isLessThan(cores)).toBe(false);
    }),
  );
});

test('isLessThan compares thousandths of a core', () => {
  fc.assert(
    fc.property(MILLIS, MILLIS, (one, other) => {
      expect(Cpu.cores(one / 1000).isLessThan(Cpu.millis(other))).toBe(one < other);
    }),
  );
});

test('a Cpu is printed in cores', () => {
  expect(String(Cpu.millis(1500))).toBe('1.5 CPU');
});

test.each([
  ['zero', () => Cpu.cores(0), 'Cpu.cores(0): ', '0 millicores'],
  ['less than Docker accepts', () => Cpu.millis(9), 'Cpu.millis(9): ', '9 millicores'],
  ['a negative amount', () => Cpu.cores(-1), 'Cpu.cores(-1): ', '-1000 millicores'],
  ['a fraction of a thousandth', () => Cpu.millis(10.5), 'Cpu.millis(10.5): ', '10.5 millicores'],
  ['NaN', () => Cpu.cores(NaN), 'Cpu.cores(NaN): ', 'NaN millicores'],
  ['infinity', () => Cpu.cores(Infinity), 'Cpu.cores(Infinity): ', 'Infinity millicores'],
])('a Cpu refuses %s', (_what, create, where, given) => {
  expect(create).toThrowCode('invalid-value', where, given);
});

import fc from 'fast-check';
import { Cpu } from '../../../lib';

const MILLIS = fc.integer({ min: 10, max: 256_000 });

test('counts in thousandths of a core', () => {
  expect(Cpu.cores(1.5).toMillis()).toBe(1500);
  expect(Cpu.millis(500).toMillis()).toBe(500);
});

test('a number of cores and the same in thousandths are one share', () => {
  fc.assert(
    fc.property(MILLIS, (millis) => {
      const cores = Cpu.cores(millis / 1000);
      expect(cores.toMillis()).toBe(millis);
      expect(cores.isLessThan(Cpu.millis(millis))).toBe(false);
      expect(Cpu.millis(millis).isLessThan(cores)).toBe(false);
    }),
  );
});

test('shares are in the order of their thousandths', () => {
  fc.assert(
    fc.property(MILLIS, MILLIS, (one, other) => {
      expect(Cpu.cores(one / 1000).isLessThan(Cpu.millis(other))).toBe(one < other);
    }),
  );
});

test('is shown to people in cores', () => {
  expect(String(Cpu.millis(1500))).toBe('1.5 CPU');
});

test.each([
  ['nothing', () => Cpu.cores(0), "Cpu.cores(0): the CPU share cannot be '0 millicores'"],
  ['less than Docker takes', () => Cpu.millis(9), "Cpu.millis(9): the CPU share cannot be '9 millicores'"],
  ['less than nothing', () => Cpu.cores(-1), "Cpu.cores(-1): the CPU share cannot be '-1000 millicores'"],
  ['a part of a thousandth', () => Cpu.millis(10.5), "Cpu.millis(10.5): the CPU share cannot be '10.5 millicores'"],
  ['no number', () => Cpu.cores(NaN), "Cpu.cores(NaN): the CPU share cannot be 'NaN millicores'"],
  ['no end', () => Cpu.cores(Infinity), "Cpu.cores(Infinity): the CPU share cannot be 'Infinity millicores'"],
])('refuses %s', (_what, create, message) => {
  expect(create).toThrow(`${message}. Give at least 0.01 core, in steps of 0.001 core.`);
});

import fc from 'fast-check';
import { Duration } from '../../../lib';

const AMOUNTS = fc.nat({ max: 10_000 });

test.each([
  ['milliseconds', Duration.milliseconds(1500), 1_500],
  ['seconds', Duration.seconds(90), 90_000],
  ['minutes', Duration.minutes(2), 120_000],
  ['hours', Duration.hours(1), 3_600_000],
  ['days', Duration.days(1), 86_400_000],
  ['a fraction of an hour', Duration.hours(0.5), 1_800_000],
])('Duration counts %s', (_unit, duration, milliseconds) => {
  expect(duration.toMilliseconds()).toBe(milliseconds);
});

test('sixty of a unit, or 24 hours, equal one of the next unit', () => {
  fc.assert(
    fc.property(AMOUNTS, (amount) => {
      expect(Duration.seconds(amount * 60).toMilliseconds()).toBe(Duration.minutes(amount).toMilliseconds());
      expect(Duration.minutes(amount * 60).toMilliseconds()).toBe(Duration.hours(amount).toMilliseconds());
      expect(Duration.hours(amount * 24).toMilliseconds()).toBe(Duration.days(amount).toMilliseconds());
    }),
  );
});

test('Duration.seconds accepts thousandths of a second', () => {
  fc.assert(
    fc.property(fc.nat({ max: 1_000_000 }), (milliseconds) => {
      expect(Duration.seconds(milliseconds / 1000).toMilliseconds()).toBe(milliseconds);
    }),
  );
});

test('toWholeSeconds rounds up, so that a short time does not become zero', () => {
  fc.assert(
    fc.property(AMOUNTS, (milliseconds) => {
      const seconds = Duration.milliseconds(milliseconds).toWholeSeconds();
      expect(seconds * 1000).toBeGreaterThanOrEqual(milliseconds);
      expect(seconds * 1000).toBeLessThan(milliseconds + 1000);
    }),
  );
});

test.each([
  ['a negative amount', () => Duration.seconds(-1), 'Duration.seconds(-1): ', '-1000 ms'],
  ['a fraction of a millisecond', () => Duration.milliseconds(0.5), 'Duration.milliseconds(0.5): ', '0.5 ms'],
  ['NaN', () => Duration.hours(NaN), 'Duration.hours(NaN): ', 'NaN ms'],
  ['infinity', () => Duration.days(Infinity), 'Duration.days(Infinity): ', 'Infinity ms'],
])('a Duration refuses %s', (_what, create, where, given) => {
  expect(create).toThrowCode('invalid-value', where, given);
});

import fc from 'fast-check';
import { Duration } from '../../../lib';

const AMOUNTS = fc.nat({ max: 10_000 });

test.each([
  ['milliseconds', Duration.milliseconds(1500), 1_500],
  ['seconds', Duration.seconds(90), 90_000],
  ['minutes', Duration.minutes(2), 120_000],
  ['hours', Duration.hours(1), 3_600_000],
  ['days', Duration.days(1), 86_400_000],
  ['part of an hour', Duration.hours(0.5), 1_800_000],
])('counts %s', (_unit, duration, milliseconds) => {
  expect(duration.toMilliseconds()).toBe(milliseconds);
});

test('sixty of a unit are one of the next', () => {
  fc.assert(
    fc.property(AMOUNTS, (amount) => {
      expect(Duration.seconds(amount * 60).toMilliseconds()).toBe(Duration.minutes(amount).toMilliseconds());
      expect(Duration.minutes(amount * 60).toMilliseconds()).toBe(Duration.hours(amount).toMilliseconds());
      expect(Duration.hours(amount * 24).toMilliseconds()).toBe(Duration.days(amount).toMilliseconds());
    }),
  );
});

test('takes seconds down to a thousandth', () => {
  fc.assert(
    fc.property(fc.nat({ max: 1_000_000 }), (milliseconds) => {
      expect(Duration.seconds(milliseconds / 1000).toMilliseconds()).toBe(milliseconds);
    }),
  );
});

test('whole seconds are rounded up, so that a short time does not become none', () => {
  fc.assert(
    fc.property(AMOUNTS, (milliseconds) => {
      const seconds = Duration.milliseconds(milliseconds).toWholeSeconds();
      expect(seconds * 1000).toBeGreaterThanOrEqual(milliseconds);
      expect(seconds * 1000).toBeLessThan(milliseconds + 1000);
    }),
  );
});

test.each([
  ['less than nothing', () => Duration.seconds(-1), "Duration.seconds(-1): the duration cannot be '-1000 ms'"],
  [
    'a part of a millisecond',
    () => Duration.milliseconds(0.5),
    "Duration.milliseconds(0.5): the duration cannot be '0.5 ms'",
  ],
  ['no number', () => Duration.hours(NaN), "Duration.hours(NaN): the duration cannot be 'NaN ms'"],
  ['no end', () => Duration.days(Infinity), "Duration.days(Infinity): the duration cannot be 'Infinity ms'"],
])('refuses %s', (_what, create, message) => {
  expect(create).toThrow(`${message}. Give a duration of whole milliseconds, zero or more.`);
});

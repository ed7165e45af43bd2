import { DeskFixture } from '../desk/fixture';

const desk = new DeskFixture();

test.each([
  ['a day that its month does not have', '2026-02-30T10:00:00Z'],
  ['a day of a leap year', '2026-02-29T10:00:00+01:00'],
  ['an hour after the last one', '2026-01-31T24:00:00Z'],
  ['a minute after the last one', '2026-01-31T10:60Z'],
  ['a zone that does not exist', '2026-01-31T10:00:00+99:00'],
  ['no zone', '2026-01-31T10:00:00'],
])('restore --at refuses %s', async (_, time) => {
  const { exitCode, stderr } = await desk.run(['restore', 'desk', 'db', '--at', time, '--yes'], {}, 'backup');

  expect(exitCode).toBe(2);
  expect(stderr).toContain(`argument '${time}' is invalid. Use a time that exists, with its zone`);
});

test.each(['2028-02-29T23:59Z', '2026-01-31T23:59:59.999-05:00'])('restore --at accepts %s', async (time) => {
  const { stderr } = await desk.run(['restore', 'desk', 'db', '--at', time, '--yes'], {}, 'backup');

  expect(stderr).not.toContain('is invalid');
});

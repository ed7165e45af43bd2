import { InvalidArgumentError } from 'commander';

/**
 * The value of an option that is a time. Without a zone it would be that of this machine, and not that of the engine.
 * JavaScript takes 30 February for a day in March, and 24:00 for the next day: another time than the one that was meant.
 * @param alternatives what else the option accepts, for the error
 */
export function timeWithZone(text: string, alternatives = ''): Date {
  const [, local] = TIME_WITH_ZONE.exec(text) ?? [];
  const time = new Date(text);
  const asWritten = new Date(`${local ?? ''}Z`);
  const exists = ![time, asWritten].some((one) => Number.isNaN(one.getTime()));
  if (local !== undefined && exists && asWritten.toISOString().startsWith(local)) return time;
  throw new InvalidArgumentError(
    `Use ${alternatives}a time that exists, with its zone, such as '2026-01-31T13:59:00Z' or '2026-01-31T14:59:00+01:00'.`,
  );
}

/** With the local time to the minute. */
const TIME_WITH_ZONE = /^(\d{4}-\d\d-\d\dT\d\d:\d\d)(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)$/;

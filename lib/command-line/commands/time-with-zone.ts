import { InvalidArgumentError } from 'commander';

/**
 * The value of an option that is a time. Without a zone it would be that of this machine, and not that of the engine.
 * @param alternatives what else the option accepts, for the error
 */
export function timeWithZone(text: string, alternatives = ''): Date {
  const time = new Date(text);
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/.test(text) && !Number.isNaN(time.getTime())) {
    return time;
  }
  throw new InvalidArgumentError(
    `Use ${alternatives}a time with its zone, such as '2026-01-31T13:59:00Z' or '2026-01-31T14:59:00+01:00'.`,
  );
}

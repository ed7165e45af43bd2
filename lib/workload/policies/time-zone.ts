import { Token } from 'cdktf';
import { distance } from 'fastest-levenshtein';
import { invalidValue } from '../../errors';

/** A rule as in POSIX, such as `UTC-2` or `CET-1CEST,M3.5.0,M10.5.0/3`: a name and its distance from UTC. */
const POSIX_RULE = /^(?:[A-Za-z]{3,}|<[A-Za-z0-9+-]{3,}>)[+-]?\d/;
/** Other trees of the database, and what is configured in the image. */
const OTHER_NAMES = /^(?:posix|right)\/(?=.)|^localtime$/;

/** Old names that `Intl` still takes and that are no files. Source: the file `icuzones` of ICU. */
const ONLY_IN_ICU = /^(?:A[CEGRS]T|B[ES]T|C[ANST]T|CTT|E[AC]T|I[ES]T|JST|MIT|N[ES]T|P[LNRS]T|SST|VST)$/;

/**
 * Checks the variable `TZ`: with a name that does not exist, the C library uses UTC and reports nothing.
 * Source: https://www.gnu.org/software/libc/manual/html_node/TZ-Variable.html
 *
 * @throws TradingStackError unless it is a time zone, a rule as in POSIX, or the path of a file
 */
export function checkTimeZone(value: string | undefined, where: string): void {
  if (value === undefined || /^(?:$|[:/])/.test(value) || Token.isUnresolved(value)) return;
  if (POSIX_RULE.test(value)) return;
  const name = value.replace(OTHER_NAMES, '');
  if (name === '' || name === 'utc' || isTimeZone(name)) return;
  const nearest = nearestTo(name)
    .map((zone) => `'${zone}'`)
    .join(', ');
  const allowed = `a time zone that exists, such as ${nearest} (with any other, programs run in UTC), or a file: ':/srv/zone'`;
  throw invalidValue(where, 'the variable TZ', value, allowed);
}

function isTimeZone(name: string): boolean {
  // `Intl` also takes offsets, and names in any case; files have one case.
  if (!/^[A-Z]/.test(name) || ONLY_IN_ICU.test(name) || zones().some((zone) => isSame(zone, name) && zone !== name))
    return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

function zones(): string[] {
  return ['UTC', ...Intl.supportedValuesOf('timeZone')];
}

/** The most similar names, or the one that differs in case or punctuation only. */
function nearestTo(name: string): string[] {
  const edits = (zone: string): number =>
    Math.min(distance(plain(name), plain(zone)), distance(plain(name), plain(zone.slice(zone.lastIndexOf('/') + 1))));
  const sorted = zones()
    .map((zone) => ({ zone, edits: edits(zone) }))
    .sort((a, b) => a.edits - b.edits);
  return sorted.slice(0, sorted[0]?.edits === 0 ? 1 : 3).map(({ zone }) => zone);
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9/]/g, '');
}

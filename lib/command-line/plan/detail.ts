import { arrow, type Difference } from './compare';

/** One difference between a resource as it is and as it will be. */
export interface Detail {
  /** The setting: `memory`, `MAX_POSITION_SIZE_PCT`, `file /etc/app.conf`. */
  readonly setting: string;
  /** `null` if there was none, or if the value must not be shown. */
  readonly before: string | null;
  readonly after: string | null;
  /** In one line. */
  readonly text: string;
  /** Lines of a file that differ. */
  readonly lines: readonly string[];
}

/** `2 lines added, 1 line removed` */
export function describeLines(added: number, removed: number): string {
  const count = (number: number, what: string): string => `${number} ${number === 1 ? 'line' : 'lines'} ${what}`;
  if (added === removed) return added === 0 ? 'changed' : count(added, 'changed');
  return [...(added > 0 ? [count(added, 'added')] : []), ...(removed > 0 ? [count(removed, 'removed')] : [])].join(
    ', ',
  );
}

/** Of a setting that is a list. */
export function itemDetail(difference: Difference): Detail {
  const { name, before, after } = difference;
  if (before !== null && after !== null) return detail(name, before, after, `${name} ${arrow(before, after)}`);
  return detail(name, before, after, `${name} ${before ?? after ?? ''} ${changeWord(difference)}`);
}

export function changeWord({ before, after }: Difference, changed = 'changed'): string {
  if (before === null) return 'added';
  return after === null ? 'removed' : changed;
}

export function detail(setting: string, before: string | null, after: string | null, text: string): Detail {
  return { setting, before, after, text, lines: [] };
}

/** Without values. */
export function hidden(setting: string, what: string): Detail {
  return detail(
    setting,
    null,
    null,
    `${setting}${/^(content|secret|file)\b/.test(setting) && what.includes(' ') ? ':' : ''} ${what}`,
  );
}

/** A reason. */
export function note(text: string): Detail {
  return detail('reason', null, null, text);
}

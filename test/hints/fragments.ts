import * as library from '../../lib';
import { NETWORK_OPTIONS } from '../../lib/platform/network';
import { WORKLOAD_PROPS } from '../../lib/workload/workload-props';

const NAMES = Object.keys(library).filter((name) => /^[A-Z][a-z]/.test(name));
// `name` is an ordinary word as well.
const OPTIONS = [
  ...Object.keys(WORKLOAD_PROPS),
  ...Object.keys(NETWORK_OPTIONS),
  'engineVersion',
  'providerVersion',
].filter((one) => one !== 'name');
const MEMBER = new RegExp(`(?<!\\bRemove )\\b(?:new )?(?:${NAMES.join('|')})(?:\\.\\w+|(?=\\())`);
const OPTION = new RegExp(
  `(?<!\\bRemove )\\b(?:${OPTIONS.join('|')}): (?=[[{'\\d]|true|false|(?:${NAMES.join('|')})\\b)`,
);
const LIST = /(?<= )(?=\['|\{ \w+: ')/;
const START = new RegExp(`${OPTION.source}|${MEMBER.source}|${LIST.source}`, 'g');

/** The code in a message: members of the library, with their arguments, and options with a value. */
export function fragmentsOf(message: string): string[] {
  const fragments: string[] = [];
  START.lastIndex = 0;
  for (let match = START.exec(message); match !== null; match = START.exec(message)) {
    const end = endOf(message, match.index + match[0].length);
    fragments.push(message.slice(match.index, end));
    START.lastIndex = end;
  }
  return fragments;
}

/** The end of the value, or of the arguments, that starts here. */
function endOf(text: string, start: number): number {
  let position = start;
  let depth = 0;
  let quote = '';
  for (; position < text.length; position++) {
    const sign = text.charAt(position);
    if (quote !== '') {
      if (sign === quote) quote = '';
    } else if (sign === "'") quote = sign;
    else if ('([{'.includes(sign)) depth++;
    else if (')]}'.includes(sign)) {
      if (depth === 0) return position;
      depth--;
    } else if (depth === 0 && !/[\w.]/.test(sign)) return text.charAt(position - 1) === '.' ? position - 1 : position;
  }
  return text.endsWith('.') && depth === 0 ? position - 1 : position;
}

/** Code as it is compared: layout and the commas that a formatter adds do not matter. */
export function compact(code: string): string {
  return code.replace(/\s+/g, '').replace(/,(?=[)\]}])/g, '');
}

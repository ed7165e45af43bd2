import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { COMPOSE_HINTS } from '../../lib/workload/compose-hints';

export const COMPOSE_GUIDE = resolve(__dirname, '../../docs/guides/coming-from-compose.md');

const MARK = '<!-- keys -->\n';

/** The guide with the table of Compose's keys and their current hints. */
export function composeGuide(): string {
  const [head = ''] = readFileSync(COMPOSE_GUIDE, 'utf8').split(MARK);
  const rows = [...COMPOSE_HINTS.unknown]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, { text }]) => `| \`${key}\` | ${text.replaceAll('|', '\\|')} |`);
  return [`${head}${MARK}`, '| Key | Here |', '|---|---|', ...rows, ''].join('\n');
}

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { readResults, type Result } from './results';

export const VERSIONS_GUIDE = resolve(__dirname, '../../docs/guides/versions.md');

const MARK = '<!-- results -->\n';

/** API version from which Docker Engine 29 answers. */
const NEW_MINIMUM_API = '1.44';

/** The guide with the table of what ran on what. */
export function versionsGuide(): string {
  const [head = ''] = readFileSync(VERSIONS_GUIDE, 'utf8').split(MARK);
  return [
    `${head}${MARK}`,
    '| Docker Engine | Stack | Connection | Docker provider | Program | Date | Result |',
    '|---|---|---|---|---|---|---|',
    ...readResults().map(rowOf),
    '',
  ].join('\n');
}

function rowOf(result: Result): string {
  const { engine, minimumApi, mode, connection, provider, program, date, failedAt } = result;
  const isRestricted = minimumApi === NEW_MINIMUM_API;
  const cells = [
    isRestricted ? `${engine}, API ${minimumApi} and up` : engine,
    mode === 'Swarm' ? 'MT5 on a Swarm of one node' : 'MT5 in containers',
    connection,
    provider,
    program,
    date,
    failedAt === null ? 'passed' : `failed: ${failedAt}`,
  ];
  return `| ${cells.join(' | ')} |`;
}

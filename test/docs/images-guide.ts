import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { KNOWN_IMAGES } from '../../lib/workload/images/catalog/catalog';
import type { KnownImage, KnownSecrets } from '../../lib/workload/images/catalog/known-image';

export const IMAGES_GUIDE = resolve(__dirname, '../../docs/guides/images.md');

const MARK = '<!-- images -->\n';

/** The guide with the table of the images that are known. */
export function imagesGuide(): string {
  const [head = ''] = readFileSync(IMAGES_GUIDE, 'utf8').split(MARK);
  const rows = KNOWN_IMAGES.map((image) => `| ${cellsOf(image).join(' | ')} |`);
  const columns = ['Image', 'Secrets in files', 'Data', 'Memory', 'Health check'];
  return [`${head}${MARK}`, `| ${columns.join(' | ')} |`, `|${'---|'.repeat(columns.length)}`, ...rows, ''].join('\n');
}

function cellsOf({
  name,
  repositories,
  sources,
  asOf,
  secrets = {},
  data = [],
  memory,
  healthCheck,
}: KnownImage): string[] {
  const [repository = ''] = repositories;
  return [
    `[${name}](${sources[0] ?? ''}) \`${repository}\`, ${asOf}`,
    secretsOf(secrets),
    data.map(({ path, declared = path }) => `\`${declared}\``).join(', '),
    memory === undefined ? '' : `${memory.mebibytes} MiB: ${memory.reason}`,
    // Markdown ends a cell at a bar, also in code.
    healthCheck === undefined ? '' : `\`${healthCheck.replaceAll('|', '\\|')}\``,
  ];
}

function secretsOf({ files, plain, suffix, construct }: KnownSecrets): string {
  if (construct !== undefined) return `no variables; use \`${construct}\``;
  if (suffix !== undefined) return `\`NAME${suffix}\``;
  const names = files?.map((name) => `\`${name}\``).join(', ');
  return names ?? (plain === undefined ? '' : 'none; export them');
}

import { describeProbe } from '../../lib/workload/health/probes';

/** Terraform that is to be compared with a snapshot. */
export class Reviewed {
  constructor(readonly terraform: unknown) {}
}

/**
 * Prints Terraform for a reviewer: YAML-like, one setting per line, without what cdktf adds for itself and without
 * hashes, which change with every byte of a source.
 */
export const reviewSnapshot: jest.SnapshotSerializerPlugin = {
  test: (value: unknown) => value instanceof Reviewed,
  serialize: (value: Reviewed) => print(value.terraform, ''),
};

function print(value: unknown, indent: string): string {
  if (Array.isArray(value)) {
    if (value.length === 0) return ' []';
    if (value.every((item) => typeof item !== 'object')) return ` [${value.map(argument).join(', ')}]`;
    return value.map((item) => `\n${indent}-${print(item, `${indent}  `).replace(/^\n\s*/, ' ')}`).join('');
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([key, item]) => key !== '//' && !isEmpty(item));
    if (entries.length === 0) return ' {}';
    return entries.map(([key, item]) => `\n${indent}${key}:${print(item, `${indent}  `)}`).join('');
  }
  return ` ${scalar(value)}`;
}

/** The script of `sh -c` is dozens of lines, and has tests of its own that run it. */
function argument(value: unknown, index: number, all: readonly unknown[]): string {
  return all[index - 1] === '-c' && String(value).includes('\n') ? '<script>' : scalar(value);
}

function isEmpty(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

function scalar(value: unknown): string {
  if (typeof value !== 'string') return String(value);
  // A generated dashboard is hundreds of lines, which have tests of their own.
  if (value.startsWith('{\n') && value.length > 1000) return '<a JSON document>';
  // The line for the shell is longer than the rest of a service, and has tests of its own that run it.
  const probe = describeProbe(value);
  if (probe !== undefined) return `<${probe}>`;
  const shown = value.replace(/\b[0-9a-f]{16}\b/g, '<hash>');
  return shown.includes('\n') || shown === '' ? JSON.stringify(shown) : shown;
}

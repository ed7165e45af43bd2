import type { Platform } from '../platform/platform';
import { architectureOf } from './architecture';
import { capacityOf } from './capacity';

/** Architecture and capacity of a stack, in Markdown; the same for the same stack, so that it can be committed. */
export function reportOf(platform: Platform): string {
  return (
    [
      `# ${platform.stackId}`,
      `Written by \`synth\`, for the ${platform.engine.name} engine.`,
      '## Architecture',
      ['```mermaid', architectureOf(platform), '```'].join('\n'),
      'Solid arrows are connections, dotted ones start order without a connection to a known port.',
      '## Capacity',
      capacityOf(platform),
      'Limits are upper bounds: their sum may exceed the host, but then the workloads cannot all use theirs at once.',
      '',
    ]
      .join('\n\n')
      .trimEnd() + '\n'
  );
}

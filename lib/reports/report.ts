import type { Platform } from '../platform/platform';
import { architectureOf } from './architecture';
import { capacityOf } from './capacity';

/** Architecture and capacity of a stack, in Markdown; the same for the same stack, so that it can be committed. */
export function reportOf(platform: Platform): string {
  return (
    [
      `# ${platform.stackId}`,
      `Written by \`synth\`, for ${platform.engine.traits.hasRemoteNodes ? 'a Docker Swarm' : 'Docker Engine'}.`,
      '## Architecture',
      ['```mermaid', architectureOf(platform), '```'].join('\n'),
      'Solid arrows are connections of services and published ports. Dotted ones are what else a service starts after. ' +
        'Scrapes of metrics and what is sent to an Alertmanager are not drawn.',
      '## Capacity',
      capacityOf(platform),
      'Limits are upper bounds: their sum may exceed the host, but then the workloads cannot all use theirs at once. ' +
        'A MB of log files is 1,000,000 bytes, as Docker counts them.',
      '',
    ]
      .join('\n\n')
      .trimEnd() + '\n'
  );
}

import type { TradingStack } from '../../index';
import { type HealthCheckSpec, isLoopback, publishedAt, type RegisteredWorkload, serviceIdOf } from '../../internal';
import { tunnelTo } from '../connection/tunnel';
import { code, table } from '../output/markdown';
import { quoted } from '../output/quoted';
import { serviceNames } from '../services/services';
import { usesWorkload } from '../services/usage';
import { operationsOf } from './operations';

/** What to run for every task, and what each service is for the others, in Markdown. */
export function runbookOf(stack: TradingStack): string {
  const { workloads } = stack.platform;
  const tasks = operationsOf(stack).flatMap(({ title, operations, notes = [] }) => [
    `## ${title}`,
    table(
      ['To …', 'run'],
      operations.map(({ task, command: [name, ...words] }) => [
        task,
        code(['npm', 'run', name, '--', ...words].map(quoted).join(' ')),
      ]),
    ),
    ...notes,
  ]);
  return (
    [
      `# Runbook of ${stack.node.id}`,
      'Written by `synth`. The commands are run in the folder of the project.',
      ...tasks,
      '## Services',
      'The services in the last column connect to the one in the first, or start only after it.',
      table(
        ['Service', 'is healthy if', 'is published at', 'is used by'],
        workloads.filter(isFirstReplica).map((workload) => serviceRow(workload, workloads)),
      ),
      ...loopbackNote(workloads),
      `To read the log of one of them, run ${code(`npm run logs -- ${stack.node.id} <service> --since 15m`)}.`,
    ].join('\n\n') + '\n'
  );
}

/** A reader may take the address for one of the own machine. */
function loopbackNote(workloads: readonly RegisteredWorkload[]): string[] {
  const port = workloads.flatMap(({ spec }) => spec.ports).find(isLoopback);
  if (port === undefined) return [];
  const tunnel = tunnelTo('<user>@<server>', [port.host]);
  return [
    'Every address that begins with 127.0.0.1 is one of the machine that the engine runs on. If that is another machine, ' +
      `\`DOCKER_HOST\` has to name its engine for all commands of this runbook: ${code('export DOCKER_HOST=ssh://<user>@<server>')}. ` +
      `To reach such a port from this machine, forward it: ${code(tunnel)}. A deploy prints this command for all of them.`,
  ];
}

function isFirstReplica(
  { spec }: RegisteredWorkload,
  index: number,
  workloads: readonly RegisteredWorkload[],
): boolean {
  const id = serviceIdOf(spec);
  return workloads.findIndex((other) => serviceIdOf(other.spec) === id) === index;
}

function serviceRow(workload: RegisteredWorkload, workloads: readonly RegisteredWorkload[]): string[] {
  const { spec } = workload;
  const users = workloads.filter((other) => usesWorkload(other, workload));
  return [
    spec.kind === 'job' ? `${serviceIdOf(spec)} (job)` : serviceIdOf(spec),
    spec.kind === 'job' ? 'its last run exited with 0' : healthOf(spec.healthCheck),
    spec.ports.map(publishedAt).join(', '),
    serviceNames(users).join(', '),
  ];
}

function healthOf(check: HealthCheckSpec | null): string {
  switch (check?.probe.kind) {
    case undefined:
    case 'none':
      return 'no health check: it counts as healthy while it runs';
    case 'http':
      return `${code(`GET http://${check.probe.host}:${check.probe.port}${check.probe.path}`)} succeeds`;
    case 'tcp':
      return `it accepts connections on port ${check.probe.port}`;
    case 'heartbeat':
      return `it touches ${code(check.probe.path)} every ${check.probe.maximumAgeSeconds} s`;
    case 'command':
      return `${code(check.test.slice(1).join(' '))} exits with 0`;
    case 'image':
      return "its image's own check succeeds";
  }
}

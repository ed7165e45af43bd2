import { type RegisteredWorkload, replacedCheck } from '../../internal';
import { withoutControls } from '../output/control-sequences';
import type { ContainerDetails } from '../engine/responses';

/** What the health check of a container asked, how often it failed, and with what result. */
export function describeFailedCheck(workload: RegisteredWorkload, details: ContainerDetails | undefined): string {
  const { Log, FailingStreak = 0 } = details?.State.Health ?? {};
  const last = Log?.at(-1);
  const { healthCheck, environment } = workload.spec;
  // Any other result is that of a shell or a program that could not be started.
  if (healthCheck?.probe.kind === 'heartbeat' && last?.ExitCode === 1) {
    const { path, maximumAgeSeconds } = healthCheck.probe;
    const isOfWorker = environment.HEARTBEAT_FILE === path;
    return isOfWorker
      ? `it did not touch the file in HEARTBEAT_FILE (${path}) within ${maximumAgeSeconds} s; set another \`healthCheck\` ` +
          'if the program does not know that variable'
      : `it did not touch the file ${path} within ${maximumAgeSeconds} s`;
  }
  const result = last === undefined ? '' : `, last with ${describeResult(last)}`;
  return `${probeOf(workload, details)} failed ${FailingStreak} times${result}`;
}

function probeOf({ spec }: RegisteredWorkload, details: ContainerDetails | undefined): string {
  const probe = spec.healthCheck?.probe;
  if (probe?.kind === 'http') return `GET http://${probe.host}:${probe.port}${probe.path}`;
  if (probe?.kind === 'tcp') return `a connection to port ${probe.port}`;
  const [, ...words] = replacedCheck(spec.healthCheck)?.test ?? details?.Config.Healthcheck?.Test ?? [];
  return `the health check \`${words.join(' ')}\``;
}

function describeResult({ ExitCode, Output }: { readonly ExitCode: number; readonly Output: string }): string {
  const line = withoutControls(Output).trim().split('\n').at(-1) ?? '';
  // What the engine reports instead of an exit code.
  if (ExitCode === -1) return line;
  return `exit code ${ExitCode}${line === '' ? '' : ` (${line})`}`;
}

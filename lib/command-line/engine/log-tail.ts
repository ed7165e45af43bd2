import type { TradingStack } from '../../index';
import { lastLines } from './container-log';
import { type DockerApi, reasonOf } from './docker-api';
import type { Output } from '../output/output';
import { redaction } from '../output/redaction';
import { describeState, failedJobs, type WorkloadState } from './workload-state';

/** The state of a workload and the end of its log. */
export interface LogTail {
  readonly name: string;
  readonly state: string;
  readonly log: readonly string[];
}

/**
 * The last log lines of the workloads' containers.
 * @param redact removes the values of secrets
 */
export function logTailsOf(
  states: readonly WorkloadState[],
  docker: DockerApi,
  redact: (text: string) => string,
): Promise<LogTail[]> {
  return Promise.all(
    states.map(async (state) => {
      const lines = state.container === null ? [] : await logOf(state.container, docker);
      return { name: state.workload.spec.name, state: describeState(state), log: lines.map(redact) };
    }),
  );
}

/** Prints each log once: replicas fail for the same reason. */
export function printLogTails(tails: readonly LogTail[], output: Output): void {
  const printed = new Map<string, string>();
  for (const { name, state, log } of tails) {
    output.heading(`\n${name}: ${state}`);
    const content = withoutTimes(log);
    const earlier = printed.get(content);
    if (log.length === 0) output.say('  (no output)');
    else if (earlier !== undefined) output.say(`  (the same output as ${earlier})`);
    else for (const line of log) output.say(`  ${line}`);
    printed.set(content, earlier ?? name);
  }
}

/** Times, process ids and the like differ between attempts that fail in the same way. */
function withoutTimes(log: readonly string[]): string {
  return log.join('\n').replace(/\d+/g, '0');
}

/** Addresses of the jobs that failed in the last run; prints a line for each. */
export function jobsToRepeat(states: readonly WorkloadState[], output: Output): string[] {
  const failed = failedJobs(states);
  for (const { workload, exitCode } of failed) {
    output.say(
      `The job ${workload.spec.name} failed with exit code ${exitCode ?? ''} in its last run and will run again.`,
    );
  }
  return failed.map(({ workload }) => workload.address);
}

/**
 * Shows the logs of stopped services while they exist.
 * @param removesStopped whether planning makes the provider remove the containers
 */
export async function showStopped(
  stopped: readonly WorkloadState[],
  stack: TradingStack,
  { docker, removesStopped }: { readonly docker: DockerApi; readonly removesStopped: boolean },
  output: Output,
): Promise<void> {
  if (stopped.length === 0) return;
  printLogTails(await logTailsOf(stopped, docker, redaction(stack)), output);
  const what = removesStopped
    ? 'Planning removes stopped containers with their logs; the deploy recreates them.'
    : 'The deploy starts stopped containers again.';
  output.say(`\n${what}`);
}

/** A sentence about what planning changed if nothing was applied: the provider may have removed stopped containers. */
export async function changedByPlan(stopped: readonly WorkloadState[], docker: DockerApi): Promise<string | undefined> {
  const gone: string[] = [];
  for (const { workload, container } of stopped) {
    if (container === null) continue;
    // If the engine does not answer, the container may be gone.
    if ((await docker.inspect(container).catch(() => undefined)) === undefined) gone.push(workload.spec.name);
  }
  if (gone.length === 0) return undefined;
  const what = gone.length === 1 ? 'the stopped container' : 'the stopped containers';
  return `Nothing was changed, except that planning removed ${what} ${gone.join(', ')}. Run deploy to recreate what is missing.`;
}

/** Some logging drivers do not support reading: the reason is shown instead. */
function logOf(container: string, docker: DockerApi): Promise<string[]> {
  return lastLines(container, docker).catch((error: unknown) => [`(${reasonOf(error)})`]);
}

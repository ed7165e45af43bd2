import { type DockerApi, reasonOf } from './docker-api';
import type { Output } from '../output/output';
import { describeState, failedJobs, type WorkloadState } from './workload-state';

const LINES = 20;

/** The state of a workload and the end of its log. */
export interface LastWords {
  readonly name: string;
  readonly state: string;
  readonly log: readonly string[];
}

/**
 * The last log lines of the workloads' containers.
 * @param redact removes the values of secrets
 */
export function lastWordsOf(
  states: readonly WorkloadState[],
  docker: DockerApi,
  redact: (text: string) => string,
): Promise<LastWords[]> {
  return Promise.all(
    states.map(async (state) => {
      const lines = state.container === null ? [] : await logOf(state.container, docker);
      return { name: state.workload.spec.name, state: describeState(state), log: lines.map(redact) };
    }),
  );
}

export function printLastWords(words: readonly LastWords[], output: Output): void {
  for (const { name, state, log } of words) {
    output.heading(`\n${name}: ${state}`);
    for (const line of log) output.say(`  ${line}`);
    if (log.length === 0) output.say('  (no output)');
  }
}

/** Addresses of the jobs that failed in the last run; prints a line for each. */
export function jobsToRepeat(states: readonly WorkloadState[], output: Output): string[] {
  const failed = failedJobs(states);
  for (const { workload, exitCode } of failed) {
    output.say(`The job ${workload.spec.name} failed with exit code ${exitCode ?? ''} in its last run and runs again.`);
  }
  return failed.map(({ workload }) => workload.address);
}

/** Some logging drivers do not support reading: the reason is shown instead. */
function logOf(container: string, docker: DockerApi): Promise<string[]> {
  return docker.logs(container, LINES).catch((error: unknown) => [`(${reasonOf(error)})`]);
}

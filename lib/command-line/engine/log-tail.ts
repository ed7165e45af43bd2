import { type DockerApi, reasonOf } from './docker-api';
import type { Output } from '../output/output';
import { describeState, failedJobs, type WorkloadState } from './workload-state';

const LINES = 20;

/** How a workload is doing, and what it wrote last. */
export interface LastWords {
  readonly name: string;
  readonly state: string;
  readonly log: readonly string[];
}

/**
 * The last lines of the workloads' containers.
 * @param redact takes the values of secrets out of them
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
    if (log.length === 0) output.say('  (it wrote nothing)');
  }
}

/** Addresses of the jobs that failed the last time, and says so of each. */
export function jobsToRepeat(states: readonly WorkloadState[], output: Output): string[] {
  const failed = failedJobs(states);
  for (const { workload, exitCode } of failed) {
    output.say(`The job ${workload.spec.name} ended with exit code ${exitCode ?? ''} the last time: it runs again.`);
  }
  return failed.map(({ workload }) => workload.address);
}

/** Some logging drivers keep nothing that could be read: the reason then. */
function logOf(container: string, docker: DockerApi): Promise<string[]> {
  return docker.logs(container, LINES).catch((error: unknown) => [`(${reasonOf(error)})`]);
}

import { setTimeout } from 'node:timers/promises';
import type { Backup, TradingStack } from '../../index';
import type { RegisteredWorkload } from '../../internal';
import type { DockerApi } from '../engine/docker-api';
import { DockerWrites } from '../engine/docker-writes';
import { hasTasks, statesOf } from '../engine/workload-state';
import type { Output } from '../output/output';
import { addressesUnder } from './users';

/** The jobs of a server that have to run again after a restore, such as those that create tokens. */
export function jobsOf({ server, jobsRunAgain }: Backup, stack: TradingStack): RegisteredWorkload[] {
  if (!jobsRunAgain) return [];
  const own = addressesUnder(server);
  return stack.platform.workloads.filter(({ spec, address }) => spec.kind === 'job' && own.has(address));
}

/**
 * Runs jobs again, one after the other.
 * @returns the names of those that did not succeed
 */
export async function runAgain(
  jobs: readonly RegisteredWorkload[],
  docker: DockerApi,
  output: Output,
): Promise<string[]> {
  const failed: string[] = [];
  for (const job of jobs) {
    const { name } = job.spec;
    if (await output.during(`run ${name} again`, succeeds(job, docker))) output.say(`Ran ${name} again.`);
    else failed.push(name);
  }
  return failed;
}

async function succeeds(job: RegisteredWorkload, docker: DockerApi): Promise<boolean> {
  const [before] = await statesOf([job], docker);
  // One without a container is created by the next deploy; a Swarm has no container to start.
  if (before?.container == null || hasTasks(job)) return false;
  await new DockerWrites(docker).startContainer(before.container);
  for (;;) {
    const [state] = await statesOf([job], docker);
    if (state?.status === 'exited') return state.exitCode === 0;
    if (state?.status !== 'running') return false;
    await setTimeout(200);
  }
}

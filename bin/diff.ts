import type { App } from 'cdktf';
import type { TradingStack } from '../lib';
import type { DockerApi } from './docker-api';
import type { Output } from './output';
import { prepare } from './prepare';
import { stackNamed } from './stacks';
import { failedJobs, statesOf } from './workload-state';

/** Shows what a deploy would change, and returns whether there is anything. */
export async function diff(app: App, name: string, output: Output): Promise<boolean> {
  const stack = stackNamed(app, name);
  const { docker, terraform } = await prepare(app, stack, { secrets: true, ports: false }, output);
  const replace = await jobsToRepeat(stack, docker, output);
  return terraform.plan({ replace }, ({ isEmpty }) => Promise.resolve(!isEmpty));
}

/** Addresses of the jobs that failed the last time, and says so of each. */
export async function jobsToRepeat(
  stack: TradingStack,
  docker: DockerApi | undefined,
  output: Output,
): Promise<string[]> {
  if (docker === undefined) return [];
  const failed = failedJobs(await statesOf(stack.platform.workloads, docker));
  for (const { workload, exitCode } of failed) {
    output.say(`The job ${workload.spec.name} ended with exit code ${exitCode ?? ''} the last time: it runs again.`);
  }
  return failed.map(({ workload }) => workload.address);
}

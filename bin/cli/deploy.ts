import type { App } from 'cdktf';
import type { TradingStack } from '../../lib';
import { checkSomebodyCanConfirm, confirm } from './confirm';
import { jobsToRepeat } from './diff';
import type { DockerApi } from './docker-api';
import { lastWordsOf, printLastWords } from './last-words';
import { ExitCode, type Output } from './output';
import { prepare } from './prepare';
import { printRunning, reportRunning } from './report';
import { redaction } from './secrets';
import { Rollouts } from './rollouts';
import { stackNamed } from './stacks';
import type { Plan } from './terraform';
import { isTroubled, statesOf, stoppedServices, type WorkloadState } from './workload-state';

/** Brings the stack up as it is described, after showing what that changes. */
export async function deploy(
  app: App,
  name: string,
  options: { readonly yes: boolean },
  output: Output,
): Promise<number> {
  const stack = stackNamed(app, name);
  checkSomebodyCanConfirm(options.yes);
  const { docker, terraform } = await prepare(app, stack, { secrets: true, start: true }, output);
  const states = docker === undefined ? [] : await statesOf(stack.platform.workloads, docker);
  if (docker !== undefined) await showStopped(stack, states, docker, output);
  const replace = jobsToRepeat(states, output);
  const rollouts = await Rollouts.before(stack.platform.workloads, docker);
  const outcome = await terraform.plan({ replace }, (plan) => carryOut(plan, options.yes));
  const notUpdated = outcome === 'unchanged' ? [] : await output.during('the Swarm', rollouts.problems());

  if (outcome === 'failed' || notUpdated.length > 0) {
    await showTroubled(stack, docker, notUpdated, output);
    return ExitCode.FAILED;
  }
  await showRunning(stack, docker, outcome, output);
  return ExitCode.DONE;
}

/** What has ended, as long as its log is there: the plan makes the provider remove it. */
async function showStopped(
  stack: TradingStack,
  states: readonly WorkloadState[],
  docker: DockerApi,
  output: Output,
): Promise<void> {
  const stopped = stoppedServices(states);
  if (stopped.length === 0) return;
  printLastWords(await lastWordsOf(stopped, docker, redaction(stack)), output);
  output.say('\nWhat is not running is removed when the plan is made, its log too, and the deploy starts it anew.');
}

type Outcome = 'unchanged' | 'deployed' | 'failed';

async function carryOut(plan: Plan, yes: boolean): Promise<Outcome> {
  if (plan.isEmpty) return 'unchanged';
  if (!yes) await confirm('Apply these changes?', 'they are not applied.');
  return (await plan.apply()) ? 'deployed' : 'failed';
}

async function showRunning(
  stack: TradingStack,
  docker: DockerApi | undefined,
  outcome: Outcome,
  output: Output,
): Promise<void> {
  const services = docker === undefined ? [] : reportRunning(await statesOf(stack.platform.workloads, docker));
  if (output.isJson) output.document({ stack: stack.node.id, outcome, services });
  if (outcome === 'unchanged') {
    output.heading(`Nothing to change: ${stack.node.id} is deployed as described.`);
    return;
  }
  output.heading(`\n${stack.node.id} is deployed.`);
  if (docker !== undefined) printRunning(services, output);
}

/** The containers that a failed deploy may have failed on, each with its own last words. */
async function showTroubled(
  stack: TradingStack,
  docker: DockerApi | undefined,
  notUpdated: readonly string[],
  output: Output,
): Promise<void> {
  const states = docker === undefined ? [] : await statesOf(stack.platform.workloads, docker);
  const troubled = docker === undefined ? [] : await lastWordsOf(states.filter(isTroubled), docker, redaction(stack));
  printLastWords(troubled, output);
  for (const sentence of notUpdated) output.problem(`\n${sentence}`);
  if (troubled.length + notUpdated.length === 0 && stack.platform.engine.name === 'swarm') {
    output.say('\nThe provider removes a service that does not come up in time, so there are no last words of it.');
  }
  if (output.isJson) output.document({ stack: stack.node.id, outcome: 'failed', troubled, notUpdated });
  output.problem(
    `\nThe deploy of ${stack.node.id} failed. What came up stays up: mend it and run deploy again, which continues from here.`,
  );
}

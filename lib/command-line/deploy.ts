import type { App } from 'cdktf';
import type { TradingStack } from '../index';
import { checkSomebodyCanConfirm, confirm } from './confirm';
import type { DockerApi } from './docker-api';
import { jobsToRepeat, lastWordsOf, printLastWords } from './last-words';
import { beforeAnyChange, ExitCode, type Output } from './output';
import { showFailure, showRunning } from './outcome';
import { prepare } from './prepare';
import { redaction } from './redaction';
import { printChanges } from './report';
import { type Failure, Rollout } from './rollout';
import { stackNamed } from './stacks';
import { SwarmUpdates } from './swarm-updates';
import { warnOfEmptyVolumes } from './volumes';
import { statesOf, stoppedServices, type WorkloadState } from './workload-state';

/** Brings the stack up as it is described, after showing what that changes. */
export async function deploy(
  app: App,
  name: string | undefined,
  options: { readonly yes: boolean; readonly verbose: boolean },
  output: Output,
): Promise<number> {
  const stack = stackNamed(app, name);
  checkSomebodyCanConfirm(options.yes);
  const prepared = await prepare(app, stack, { secrets: true, start: true }, output);
  const { docker, terraform } = prepared;
  const states = docker === undefined ? [] : await statesOf(stack.platform.workloads, docker);
  if (docker !== undefined) await showStopped(stack, states, docker, output);
  const replace = jobsToRepeat(states, output);
  const updates = await SwarmUpdates.before(stack.platform.workloads, docker);

  // A step that fails is returned: what is thrown is about the plan, and nothing was applied by then.
  const ending = await beforeAnyChange(
    terraform.plan({ replace, hidden: !options.verbose }, async (plan) => {
      if (plan.isEmpty) return 'unchanged';
      const changes = await plan.changes();
      printChanges(changes, stack, output);
      await warnOfEmptyVolumes(changes, stack, docker, output);
      if (!options.verbose) output.say('\n--verbose shows the whole plan, and so does diff.');
      if (!options.yes) await confirm('Apply these changes?', 'they are not applied.');
      const rollout = new Rollout({ stack, terraform, output, yes: options.yes, replace });
      return (await rollout.carryOut(plan, changes)) ?? 'deployed';
    }),
  );
  const notUpdated = ending === 'unchanged' ? [] : await output.during('the Swarm', updates.problems());
  if (typeof ending === 'object' || notUpdated.length > 0) {
    const failure = typeof ending === 'object' ? ending : AMONG_SERVICES;
    await showFailure(stack, prepared, failure, notUpdated, output);
    return ExitCode.FAILED;
  }
  return showRunning(stack, docker, ending, output);
}

/** Terraform saw no failure; the Swarm did. */
const AMONG_SERVICES: Failure = { step: 'rest', reason: null, changes: [], touched: [] };

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

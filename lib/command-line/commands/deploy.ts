import type { App } from 'cdktf';
import { checkCanConfirm } from './confirm';
import type { CommandContext } from '../context';
import { CrashLoops } from '../rollout/crash-loops';
import { jobsToRepeat } from '../engine/log-tail';
import { beforeAnyChange, ExitCode } from '../output/output';
import { showFailure, showRunning } from '../rollout/outcome';
import { prepare } from './prepare';
import { printChanges } from '../output/report';
import { type Failure, Rollout } from '../rollout/rollout';
import { stackNamed } from '../terraform/stacks';
import { changedByPlan, showStopped } from '../engine/stopped';
import { SwarmUpdates } from '../rollout/swarm-updates';
import { warnOfEmptyVolumes } from '../preflight/volumes';
import { statesOf, stoppedServices } from '../engine/workload-state';

/** Brings the stack up as it is described, after showing what that changes. */
export async function deploy(
  app: App,
  name: string | undefined,
  options: { readonly yes: boolean; readonly verbose: boolean; readonly newSecrets: boolean },
  context: CommandContext,
): Promise<number> {
  const { output } = context;
  const stack = stackNamed(app, name);
  checkCanConfirm(options.yes, context);
  const { newSecrets } = options;
  const prepared = await prepare(app, stack, { secrets: true, newSecrets, start: true }, context);
  const { docker, terraform } = prepared;
  const states = docker === undefined ? [] : await statesOf(stack.platform.workloads, docker);
  const stopped = stoppedServices(states);
  if (docker !== undefined) await showStopped(stopped, stack, docker, output);
  const replace = jobsToRepeat(states, output);
  const crashLoops = new CrashLoops({ stack, docker, output });
  const updates = await SwarmUpdates.before(stack.platform.workloads, docker);

  // A step that fails is returned: what is thrown is about the plan, and nothing was applied by then.
  const ending = await beforeAnyChange(
    terraform.plan({ replace, hidden: !options.verbose }, async (plan) => {
      if (plan.isEmpty) return 'unchanged';
      const changes = await plan.changes();
      printChanges(changes, stack, output);
      await warnOfEmptyVolumes(changes, stack, docker, output);
      if (!options.verbose) output.say('\n--verbose shows the whole plan, and so does diff.');
      if (!options.yes) await context.confirm('Apply these changes?', 'they are not applied.');
      const rollout = new Rollout({ stack, terraform, context, yes: options.yes, crashLoops, replace });
      return (await rollout.carryOut(plan, changes)) ?? 'deployed';
    }),
    () => changedByPlan(stopped, docker),
  );
  // Who stopped it does not want to wait.
  const patience = terraform.wasInterrupted ? 'none' : 'all';
  const notUpdated = ending === 'unchanged' ? [] : await output.during('the Swarm', updates.problems(patience));
  if (typeof ending === 'object' || notUpdated.length > 0) {
    const failure = typeof ending === 'object' ? ending : AMONG_SERVICES;
    await showFailure(stack, prepared, failure, notUpdated, output);
    return ExitCode.FAILED;
  }
  return showRunning(stack, docker, ending, states, output);
}

/** Terraform saw no failure; the Swarm did. */
const AMONG_SERVICES: Failure = { step: 'rest', reason: null, changes: [], touched: [] };

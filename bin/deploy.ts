import type { App } from 'cdktf';
import type { TradingStack } from '../lib';
import { checkSomebodyCanConfirm, confirm } from './confirm';
import { jobsToRepeat } from './diff';
import type { DockerApi } from './docker-api';
import { ExitCode, type Output } from './output';
import { prepare } from './prepare';
import { printRunning, reportRunning } from './report';
import { redaction } from './secrets';
import { stackNamed } from './stacks';
import type { Plan } from './terraform';
import { describeState, isTroubled, statesOf } from './workload-state';

const LOG_LINES = 20;

/** Brings the stack up as it is described, after showing what that changes. */
export async function deploy(
  app: App,
  name: string,
  options: { readonly yes: boolean },
  output: Output,
): Promise<number> {
  const stack = stackNamed(app, name);
  checkSomebodyCanConfirm(options.yes);
  const { docker, terraform } = await prepare(app, stack, { secrets: true, ports: true }, output);
  const replace = await jobsToRepeat(stack, docker, output);
  const outcome = await terraform.plan({ replace }, (plan) => carryOut(plan, options.yes));

  if (outcome === 'failed') {
    await showTroubled(stack, docker, output);
    return ExitCode.FAILED;
  }
  await showRunning(stack, docker, outcome, output);
  return ExitCode.DONE;
}

type Outcome = 'unchanged' | 'deployed' | 'failed';

async function carryOut(plan: Plan, yes: boolean): Promise<Outcome> {
  if (plan.isEmpty) return 'unchanged';
  if (!yes) await confirm('Apply these changes?', 'nothing was changed.');
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
async function showTroubled(stack: TradingStack, docker: DockerApi | undefined, output: Output): Promise<void> {
  const redact = redaction(stack);
  const states = docker === undefined ? [] : await statesOf(stack.platform.workloads, docker);
  const troubled = await Promise.all(
    states.filter(isTroubled).map(async (state) => {
      const lines = docker && state.container !== null ? await docker.logs(state.container, LOG_LINES) : [];
      return { name: state.workload.spec.name, state: describeState(state), log: lines.map(redact) };
    }),
  );
  for (const { name, state, log } of troubled) {
    output.heading(`\n${name}: ${state}`);
    for (const line of log) output.say(`  ${line}`);
    if (log.length === 0) output.say('  (it wrote nothing)');
  }
  if (troubled.length === 0 && stack.platform.engine.name === 'swarm') {
    output.say('\nThe provider removes a service that does not come up in time, so there are no last words of it.');
  }
  if (output.isJson) output.document({ stack: stack.node.id, outcome: 'failed', troubled });
  output.problem(
    `\nThe deploy of ${stack.node.id} failed. What came up stays up: mend it and run deploy again, which continues from here.`,
  );
}

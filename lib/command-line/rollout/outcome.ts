import type { TradingStack } from '../../index';
import type { RegisteredWorkload } from '../../internal';
import { repeatBuilds } from './build-output';
import { type DockerApi, reasonOf } from '../engine/docker-api';
import { engineAddress } from '../engine/address';
import { restartCommand } from '../engine/engine-traits';
import { lastWordsOf, printLastWords } from '../engine/log-tail';
import { ExitCode, type Output } from '../output/output';
import type { Prepared } from '../commands/prepare';
import { redaction } from '../output/redaction';
import { printRunning, reportRunning } from '../output/report';
import type { Failure, Step } from './rollout';
import { INTERRUPTED } from '../terraform/terraform';
import { describeState, isTroubled, statesOf, type WorkloadState } from '../engine/workload-state';

/** How often health checks that have no result yet are looked at. */
const PAUSE_MILLISECONDS = 1000;

/**
 * How a stack is that has nothing left to change: the exit code says whether all of it runs.
 * @param before the states before the deploy
 */
export async function showRunning(
  stack: TradingStack,
  docker: DockerApi | undefined,
  outcome: 'unchanged' | 'deployed',
  before: readonly WorkloadState[],
  output: Output,
): Promise<ExitCode> {
  const { states, unknown } = await output.during('health checks', statesAfter(stack, docker, settledStates));
  const down = states.filter((state) => state.workload.spec.kind === 'service' && isDown(state, before));
  if (docker !== undefined && down.length > 0) {
    await showDown(stack, docker, states, down, output);
    return ExitCode.FAILED;
  }
  // Terraform has looked at what it applied. Where it had nothing to do, nobody has.
  if (docker !== undefined && unknown !== undefined && outcome === 'unchanged') {
    const message = `There is nothing to change. ${unknown}`;
    if (output.isJson) output.document({ stack: stack.node.id, outcome: 'failed', message, services: [], unknown });
    output.problem(message);
    return ExitCode.FAILED;
  }
  const services = reportRunning(states);
  if (output.isJson) output.document({ stack: stack.node.id, outcome, services, ...(unknown && { unknown }) });
  const { id } = stack.node;
  output.heading(
    outcome === 'unchanged' ? `Nothing to change: ${id} is deployed as described.` : `\n${id} is deployed.`,
  );
  if (unknown !== undefined) output.problem(unknown);
  else printRunning(states, output);
  return ExitCode.DONE;
}

/** Whether a service does not run as it should. What was started anew before this deploy may have been well since. */
function isDown(state: WorkloadState, before: readonly WorkloadState[]): boolean {
  const { status, health, restarts, container, workload } = state;
  if (status !== 'running') return true;
  // A check of the image alone: nobody said how long it may take.
  if (health === 'starting' && workload.spec.healthCheck === null) return false;
  if (health !== null) return isTroubled(state);
  return restarts > (before.find((one) => one.container === container)?.restarts ?? 0);
}

/** The states when every health check has had the time that it may take. */
async function settledStates(workloads: readonly RegisteredWorkload[], docker: DockerApi): Promise<WorkloadState[]> {
  const started = Date.now();
  for (;;) {
    const states = await statesOf(workloads, docker);
    const isAwaited = ({ health, workload: { spec } }: WorkloadState): boolean =>
      health === 'starting' && Date.now() - started < (spec.startTimeoutSeconds ?? 0) * 1000;
    if (!states.some(isAwaited)) return states;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MILLISECONDS));
  }
}

/** Terraform is content, and yet something does not run as it should: it is ill, has ended, or somebody removed it. */
async function showDown(
  stack: TradingStack,
  docker: DockerApi,
  states: readonly WorkloadState[],
  down: readonly WorkloadState[],
  output: Output,
): Promise<void> {
  const troubled = await lastWordsOf(
    down.filter(({ container }) => container !== null),
    docker,
    redaction(stack),
  );
  printLastWords(troubled, output);
  output.say('');
  printRunning(states, output);
  const message = [
    `Terraform has nothing left to do for ${stack.node.id}, and yet not all of it runs as it should.`,
    ...describeServices(states, down),
    ...remediesOf(down),
  ].join('\n');
  if (output.isJson) {
    const services = reportRunning(states);
    output.document({ stack: stack.node.id, outcome: 'failed', message, services, troubled });
  }
  output.problem(`\n${message}`);
}

/** What a deploy can put right is not what only its owner can. */
function remediesOf(down: readonly WorkloadState[]): string[] {
  const ill = down.filter(({ status }) => status === 'running').map(({ workload }) => workload);
  const restarts = ill.map((workload) => restartCommand(workload)).join('; ');
  return [
    ...(ill.length < down.length ? ['Run deploy again: it makes what is missing, and starts what has ended.'] : []),
    ...(ill.length > 0 ? [`A deploy leaves alone what runs. Mend it, or start it anew: ${restarts}`] : []),
  ];
}

/**
 * The states after something was applied. How that went has to be said, also when the engine stopped meanwhile, or
 * cannot be asked at all: `unknown` then.
 */
async function statesAfter(
  { platform }: TradingStack,
  docker: DockerApi | undefined,
  ask: typeof statesOf,
): Promise<{ readonly states: readonly WorkloadState[]; readonly unknown?: string }> {
  if (docker === undefined) {
    const { text } = engineAddress(platform.engine.host);
    return { states: [], unknown: `Only Terraform can reach the engine at ${text}, so what runs is not known.` };
  }
  try {
    return { states: await ask(platform.workloads, docker) };
  } catch (error) {
    const unknown = `Docker does not answer any more (${reasonOf(error)}), so what runs is not known.`;
    return { states: [], unknown };
  }
}

const DURING: Readonly<Record<Step, string>> = {
  images: ' while it made the images',
  jobs: ' while it ran the jobs',
  rest: '',
};

const BEFORE: Readonly<Record<Step, string>> = {
  images: ' before it made the images',
  jobs: ' before it ran the jobs',
  rest: ' before it changed the services',
};

/** What failed, in its own last words, and what of the stack runs all the same. */
export async function showFailure(
  stack: TradingStack,
  { docker, terraform }: Prepared,
  failure: Failure,
  notUpdated: readonly string[],
  output: Output,
): Promise<void> {
  const { platform } = stack;
  const redact = redaction(stack);
  const place = { directory: terraform.directory, address: engineAddress(platform.engine.host), redact };
  // Who stopped it does not want a build that takes as long again.
  const builds = terraform.wasInterrupted ? [] : await repeatBuilds(failure.changes, place, output);
  const { states, unknown } = await statesAfter(stack, docker, statesOf);
  const containers = docker === undefined ? [] : await lastWordsOf(states.filter(isTroubled), docker, redact);
  const troubled = [...builds, ...containers];
  printLastWords(troubled, output);
  const isWithoutWords = troubled.length + notUpdated.length === 0 && !terraform.wasInterrupted;
  if (isWithoutWords && isInServices(failure) && stack.engine.traits.removesFailedServices) {
    output.say('\nThe provider removes a service that does not come up in time, so there are no last words of it.');
  }
  const { step, reason } = failure;
  const when = (reason === null ? DURING : BEFORE)[step];
  const message = [
    ...(terraform.wasInterrupted ? [INTERRUPTED] : reason === null ? [] : [reason]),
    `The deploy of ${stack.node.id} ${terraform.wasInterrupted ? 'stopped' : 'failed'}${when}.${describeTouched(failure)}`,
    ...notUpdated,
    ...(unknown === undefined ? describeServices(states) : [unknown]),
    `${reason === null && !terraform.wasInterrupted ? 'Mend it and run' : 'Run'} deploy again, which continues from here.`,
  ].join('\n');
  if (output.isJson) {
    const known = unknown === undefined ? {} : { unknown };
    const services = reportRunning(states);
    output.document({ stack: stack.node.id, outcome: 'failed', message, services, ...known, troubled, notUpdated });
  }
  output.problem(`\n${message}`);
}

/** Whether it failed among the services themselves, so that any of them may have been touched. */
function isInServices({ step, reason }: Failure): boolean {
  return step === 'rest' && reason === null;
}

function describeTouched(failure: Failure): string {
  const { touched } = failure;
  if (isInServices(failure)) return '';
  if (touched.length === 0) return ' Nothing that runs was touched.';
  return ` Of what runs, nothing was touched but what the jobs need: ${touched.join(', ')}.`;
}

/** Which services run, and how those are that do not run as they should. */
function describeServices(
  states: readonly WorkloadState[],
  down: readonly WorkloadState[] = states.filter(isNotWell),
): string[] {
  const services = states.filter(({ workload }) => workload.spec.kind === 'service');
  const well = services.filter((state) => !down.includes(state)).map(({ workload }) => workload.spec.name);
  const others = services
    .filter((state) => down.includes(state))
    .map((state) => `${state.workload.spec.name} (${describeState(state)})`);
  return [
    ...(well.length > 0 ? [`Running: ${well.join(', ')}.`] : []),
    ...(others.length > 0 ? [`Not running as it should: ${others.join(', ')}.`] : []),
  ];
}

function isNotWell(state: WorkloadState): boolean {
  return state.status !== 'running' || isTroubled(state);
}

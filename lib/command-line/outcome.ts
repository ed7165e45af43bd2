import type { TradingStack } from '../index';
import { repeatBuilds } from './build-output';
import { type DockerApi, reasonOf } from './docker-api';
import { engineAddress } from './engine-address';
import { removesWhatFails } from './engine-traits';
import { lastWordsOf, printLastWords } from './last-words';
import { ExitCode, type Output } from './output';
import type { Prepared } from './prepare';
import { redaction } from './redaction';
import { printRunning, reportRunning } from './report';
import type { Failure, Step } from './rollout';
import { INTERRUPTED } from './terraform';
import { describeState, isTroubled, statesOf, type WorkloadState } from './workload-state';

/** How a stack is that has nothing left to change: the exit code says whether all of it runs. */
export async function showRunning(
  stack: TradingStack,
  docker: DockerApi | undefined,
  outcome: 'unchanged' | 'deployed',
  output: Output,
): Promise<ExitCode> {
  const { states, unknown } = await statesAfter(stack, docker);
  const down = states.filter(({ workload, status }) => workload.spec.kind === 'service' && status !== 'running');
  if (docker !== undefined && down.length > 0) {
    await showDown(stack, docker, states, down, output);
    return ExitCode.FAILED;
  }
  if (output.isJson) output.document({ stack: stack.node.id, outcome, services: reportRunning(states) });
  if (outcome === 'unchanged') {
    output.heading(`Nothing to change: ${stack.node.id} is deployed as described.`);
    return ExitCode.DONE;
  }
  output.heading(`\n${stack.node.id} is deployed.`);
  if (unknown !== undefined) output.problem(unknown);
  else if (docker !== undefined) printRunning(states, output);
  return ExitCode.DONE;
}

/** Terraform is content, and yet something does not run: it has ended since, or somebody has removed it. */
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
    `Terraform has nothing left to do for ${stack.node.id}, and yet it is not up.`,
    ...describeServices(states),
    'Run deploy again: it makes what is missing, and starts what has ended.',
  ].join('\n');
  if (output.isJson) {
    const services = reportRunning(states);
    output.document({ stack: stack.node.id, outcome: 'failed', message, services, troubled });
  }
  output.problem(`\n${message}`);
}

/** The states after something was applied. How that went has to be said, also when the engine stopped meanwhile. */
async function statesAfter(
  stack: TradingStack,
  docker: DockerApi | undefined,
): Promise<{ readonly states: readonly WorkloadState[]; readonly unknown?: string }> {
  if (docker === undefined) return { states: [] };
  try {
    return { states: await statesOf(stack.platform.workloads, docker) };
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
  const { states, unknown } = await statesAfter(stack, docker);
  const containers = docker === undefined ? [] : await lastWordsOf(states.filter(isTroubled), docker, redact);
  const troubled = [...builds, ...containers];
  printLastWords(troubled, output);
  const isWithoutWords = troubled.length + notUpdated.length === 0 && !terraform.wasInterrupted;
  if (isWithoutWords && isInServices(failure) && removesWhatFails(stack)) {
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
    const services = reportRunning(states);
    output.document({ stack: stack.node.id, outcome: 'failed', message, services, troubled, notUpdated });
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
function describeServices(states: readonly WorkloadState[]): string[] {
  const services = states.filter(({ workload }) => workload.spec.kind === 'service');
  const isWell = (state: WorkloadState): boolean => state.status === 'running' && !isTroubled(state);
  const well = services.filter(isWell).map(({ workload }) => workload.spec.name);
  const others = services.filter((state) => !isWell(state));
  return [
    ...(well.length > 0 ? [`Running: ${well.join(', ')}.`] : []),
    ...(others.length > 0
      ? [
          `Not running as it should: ${others.map((one) => `${one.workload.spec.name} (${describeState(one)})`).join(', ')}.`,
        ]
      : []),
  ];
}

import type { TradingStack } from '../../index';
import type { RegisteredWorkload } from '../../internal';
import { describePermissionFixes } from './permissions/fixes';
import type { CommandContext } from '../context';
import type { EngineAddress } from '../connection/address';
import { type DockerApi, reasonOf } from '../engine/docker-api';
import { logTailsOf, printLogTails } from '../engine/log-tail';
import { describeProblem, ExitCode, type Output, type Problem } from '../output/output';
import { redaction } from '../output/redaction';
import { printRunning, reportRunning } from '../output/report';
import { memoryAdvice } from './memory-advice';
import { findUnwritableVolumes } from './permissions/unwritable-volumes';
import { describeState, isUnhealthy, restartCommand, statesOf, type WorkloadState } from '../engine/workload-state';

/** How often health checks without a result are requested again. */
const INTERVAL_MILLISECONDS = 1000;

/** A deploy after which nothing is left to change. */
export interface Completed {
  readonly outcome: 'unchanged' | 'deployed';
  /** How often containers have restarted before the deploy, or until they ran during it. */
  readonly harmless: ReadonlyMap<string, number>;
  /** What else a JSON document has. */
  readonly content: object;
  /** What is said of the stack if anything was changed: `is deployed`. */
  readonly title: string;
  /** What is said if nothing was. */
  readonly unchanged: string;
  /** What creates missing services. */
  readonly command: 'deploy' | 'rollback';
  /** How to return to the deploy before; `undefined` if there is none. */
  readonly back: string | undefined;
}

/** Shows a stack that has nothing left to change; the exit code says whether all of it runs. */
export async function showRunning(
  stack: TradingStack,
  docker: DockerApi,
  { outcome, harmless, content, title, unchanged, command, back }: Completed,
  context: CommandContext,
): Promise<ExitCode> {
  const { output } = context;
  const settled: typeof statesOf = (workloads, engine) => settledStates(workloads, engine, context);
  const { states, unknown } = await output.during('health checks', statesAfter(stack, docker, settled));
  const down = states.filter((state) => state.workload.spec.kind === 'service' && isDown(state, harmless));
  if (down.length > 0) {
    await showDown(stack, docker, { states, down, back, command }, output);
    return ExitCode.FAILED;
  }
  if (unknown !== undefined) {
    const message = `${outcome === 'unchanged' ? 'There is nothing to change.' : 'All changes were applied.'} ${unknown}`;
    report(stack, { code: 'docker-unreachable', message }, { services: [], unknown }, output);
    return ExitCode.FAILED;
  }
  const services = reportRunning(states);
  const unwritableVolumes = await output.during('volumes', findUnwritableVolumes(states, docker));
  if (output.isJson) output.document({ stack: stack.node.id, outcome, services, ...content, unwritableVolumes });
  const { id } = stack.node;
  output.heading(outcome === 'unchanged' ? unchanged : `\n${id} ${title}.`);
  printRunning(states, docker.address, output);
  const advice = [...memoryAdvice(states), ...unwritableVolumes.map(({ message }) => message)];
  for (const one of advice) output.warn(`\nWarning: ${one}`);
  return ExitCode.DONE;
}

/** Whether a service is not running or not healthy. */
function isDown(state: WorkloadState, harmless: ReadonlyMap<string, number>): boolean {
  const { status, health, restarts, container, workload } = state;
  if (status !== 'running') return true;
  // The health check of an image has no known start timeout.
  if (health === 'starting' && workload.spec.healthCheck === null) return false;
  if (health !== null) return isUnhealthy(state);
  return restarts > (harmless.get(container ?? '') ?? 0);
}

/** The states once every health check has a result or has run out of time. */
async function settledStates(
  workloads: readonly RegisteredWorkload[],
  docker: DockerApi,
  { now, pause }: CommandContext,
): Promise<WorkloadState[]> {
  const started = now();
  for (;;) {
    const states = await statesOf(workloads, docker);
    const isAwaited = ({ health, workload: { spec } }: WorkloadState): boolean =>
      health === 'starting' && now() - started < (spec.startTimeoutSeconds ?? 0) * 1000;
    if (!states.some(isAwaited)) return states;
    await pause(INTERVAL_MILLISECONDS);
  }
}

/** Terraform has nothing to do, but something is unhealthy, has ended or was removed. */
async function showDown(
  stack: TradingStack,
  docker: DockerApi,
  {
    states,
    down,
    back,
    command,
  }: {
    readonly states: readonly WorkloadState[];
    readonly down: readonly WorkloadState[];
    readonly back: string | undefined;
    readonly command: Completed['command'];
  },
  output: Output,
): Promise<void> {
  const troubled = await logTailsOf(
    down.filter(({ container }) => container !== null),
    docker,
    redaction(stack),
  );
  printLogTails(troubled, output);
  output.say('');
  printRunning(states, docker.address, output);
  const unwritableVolumes = await findUnwritableVolumes(states, docker);
  const message = [
    `Terraform has nothing left to do for ${stack.node.id}, but not all services are running and healthy.`,
    ...describeServices(states, down),
    ...describePermissionFixes(troubled, stack.platform.workloads, unwritableVolumes),
    ...remediesOf(down, docker.address, command),
    ...unwritableVolumes.map(({ message }) => message),
    ...(back === undefined ? [] : [back]),
  ].join('\n');
  const content = { services: reportRunning(states), troubled, unwritableVolumes };
  report(stack, { code: 'deploy-failed', message }, content, output);
}

/** Prints how a deploy failed, also as a JSON document. */
export function report(stack: TradingStack, problem: Problem, content: object, output: Output): void {
  const { code, message } = problem;
  if (output.isJson) output.document({ stack: stack.node.id, outcome: 'failed', code, message, ...content });
  output.problem(`\n${describeProblem(problem)}`);
}

/** A deploy replaces stopped containers, and leaves running ones alone. */
function remediesOf(down: readonly WorkloadState[], address: EngineAddress, command: Completed['command']): string[] {
  const unhealthy = down
    .filter(({ status }) => ['running', 'restarting'].includes(status))
    .map(({ workload }) => workload);
  const restarts = unhealthy.map((workload) => restartCommand(workload, address)).join('; ');
  return [
    ...(unhealthy.length < down.length
      ? [`Run ${command} again: it creates missing services and replaces stopped ones.`]
      : []),
    ...(unhealthy.length > 0
      ? [`A deploy does not restart running services. Fix the cause, or restart them: ${restarts}`]
      : []),
  ];
}

/**
 * The states after an apply; `unknown` says why there are none. The outcome has to be reported even if the engine has
 * stopped meanwhile.
 */
export async function statesAfter(
  { platform }: TradingStack,
  docker: DockerApi,
  ask: typeof statesOf,
): Promise<{ readonly states: readonly WorkloadState[]; readonly unknown?: string }> {
  try {
    return { states: await ask(platform.workloads, docker) };
  } catch (error) {
    const unknown = `Docker stopped answering (${reasonOf(error)}), so the state of the services is unknown.`;
    return { states: [], unknown };
  }
}

/** Which services run, and the states of the others. */
export function describeServices(
  states: readonly WorkloadState[],
  down: readonly WorkloadState[] = states.filter(isNotRunning),
): string[] {
  const services = states.filter(({ workload }) => workload.spec.kind === 'service');
  const running = services.filter((state) => !down.includes(state)).map(({ workload }) => workload.spec.name);
  const others = services
    .filter((state) => down.includes(state))
    .map((state) => `${state.workload.spec.name} (${describeState(state)})`);
  return [
    ...(running.length > 0 ? [`Running: ${running.join(', ')}.`] : []),
    ...(others.length > 0 ? [`Not running or not healthy: ${others.join(', ')}.`] : []),
  ];
}

export function isNotRunning(state: WorkloadState): boolean {
  return state.status !== 'running' || isUnhealthy(state);
}

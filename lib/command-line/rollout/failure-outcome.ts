import type { TradingStack } from '../../index';
import { previousName, type RegisteredWorkload } from '../../internal';
import type { Prepared } from '../commands/prepare';
import type { EngineAddress } from '../connection/address';
import type { CommandContext } from '../context';
import { logTailsOf, printLogTails } from '../engine/log-tail';
import { isUnhealthy, statesOf, type WorkloadState } from '../engine/workload-state';
import type { Undertaking } from '../history/deploy-record';
import { reportRunning } from '../output/report';
import { buildCommands } from './build-command';
import { describePermissionFixes } from './permissions/fixes';
import { describeServices, isNotRunning, report, statesAfter } from './outcome';
import type { Failure } from './rollout';
import type { Step } from './steps';
import { withPrevious } from './turns';
import { findUnwritableVolumes } from './permissions/unwritable-volumes';

const DURING: Readonly<Record<Step, string>> = {
  images: ' while building or pulling images',
  pushes: ' while pushing images',
  jobs: ' while running the jobs',
  turns: ' while replacing services that stay available',
  rest: '',
};

const BEFORE: Readonly<Record<Step, string>> = {
  images: ' before building or pulling images',
  pushes: ' before pushing images',
  jobs: ' before running the jobs',
  turns: ' before replacing a service',
  rest: ' before changing the services',
};

/** The same after services have been replaced. */
const BEFORE_OTHERS: Readonly<Record<Step, string>> = {
  ...BEFORE,
  turns: ' before replacing another service',
  rest: ' before changing the other services',
};

/** What is said about a deploy that has failed, apart from its failure. */
interface Ending {
  /** Services whose update did not succeed on a Swarm. */
  readonly notUpdated: readonly string[];
  readonly undertaking: Pick<Undertaking, 'command'>;
  /** How to return to the deploy before; `undefined` if there is none. */
  readonly back: string | undefined;
}

/** Shows what failed, with the end of its log, and what still runs. */
export async function showFailure(
  stack: TradingStack,
  { docker, terraform }: Prepared,
  failure: Failure,
  { notUpdated, undertaking, back }: Ending,
  context: CommandContext,
): Promise<void> {
  const { output } = context;
  const redact = (text: string): string => terraform.redact(text);
  const builds = buildCommands(failure.changes, { directory: terraform.directory, address: docker.address, redact });
  const { states, unknown } = await statesAfter(stack, docker, statesOf);
  const known = new Set(failure.starts.map(({ workload }) => workload));
  const isTroubled = (state: WorkloadState): boolean =>
    !known.has(state.workload) && (isUnhealthy(state) || failure.stopped.includes(state.workload.spec.name));
  const previous = await withPrevious(stack, docker);
  const unwritableVolumes = await findUnwritableVolumes(states, docker);
  const starts = failure.starts.map(({ workload, ...rest }) => ({ name: workload.spec.name, ...rest }));
  const troubled = [...starts, ...(await logTailsOf(states.filter(isTroubled), docker, redact))];
  printLogTails(troubled, output);
  const hasNoLog = troubled.length + notUpdated.length === 0 && !terraform.wasInterrupted;
  if (hasNoLog && isInServices(failure) && stack.engine.traits.removesFailedServices) {
    output.say('\nThe provider removes a service that does not start in time, with its log.');
  }
  const { step, reason } = failure;
  const when = (reason === null ? DURING : failure.replaced.length > 0 ? BEFORE_OTHERS : BEFORE)[step];
  const { command } = undertaking;
  const message = [
    ...(terraform.wasInterrupted || reason === null ? [] : [reason.message]),
    `The ${command === 'rollback' ? command : 'deploy'} of ${stack.node.id} ${terraform.wasInterrupted ? 'was interrupted' : 'failed'}${when}.${describeTouched(failure)}`,
    ...starts.map(({ name, state }) => `${name}: ${state}.`),
    ...describePermissionFixes(troubled, stack.platform.workloads, unwritableVolumes),
    ...(failure.errors.some((error) => error.includes('no space left on device'))
      ? [`The disk of the engine is full. To see what uses it: ${docker.address.command} system df`]
      : []),
    ...builds.map((command) => `To see the output of the build: ${command}`),
    ...unwritableVolumes.map(({ message }) => message),
    ...notUpdated,
    ...describeTurns(failure, docker.address),
    ...describePrevious(previous ?? [], states),
    ...(unknown === undefined
      ? describeServices(states.filter((state) => !isServedByPrevious(state, previous ?? [])))
      : [unknown]),
    ...againAfter(command, reason === null && !terraform.wasInterrupted),
    ...(back !== undefined && hasTouched(failure) ? [back] : []),
  ].join('\n');
  const code = terraform.wasInterrupted ? 'interrupted' : (reason?.code ?? 'deploy-failed');
  const { errors } = failure;
  const content = {
    services: reportRunning(states),
    ...(unknown && { unknown }),
    ...(previous && { previous: previous.map(({ spec }) => previousName(spec.name)) }),
    troubled,
    notUpdated,
    builds,
    unwritableVolumes,
    errors,
  };
  report(stack, { code, message }, content, output);
}

/** A rotation says itself how to finish it. */
function againAfter(command: Undertaking['command'], hasCause: boolean): string[] {
  if (command === 'rotate') return [];
  return [`${hasCause ? 'Fix the cause and run' : 'Run'} ${command} again: it continues from here.`];
}

/** What became of the services that were replaced one after another. */
function describeTurns({ replaced, stopped, notStopped }: Failure, { command }: EngineAddress): string[] {
  return [
    ...(replaced.length > 0 ? [`Replaced: ${replaced.join(', ')}.`] : []),
    ...(stopped.length > 0 ? [`Stopped, because it did not become healthy: ${stopped.join(', ')}.`] : []),
    ...(notStopped.length > 0
      ? [
          `May not be healthy, but Docker did not stop it: ${notStopped.join(', ')}. Requests may go to it until you ` +
            `stop it: ${command} stop ${notStopped.join(' ')}`,
        ]
      : []),
  ];
}

/** The previous version of a service serves instead of the new one, or together with it. */
function describePrevious(previous: readonly RegisteredWorkload[], states: readonly WorkloadState[]): string[] {
  const namesOf = (workloads: readonly RegisteredWorkload[]): string =>
    workloads.map(({ spec }) => previousName(spec.name)).join(', ');
  const isReplaced = (workload: RegisteredWorkload): boolean =>
    states.some((state) => state.workload === workload && !isNotRunning(state));
  const instead = previous.filter((workload) => !isReplaced(workload));
  const together = previous.filter(isReplaced);
  return [
    ...(instead.length > 0 ? [`The previous version still serves: ${namesOf(instead)}.`] : []),
    ...(together.length > 0
      ? [`The previous version still runs, next to the new one, until the next deploy: ${namesOf(together)}.`]
      : []),
  ];
}

/** Whether the new container was not created yet: that the previous one serves says more than that this one is missing. */
function isServedByPrevious({ workload, status }: WorkloadState, previous: readonly RegisteredWorkload[]): boolean {
  return status === 'missing' && previous.includes(workload);
}

/** Whether the services themselves failed, so that any of them may have been changed. */
function isInServices({ step, reason }: Failure): boolean {
  return (step === 'turns' || step === 'rest') && reason === null;
}

/** Whether services that ran before may have been changed. */
function hasTouched(failure: Failure): boolean {
  return isInServices(failure) || failure.replaced.length + failure.touched.length > 0;
}

function describeTouched(failure: Failure): string {
  const { touched } = failure;
  if (isInServices(failure)) return '';
  if (failure.replaced.length > 0) return '';
  if (touched.length === 0) return ' Running services were not changed.';
  return ` Of the running services, only those that the jobs need may have changed: ${touched.join(', ')}.`;
}

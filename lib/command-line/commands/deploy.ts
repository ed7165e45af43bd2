import type { App } from 'cdktf';
import type { TradingStack } from '../../index';
import { settleRestores } from '../backups/unfinished-restores';
import { checkCanConfirm } from './confirm';
import type { CommandContext } from '../context';
import { changedByPlan, jobsToRepeat, showStopped } from '../engine/log-tail';
import { DockerWrites } from '../engine/docker-writes';
import { statesOf, stoppedServices } from '../engine/workload-state';
import { beforeAnyChange, CommandError, ExitCode, type Problem } from '../output/output';
import type { Undertaking } from '../history/deploy-record';
import { completionOf } from '../history/completion';
import { printNotUndone } from '../history/not-undone';
import { Recording } from '../history/recording';
import { pullImages } from '../images/pull';
import { buildingAgain, type Rebuild, rebuildOf } from '../images/rebuild';
import { overwrittenVersions } from '../images/versions';
import type { EngineObject } from '../engine/engine-objects';
import { Names, ONLY_LEFT_OVERS, printLeftOvers, removeLeftOvers } from '../preflight/names';
import { checkNetworkUsers } from '../preflight/network-users';
import { quoted } from '../output/quoted';
import { printPlan } from '../output/plan-report';
import { StackWarnings } from '../output/warnings';
import { type ChangeReport, describeChanges } from '../plan/details';
import type { PlannedChanges } from '../plan/changes';
import { prepare, type Prepared } from './prepare';
import { loginProblems } from '../preflight/logins';
import { reportUnsavedFiles, unsavedFiles, type UnsavedFiles, warnOfUnsavedFiles } from '../preflight/unsaved-files';
import { warnOfChangedPasswords } from '../preflight/changed-passwords';
import { warnOfEmptyVolumes } from '../preflight/volumes';
import {
  type LostNetwork,
  lostNetworks,
  printLostNetworks,
  reportLostNetworks,
  restoreNetworks,
} from '../rollout/lost-networks';
import { showFailure } from '../rollout/failure-outcome';
import { showRunning } from '../rollout/outcome';
import { type Failure, Rollout } from '../rollout/rollout';
import { StartWatch } from '../rollout/start-watch';
import { SwarmUpdates } from '../rollout/swarm-updates';
import { Turns } from '../rollout/turns';
import type { Plan } from '../terraform/plan';
import type { PlanOptions } from '../terraform/plan-options';
import { checkDelivered } from '../secrets/check';
import { deliverSecrets } from '../secrets/delivery';
import { removeEarlierSecrets } from '../secrets/clean-up';
import { warnOfPendingRotations } from '../secrets/pending-rotation';
import { CommandLock } from '../state/command-lock';
import { outputOf, stackNamed } from '../synthesis/stacks';

/** The reason to run an unchanged job again. */
export const FAILED_BEFORE = 'it failed the last time';

/** What to do with a stack whose secrets are there. */
export interface PreparedChoices {
  readonly yes: boolean;
  readonly verbose: boolean;
  /** Whether images are pulled again, also those that others are built on. */
  readonly pull: boolean;
  /** Whether images are built again without the cache of the builder. */
  readonly noCache: boolean;
  /** Whether images are pushed although their registry has the version with other content. */
  readonly overwrite: boolean;
  /** What the history says about it. */
  readonly undertaking: Undertaking;
}

interface DeployChoices extends Omit<PreparedChoices, 'undertaking'> {
  readonly newSecrets: boolean;
  /** Why, for the history; `undefined` for what changes. */
  readonly reason: string | undefined;
}

/** Shows what a deploy of the stack would change, and carries it out. */
export async function deploy(
  app: App,
  name: string | undefined,
  options: DeployChoices,
  context: CommandContext,
): Promise<ExitCode> {
  const stack = stackNamed(app, name);
  checkCanConfirm(options.yes, 'deploy', [stack.node.id, ...flagsOf(options)], context);
  const lock = new CommandLock(outputOf(app, stack), stack);
  return lock.during('deploy', () => deployLocked(app, stack, options, context));
}

function flagsOf({ newSecrets, pull, noCache, overwrite, reason }: DeployChoices): string[] {
  return [
    ...(reason === undefined ? [] : ['--reason', quoted(reason)]),
    ...(newSecrets ? ['--new-secrets'] : []),
    ...(pull ? ['--pull'] : []),
    ...(noCache ? ['--no-cache'] : []),
    ...(overwrite ? ['--overwrite'] : []),
  ];
}

async function deployLocked(
  app: App,
  stack: TradingStack,
  options: DeployChoices,
  context: CommandContext,
): Promise<ExitCode> {
  const { newSecrets, reason = null } = options;
  const prepared = await prepare(app, stack, { secrets: true, newSecrets, start: true }, context);
  warnOfPendingRotations(stack, context.output);
  const undertaking = { command: 'deploy', reason, restores: null } as const;
  return deployPrepared(stack, prepared, { ...options, undertaking }, context);
}

/** What a command changes in addition to what the deploy does. */
interface OwnChanges {
  /** What has to happen between the plan and the first change; returns a sentence about what it changed. */
  readonly beforeApply?: () => Promise<string | undefined>;
  /** The sentence about what was changed before the plan. */
  readonly changedAlready?: string;
}

/** The same for a command that has prepared everything and holds the lock. */
export async function deployPrepared(
  stack: TradingStack,
  prepared: Prepared,
  options: PreparedChoices,
  context: CommandContext,
  { beforeApply, changedAlready }: OwnChanges = {},
): Promise<ExitCode> {
  const { output } = context;
  const { docker, terraform, record, logins, history } = prepared;
  const { undertaking } = options;
  // Those of a rollback would be about the code as it is.
  if (undertaking.restores === null) new StackWarnings(stack, docker.address).print(output, options.verbose);
  const writes = new DockerWrites(docker);
  if (options.pull) await beforeAnyChange(pullImages(stack, writes, logins, output));
  const states = await statesOf(stack.platform.workloads, docker);
  await beforeAnyChange(settleRestores(stack, states, docker, context));
  const stopped = stoppedServices(states);
  await showStopped(stopped, stack, prepared, output);
  // A rollback after a failed migration must not run the migration of the version before.
  const failedJobs = undertaking.restores === null ? jobsToRepeat(states, output) : [];
  const repeat = new Map(failedJobs.map((address) => [address, FAILED_BEFORE]));
  const rebuild = rebuildOf(stack, options);
  const starts = new StartWatch({ stack, docker, context });
  const turns = new Turns({ stack, terraform, docker, context });
  const updates = await SwarmUpdates.before(stack.platform.workloads, docker, context);
  const { directory } = terraform;
  const recording = new Recording({ stack, history, docker, directory, undertaking, context });

  const lost = lostNetworks(states);
  let removed: readonly EngineObject[] = [];
  let changedBefore = changedAlready;
  let unsaved: readonly UnsavedFiles[] = [];

  // A failed step is returned. An error is only thrown while planning, when nothing has been applied yet.
  const ending = await beforeAnyChange(
    terraform.plan(planning(repeat, rebuild), async (plan) => {
      const reasons = new Map([...repeat, ...rebuild.reasons]);
      const confirmed = await reviewPlan(plan, { stack, prepared, reasons, lost, options }, context);
      if (confirmed === undefined) return 'unchanged';
      const { changes, leftOvers } = confirmed;
      unsaved = confirmed.unsaved;
      recording.begin(confirmed.reports);
      await removeLeftOvers(leftOvers, docker, output);
      removed = leftOvers;
      changedBefore = (await beforeApply?.()) ?? changedAlready;
      await output.during('secrets', deliverSecrets(stack, writes));
      if (plan.isEmpty) return 'deployed';
      await record.write();
      const checkPushes = async (pushes: PlannedChanges['changes']): Promise<void> => {
        const taken = await takenVersions(pushes, stack, prepared, options);
        if (taken.length > 0) throw CommandError.fromProblems(taken);
      };
      const rollout = new Rollout({
        checkPushes,
        stack,
        terraform,
        context,
        yes: options.yes,
        starts,
        repeat,
        rebuild,
        turns,
      });
      return (await rollout.carryOut(plan, changes)) ?? 'deployed';
    }),
    async () => changedBefore ?? (removed.length > 0 ? ONLY_LEFT_OVERS : changedByPlan(stopped, docker)),
  );
  if (ending === 'deployed') terraform.journal.remove();
  // A stack that was deployed by an earlier version has no record.
  if (ending === 'unchanged') await record.write();
  // After an interrupt the user does not want to wait.
  const patience = terraform.wasInterrupted ? 'none' : 'all';
  const notUpdated = ending === 'unchanged' ? [] : await output.during('Swarm updates', updates.problems(patience));
  if (typeof ending === 'object' || notUpdated.length > 0) {
    const failure = typeof ending === 'object' ? ending : AMONG_SERVICES;
    await showFailure(stack, prepared, failure, { notUpdated, undertaking, back: recording.wayBack }, context);
    return ExitCode.FAILED;
  }
  await output.during('secrets', checkDelivered(stack, writes));
  await removeEarlierSecrets(stack, writes, output);
  const restarted = await restoreNetworks(stack, writes, output);
  const earlier = states.map(({ container, restarts }) => [container ?? '', restarts] as const);
  const harmless = new Map([...earlier, ...starts.crashes]);
  const content = { unsavedFiles: reportUnsavedFiles(unsaved), restarted: reportLostNetworks(restarted) };
  const back = recording.wayBack;
  const words = completionOf(undertaking.restores, stack.node.id);
  const exitCode = await showRunning(stack, docker, { outcome: ending, harmless, content, back, ...words }, context);
  if (exitCode === ExitCode.DONE) await recording.complete(ending === 'deployed');
  return exitCode;
}

function planning(repeat: ReadonlyMap<string, string>, rebuild: Rebuild): PlanOptions {
  const { replace, noCache } = buildingAgain(rebuild);
  return { replace: [...repeat.keys(), ...replace], noCache };
}

interface Reviewed {
  readonly stack: TradingStack;
  readonly prepared: Prepared;
  /** Why unchanged resources are replaced, by address. */
  readonly reasons: ReadonlyMap<string, string>;
  /** Containers that are restarted, because they have no network. */
  readonly lost: readonly LostNetwork[];
  readonly options: PreparedChoices;
}

/** What was confirmed. */
interface Confirmed {
  readonly changes: PlannedChanges['changes'];
  readonly reports: readonly ChangeReport[];
  readonly leftOvers: readonly EngineObject[];
  /** What is lost with the containers that are replaced or removed. */
  readonly unsaved: readonly UnsavedFiles[];
}

/**
 * Shows what a plan changes, checks what would make it fail on the engine, and asks for confirmation.
 * @returns what was confirmed, or `undefined` if there is nothing to do
 * @throws CommandError if a check fails, or for any answer but `yes`
 */
async function reviewPlan(
  plan: Plan,
  { stack, prepared, reasons, lost, options }: Reviewed,
  context: CommandContext,
): Promise<Confirmed | undefined> {
  const { output } = context;
  const { docker, logins, terraform } = prepared;
  if (plan.isEmpty && !terraform.journal.exists && lost.length === 0) return undefined;
  const planned = await plan.read();
  const asked = unsavedFiles(planned.changes, stack, docker);
  const names = new Names({ stack, planned, docker, terraform });
  const leftOvers = await names.leftOvers();
  if (plan.isEmpty && leftOvers.length === 0 && lost.length === 0) {
    terraform.journal.remove();
    return undefined;
  }
  if (options.verbose) await plan.printText();
  const reports = describeChanges(planned.changes, { stack, planned, terraform, reasons });
  if (!plan.isEmpty) printPlan(reports, stack, output);
  printLostNetworks(lost, planned.changes, output);
  printLeftOvers(leftOvers, output);
  if (options.undertaking.restores !== null) printNotUndone(planned.changes, stack, output);
  await names.check(leftOvers);
  await checkNetworkUsers(planned.changes, stack, docker);
  await warnOfEmptyVolumes(planned.changes, stack, docker, output);
  await warnOfChangedPasswords(reports, stack, docker, output);
  const unsaved = await asked;
  warnOfUnsavedFiles(unsaved, docker, output);
  const withoutLogin = await loginProblems(planned.changes, logins, docker);
  const refused =
    withoutLogin.length > 0 ? withoutLogin : await takenVersions(planned.changes, stack, prepared, options);
  if (refused.length > 0) throw CommandError.fromProblems(refused);
  if (!options.yes) await context.confirm('Apply these changes?', 'nothing is applied.');
  return { changes: planned.changes, reports, leftOvers, unsaved };
}

async function takenVersions(
  changes: PlannedChanges['changes'],
  stack: TradingStack,
  { docker, logins }: Prepared,
  { overwrite }: PreparedChoices,
): Promise<Problem[]> {
  return overwrite ? [] : overwrittenVersions(changes, { docker, logins, stack: stack.node.id });
}

/** Terraform reported no failure, but the Swarm did. */
const AMONG_SERVICES: Failure = {
  step: 'rest',
  reason: null,
  changes: [],
  touched: [],
  replaced: [],
  stopped: [],
  notStopped: [],
  starts: [],
  errors: [],
};

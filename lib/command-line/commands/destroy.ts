import type { App } from 'cdktf';
import type { TradingStack } from '../../index';
import { storeLastPoints } from '../backups/points';
import { describeBackupVolumes } from '../backups/volumes';
import { checkCanConfirm } from './confirm';
import type { CommandContext } from '../context';
import { DockerApiError } from '../engine/docker-api';
import { DockerWrites } from '../engine/docker-writes';
import { beforeAnyChange, CommandError, ExitCode, type Output } from '../output/output';
import { prepare, type Prepared } from './prepare';
import { Names, printLeftOvers, removeLeftOvers } from '../preflight/names';
import { checkNetworkUsers } from '../preflight/network-users';
import { printPlan } from '../output/plan-report';
import { describeChanges } from '../plan/details';
import { removeAllSecrets } from '../secrets/clean-up';
import { CommandLock } from '../state/command-lock';
import { outputOf, stackNamed } from '../synthesis/stacks';
import { unsavedFiles, warnOfUnsavedFiles } from '../preflight/unsaved-files';
import { changedByPlan } from '../engine/log-tail';
import type { Applied, Plan } from '../terraform/plan';
import { remainingVolumes, type UnseenVolume, unseenVolumes } from '../preflight/volumes';
import { statesOf, stoppedServices } from '../engine/workload-state';

interface DestroyChoices {
  readonly yes: boolean;
  /** Whether Terraform's own description of the plan is printed too. */
  readonly verbose: boolean;
  /** Whether the retained volumes are removed too. */
  readonly volumes: boolean;
}

/** Removes the stack, after showing what will be removed. Data is only removed with `--volumes`. */
export async function destroy(
  app: App,
  name: string | undefined,
  choices: DestroyChoices,
  context: CommandContext,
): Promise<number> {
  const stack = stackNamed(app, name);
  checkCanConfirm(choices.yes, 'destroy', [stack.node.id, ...(choices.volumes ? ['--volumes'] : [])], context);
  const lock = new CommandLock(outputOf(app, stack), stack);
  return lock.during('destroy', () => destroyLocked(app, stack, choices, context));
}

async function destroyLocked(
  app: App,
  stack: TradingStack,
  choices: DestroyChoices,
  context: CommandContext,
): Promise<number> {
  const { output } = context;
  const prepared = await prepare(app, stack, { secrets: false, start: false }, context);
  const { docker, terraform, record, history } = prepared;
  await storeLastPoints(stack, docker, context);
  const stopped = stoppedServices(await statesOf(stack.platform.workloads, docker));
  const volumes = await remainingVolumes(stack, docker);
  const confirmRemoval = async (isAnything: boolean): Promise<void> => {
    const question = questionAbout(isAnything, choices.volumes ? volumes : [], stack);
    if (question !== undefined && !choices.yes) await context.confirm(question, 'nothing is removed.');
  };
  const { succeeded, errors } = await beforeAnyChange(
    terraform.plan({ destroy: true }, (plan) =>
      carryOut(plan, stack, prepared, { ...choices, confirmRemoval }, context),
    ),
    () => changedByPlan(stopped, docker),
  );
  // After an interrupt the volumes must stay.
  if (terraform.wasInterrupted)
    throw new CommandError('interrupted', `The destroy of ${stack.node.id} was interrupted. Run it again to continue.`);
  if (!succeeded) {
    const message = `The destroy of ${stack.node.id} failed. Run it again to continue.`;
    throw new CommandError('destroy-failed', message, ExitCode.FAILED, [], errors);
  }
  record.remove();
  history.remove();
  output.heading(`${stack.node.id} is no longer deployed.`);

  const writes = new DockerWrites(docker);
  try {
    await handleVolumes(volumes, stack, writes, choices, output);
  } finally {
    await removeAllSecrets(stack, writes, output);
  }
  return ExitCode.DONE;
}

/** One question for everything that is lost; `undefined` if that is nothing. */
function questionAbout(isAnything: boolean, volumes: readonly string[], stack: TradingStack): string | undefined {
  if (volumes.length === 0) return isAnything ? 'Remove all of this?' : undefined;
  const data = `these volumes with all their data: ${volumes.join(', ')}`;
  const question = isAnything ? `Remove all of this, and ${data}?` : `Remove ${data}?`;
  return [...describeBackupVolumes(volumes, stack), question].join('\n');
}

async function carryOut(
  plan: Plan,
  stack: TradingStack,
  { docker, terraform }: Prepared,
  {
    verbose,
    confirmRemoval,
  }: Pick<DestroyChoices, 'verbose'> & {
    readonly confirmRemoval: (isAnything: boolean) => Promise<void>;
  },
  context: CommandContext,
): Promise<Applied> {
  const { output } = context;
  if (plan.isEmpty && !terraform.journal.exists) {
    await confirmRemoval(false);
    return NOTHING_TO_APPLY;
  }
  const planned = await plan.read();
  const unsaved = unsavedFiles(planned.changes, stack, docker);
  const names = new Names({ stack, planned, docker, terraform });
  const leftOvers = await names.leftOvers();
  if (verbose) await plan.printText();
  if (!plan.isEmpty) {
    printPlan(describeChanges(planned.changes, { stack, planned, terraform, reasons: new Map() }), stack, output);
  }
  printLeftOvers(leftOvers, output);
  await checkNetworkUsers(planned.changes, stack, docker);
  warnOfUnsavedFiles(await unsaved, docker, output);
  await confirmRemoval(!plan.isEmpty || leftOvers.length > 0);
  await removeLeftOvers(leftOvers, docker, output);
  const applied = plan.isEmpty ? NOTHING_TO_APPLY : await plan.apply();
  if (applied.succeeded) terraform.journal.remove();
  return applied;
}

const NOTHING_TO_APPLY: Applied = { succeeded: true, failedAddresses: [], errors: [] };

/**
 * @param volumes those that existed when their removal was confirmed
 * @throws CommandError if they were to be removed and some of them may remain
 */
async function handleVolumes(
  volumes: readonly string[],
  stack: TradingStack,
  docker: DockerWrites,
  choices: DestroyChoices,
  output: Output,
): Promise<void> {
  const unseen = describeUnseen(await unseenVolumes(stack, docker.api));
  if (!choices.volumes) {
    if (volumes.length > 0) {
      output.say(`These volumes are kept with their data, and the next deploy uses them again: ${volumes.join(', ')}`);
      for (const line of describeBackupVolumes(volumes, stack)) output.warn(line);
      output.say(`To remove them too: ${docker.api.address.command} volume rm ${volumes.join(' ')}`);
    }
    for (const line of unseen) output.say(line);
    return;
  }
  const refusals = new Map<string, string>();
  for (const volume of volumes) {
    const reason = await refusalOf(volume, docker);
    if (reason === undefined) output.say(`Removed the volume ${volume}.`);
    else refusals.set(volume, reason);
  }
  const problems = [...describeRefusals(refusals, docker.api.address.command), ...unseen];
  if (problems.length > 0) throw new CommandError('volume-not-removed', problems.join('\n'));
}

/** @param refusals the reasons why volumes were not removed */
function describeRefusals(refusals: ReadonlyMap<string, string>, docker: string): string[] {
  if (refusals.size === 0) return [];
  const them = refusals.size === 1 ? 'it' : 'them';
  return [
    ...[...refusals].map(([volume, reason]) => `The volume ${volume} could not be removed: ${reason}.`),
    `Stop what uses ${them}, and remove ${them}: ${docker} volume rm ${[...refusals.keys()].join(' ')}`,
  ];
}

function describeUnseen(unseen: readonly UnseenVolume[]): string[] {
  return unseen.map(
    ({ volume, nodes }) =>
      `The volume ${volume} may be on ${nodes.join(' or ')}, which cannot be reached from here. To remove it with its ` +
      `data, run on that node: docker volume rm ${volume}`,
  );
}

/** Removes a volume, and returns the reason if the engine refuses to. */
async function refusalOf(volume: string, docker: DockerWrites): Promise<string | undefined> {
  try {
    await docker.removeVolume(volume);
    return undefined;
  } catch (error) {
    if (!(error instanceof DockerApiError)) throw error;
    return error.reason;
  }
}

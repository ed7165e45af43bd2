import type { Backup, TradingStack } from '../../index';
import type { CommandContext } from '../context';
import { type DockerApi, DockerApiError } from '../engine/docker-api';
import { DockerWrites } from '../engine/docker-writes';
import type { WorkloadState } from '../engine/workload-state';
import { CommandError } from '../output/output';
import { BackupContainer, BUSY, declaredBackups } from './repository';
import { namesOfServer } from './users';

/**
 * Waits for restores that still run, and has those undone that were cut short: what a deploy starts would write to data that
 * is dropped afterwards. Their containers know of them, wherever the command that was killed ran.
 * @param states those of the workloads of the stack
 * @throws CommandError `restore-unfinished` if the data cannot be put back
 */
export async function settleRestores(
  stack: TradingStack,
  states: readonly WorkloadState[],
  docker: DockerApi,
  context: CommandContext,
): Promise<void> {
  const settled = await Promise.all(
    declaredBackups(stack).map(async (backup) => ({
      backup,
      isSettled: await isSettled(backup, stack, states, docker, context),
    })),
  );
  const [unsettled] = settled.filter((one) => !one.isSettled);
  if (unsettled !== undefined) throw unfinished(unsettled.backup, stack, docker);
}

async function isSettled(
  backup: Backup,
  stack: TradingStack,
  states: readonly WorkloadState[],
  docker: DockerApi,
  context: CommandContext,
): Promise<boolean> {
  const { path } = backup.workload.spec;
  const state = states.find(({ workload }) => workload.spec.path === path);
  if (state?.container == null) return true;
  try {
    // One that was killed in the middle of a restore.
    if (state.status === 'exited') await new DockerWrites(docker).startContainer(state.container);
    const container = await BackupContainer.ifRunning(backup, stack, docker);
    // A backup that runs began with putting back.
    return container === undefined || [0, BUSY].includes(await container.run(['put-back'], context));
  } catch (error) {
    // It crashes, and the deploy may be what fixes it. It does the same itself when it runs again.
    if (error instanceof DockerApiError) return true;
    throw error;
  }
}

function unfinished(backup: Backup, stack: TradingStack, docker: DockerApi): CommandError {
  const [state, verb] = backup.restoredStopped ? ['is stopped', 'stop'] : ['runs', 'start'];
  const command = [docker.address.command, verb, ...namesOfServer(backup, stack)].join(' ');
  return new CommandError(
    'restore-unfinished',
    `A restore of ${backup.server.node.id} was cut short, and the data from before it could not be put back; the lines ` +
      'above say why. Services that are started now would write to data that is dropped when it is put back. That is ' +
      `possible while the server ${state}: ${command}; then run the command again.`,
  );
}

import type { App } from 'cdktf';
import type { Backup, TradingStack } from '../../../index';
import type { RegisteredWorkload } from '../../../internal';
import { jobsOf, runAgain } from '../../backups/jobs';
import { BackupContainer, backupsOf, BUSY, type MadeBackup } from '../../backups/repository';
import { usersOf } from '../../backups/users';
import type { CommandContext } from '../../context';
import { type DockerApi, DockerApiError } from '../../engine/docker-api';
import { DockerWrites } from '../../engine/docker-writes';
import { dockerOf } from '../../engine/of-stack';
import { hasTasks, statesOf, type WorkloadState } from '../../engine/workload-state';
import { beforeAnyChange, CommandError, ExitCode } from '../../output/output';
import { uninterrupted } from '../../processes/signals';
import { CommandLock } from '../../state/command-lock';
import { outputOf, stackNamed } from '../../synthesis/stacks';
import { checkCanConfirm } from '../confirm';

/** What is restored. */
interface RestoreChoices {
  readonly service: string;
  /** Id of a backup, or `latest`. */
  readonly backup: string;
  readonly yes: boolean;
}

/**
 * Restores a backup of a server: it is read and checked first, then everything that uses the server is stopped, the data is
 * restored next to what is there, and everything that was stopped is started again, whether the restore succeeded or not.
 */
export async function restore(
  app: App,
  name: string,
  choices: RestoreChoices,
  context: CommandContext,
): Promise<ExitCode> {
  const stack = stackNamed(app, name);
  checkCanConfirm(choices.yes, 'restore', [stack.node.id, choices.service, choices.backup], context);
  const lock = new CommandLock(outputOf(app, stack), stack);
  return lock.during('restore', () => restoreLocked(stack, choices, context));
}

async function restoreLocked(stack: TradingStack, choices: RestoreChoices, context: CommandContext): Promise<ExitCode> {
  const { output } = context;
  const docker = dockerOf(stack, context.environment);
  const [declared] = backupsOf(stack, choices.service);
  if (declared === undefined) return ExitCode.DONE;
  const { container, made, users } = await beforeAnyChange(prepare(stack, declared, choices, docker, context));
  const stopped = new StoppedContainers(users, jobsOf(declared, stack), docker, context);
  const onSignal = (): void => {
    output.warn('A restore is not interrupted: it ends, and then everything that was stopped is started again.');
  };
  const succeeded = await uninterrupted(onSignal, () => restoreStopped(stopped, container, made, context));
  if (succeeded) {
    output.heading(`${choices.service} has the data of backup ${made.id} of ${made.madeAt}.`);
    return ExitCode.DONE;
  }
  throw new CommandError(
    'backup-failed',
    `Backup ${made.id} of ${choices.service} could not be restored, and the data is as it was; the lines above say why.`,
  );
}

/**
 * @returns whether the backup is restored; otherwise the data is as it was
 * @throws CommandError if the data could not be put back; then nothing is started that would use it
 */
async function restoreStopped(
  stopped: StoppedContainers,
  container: BackupContainer,
  { id }: MadeBackup,
  context: CommandContext,
): Promise<boolean> {
  let exitCode: number = BUSY;
  let failure: Error | undefined;
  try {
    await stopped.stop();
    exitCode = await container.run(['restore', id], context);
  } catch (error) {
    failure = error as Error;
  }
  // It may have been killed in the middle, at its memory limit or with its container.
  const isCertain = failure === undefined && (exitCode === 0 || exitCode === BUSY);
  if (!isCertain && !(await isPutBack(container, context))) throw notPutBack(stopped, container, id);
  await stopped.start();
  if (failure !== undefined) throw failure;
  return exitCode === 0;
}

async function isPutBack(container: BackupContainer, context: CommandContext): Promise<boolean> {
  try {
    return (await container.run(['put-back'], context)) === 0;
  } catch (error) {
    if (error instanceof DockerApiError) return false;
    throw error;
  }
}

function notPutBack(
  stopped: StoppedContainers,
  { backup: { server, workload } }: BackupContainer,
  id: string,
): CommandError {
  const { name } = workload.spec;
  const service = server.node.id;
  return new CommandError(
    'backup-failed',
    `The restore of backup ${id} was cut short: ${service} may have only a part of its data, and what uses it stays stopped. ` +
      `The container ${name} puts the old data back when it starts: ${stopped.commandFor('restart', [name])}. When its log says ` +
      `that the data is as it was, start the rest: ${stopped.commandFor('start')}`,
  );
}

interface Prepared {
  readonly container: BackupContainer;
  readonly made: MadeBackup;
  readonly users: readonly WorkloadState[];
}

async function prepare(
  stack: TradingStack,
  declared: Backup,
  { service, backup, yes }: RestoreChoices,
  docker: DockerApi,
  context: CommandContext,
): Promise<Prepared> {
  const container = await BackupContainer.of(declared, stack, docker);
  const made = chosen(await container.list(), backup, `${stack.node.id} ${service}`);
  const states = await statesOf(usersOf(declared, stack), docker);
  // One that crashes again and again is about to run.
  const users = states.filter(({ status }) => status === 'running' || status === 'restarting');
  const onSwarm = users.filter(({ workload }) => hasTasks(workload)).map(({ workload }) => workload.spec.name);
  if (onSwarm.length > 0) {
    const commands = onSwarm.map((one) => `${docker.address.command} service scale ${one}=0`).join('; ');
    const message = `A Swarm starts what is stopped. Scale down what uses ${service} first, and deploy after the restore: ${commands}`;
    throw new CommandError('unsupported-by-engine', message, ExitCode.REFUSED);
  }
  if ((await container.run(['fetch', made.id], context)) !== 0) {
    throw new CommandError('backup-failed', `Backup ${made.id} of ${service} cannot be read; the lines above say why.`);
  }
  const names = users.map(({ workload }) => workload.spec.name);
  const stops = names.length === 0 ? '' : ` Meanwhile these are stopped: ${names.join(', ')}.`;
  const question = `Restore ${service} as it was at ${made.madeAt} (backup ${made.id})?${stops} What is there now is kept.`;
  if (!yes) await context.confirm(question, 'nothing is restored.');
  return { container, made, users };
}

function chosen(all: readonly MadeBackup[], wanted: string, words: string): MadeBackup {
  const found = wanted === 'latest' ? all.at(-1) : all.find(({ id }) => id === wanted);
  if (found !== undefined) return found;
  const message = `There is no backup '${wanted}'. List those that exist: npm run backups -- ${words}`;
  throw new CommandError('backup-missing', message, ExitCode.REFUSED);
}

/** Containers that are stopped during a restore, and jobs that run again before they start. */
class StoppedContainers {
  private readonly writes: DockerWrites;

  constructor(
    private readonly states: readonly WorkloadState[],
    private readonly jobs: readonly RegisteredWorkload[],
    docker: DockerApi,
    private readonly context: CommandContext,
  ) {
    this.writes = new DockerWrites(docker);
  }

  /** Those that use others first. */
  async stop(): Promise<void> {
    for (const { workload, container } of [...this.states].reverse()) {
      if (container === null) continue;
      await this.writes.stopContainer(container, workload.spec.stopGracePeriodSeconds * 1000);
      this.context.output.say(`Stopped ${workload.spec.name}.`);
    }
  }

  /** @throws CommandError with the containers that could not be started, and the jobs that failed */
  async start(): Promise<void> {
    const failed = await runAgain(this.jobs, this.writes.api, this.context.output);
    for (const { workload, container } of this.states) {
      if (container === null) continue;
      try {
        await this.writes.startContainer(container);
        this.context.output.say(`Started ${workload.spec.name}.`);
      } catch {
        failed.push(workload.spec.name);
      }
    }
    if (failed.length === 0) return;
    throw new CommandError(
      'backup-failed',
      `These containers could not be started after the restore: ${failed.join(', ')}. Start them: ${this.commandFor('start', failed)}`,
    );
  }

  /** The command of Docker's client for some containers; by default those that are stopped. */
  commandFor(
    verb: 'start' | 'restart',
    names: readonly string[] = this.states.map(({ workload }) => workload.spec.name),
  ): string {
    return [this.writes.api.address.command, verb, ...names].join(' ');
  }
}

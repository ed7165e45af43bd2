import type { App } from 'cdktf';
import type { Backup, TradingStack } from '../../../index';
import type { RegisteredWorkload } from '../../../internal';
import { jobsOf, runAgain } from '../../backups/jobs';
import { backupReaching } from '../../backups/points';
import { BackupContainer, backupsOf, BUSY, type MadeBackup } from '../../backups/repository';
import { namesOfServer, usersOf } from '../../backups/users';
import type { CommandContext } from '../../context';
import { type DockerApi, DockerApiError } from '../../engine/docker-api';
import { DockerWrites } from '../../engine/docker-writes';
import { hasTasks, statesOf, type WorkloadState } from '../../engine/workload-state';
import { beforeAnyChange, CommandError, ExitCode } from '../../output/output';
import { secondsOf } from '../../output/quantities';
import { quoted } from '../../output/quoted';
import { uninterrupted } from '../../processes/signals';
import { CommandLock } from '../../state/command-lock';
import { deployedEngine } from '../../state/deployed-engine';
import { outputOf, stackNamed } from '../../synthesis/stacks';
import { checkCanConfirm } from '../confirm';
import { requiredArgument } from '../required-argument';

/** What is restored. */
interface RestoreChoices {
  readonly service: string;
  /** Id of a backup, or `latest`; with a time, `undefined` is the same as `latest`. */
  readonly backup: string | undefined;
  /** The time that the backup is rolled forward to. */
  readonly at: Date | undefined;
  readonly yes: boolean;
}

interface LockedChoices extends RestoreChoices {
  /** Whether the last command was a restore that was killed, which left stopped what it had stopped. */
  readonly followsKilled: boolean;
}

/**
 * Restores a backup of a server: it is read and checked first, then everything that uses the server is stopped, the data is
 * restored next to what is there, and everything that was stopped is started again, whether the restore succeeded or not.
 */
export async function restore(
  app: App,
  name: string | undefined,
  service: string | undefined,
  options: Omit<RestoreChoices, 'service'>,
  context: CommandContext,
): Promise<ExitCode> {
  const stack = stackNamed(app, name);
  const choices = { ...options, service: serviceOf(stack, service) };
  checkCanConfirm(choices.yes, 'restore', [stack.node.id, choices.service, ...wordsOf(choices)], context);
  const lock = new CommandLock(outputOf(app, stack), stack);
  const followsKilled = lock.killed()?.command === 'restore';
  return lock.during('restore', () => restoreLocked(app, stack, { ...choices, followsKilled }, context));
}

/** @throws CommandError `backup-missing` if no service has backups, `usage` without a service */
function serviceOf(stack: TradingStack, service: string | undefined): string {
  if (service !== undefined) return service;
  const known = backupsOf(stack, undefined).map(({ server }) => server.node.id);
  const example = (one: string): string => `restore -- ${stack.node.id} ${one} latest`;
  return requiredArgument(service, { kind: 'service', known, example }, stack);
}

/** @throws CommandError `usage` with neither a backup nor a time */
function wordsOf({ backup, at, service }: RestoreChoices): string[] {
  if (at !== undefined) return [...(backup === undefined ? [] : [backup]), '--at', at.toISOString()];
  if (backup !== undefined) return [backup];
  const message = `Which backup of ${service}? Pass its id, latest, or a time with --at, such as --at 2026-01-31T13:59:00Z`;
  throw new CommandError('usage', message, ExitCode.REFUSED);
}

async function restoreLocked(
  app: App,
  stack: TradingStack,
  choices: LockedChoices,
  context: CommandContext,
): Promise<ExitCode> {
  const { output } = context;
  const docker = await deployedEngine(app, stack, context.environment);
  const [declared] = backupsOf(stack, choices.service);
  if (declared === undefined) return ExitCode.DONE;
  const { container, source, users } = await beforeAnyChange(prepare(stack, declared, choices, docker, context));
  const stopped = new StoppedContainers(users, jobsOf(declared, stack), docker, context);
  const onSignal = (): void => {
    output.warn('A restore is not interrupted: it ends, and then everything that was stopped is started again.');
  };
  const exitCode = await uninterrupted(onSignal, () => restoreStopped(stopped, container, source, stack, context));
  if (exitCode === 0) {
    output.heading(`${choices.service} has the data of ${source.title}.`);
    return ExitCode.DONE;
  }
  const result =
    exitCode === BUSY
      ? 'was not restored by this command, as another one works on it'
      : 'could not be restored, and the data is as it was';
  throw new CommandError('backup-failed', `${choices.service} ${result}; the lines above say why.`);
}

/**
 * @returns the exit code of the restore: 0, {@link BUSY} if it did nothing, and otherwise the data is as it was
 * @throws CommandError if the data could not be put back; then nothing is started that would use it
 */
async function restoreStopped(
  stopped: StoppedContainers,
  container: BackupContainer,
  { id }: Source,
  stack: TradingStack,
  context: CommandContext,
): Promise<number> {
  let exitCode = 0;
  let failure: Error | undefined;
  try {
    await stopped.stop();
    exitCode = await container.run(['restore', id], context);
  } catch (error) {
    failure = error as Error;
  }
  // It may have been killed in the middle, at its memory limit or with its container. If it was busy with the restore of
  // another command, that one still needs everything to be stopped.
  const isCertain = failure === undefined && exitCode === 0;
  if (!isCertain && !(await isPutBack(container, context))) throw notPutBack(stopped, container.backup, id, stack);
  await stopped.start();
  if (failure !== undefined) throw failure;
  return exitCode;
}

/** Waits for a restore that runs. A backup begins with putting back. */
async function isPutBack(container: BackupContainer, context: CommandContext): Promise<boolean> {
  try {
    return [0, BUSY].includes(await container.run(['put-back'], context));
  } catch (error) {
    if (error instanceof DockerApiError) return false;
    throw error;
  }
}

function notPutBack(stopped: StoppedContainers, backup: Backup, id: string, stack: TradingStack): CommandError {
  const { name } = backup.workload.spec;
  const service = backup.server.node.id;
  const needed = [...(backup.restoredStopped ? [] : namesOfServer(backup, stack)), name];
  return new CommandError(
    'backup-failed',
    `The restore of ${id} was cut short: ${service} may have only a part of its data, and what uses it stays stopped. ` +
      `The container ${name} puts the old data back within seconds of its start: ${stopped.commandFor(needed)}. When its ` +
      `log says that the data is as it was, start the rest: ${stopped.commandFor()}`,
  );
}

/** What the data is restored from. */
interface Source {
  /** As the commands of the container take it: `1f3c9a70`, `1f3c9a70@2026-01-31T13:59:00.000Z`. */
  readonly id: string;
  /** For messages: `backup 1f3c9a70 of 2026-01-31T03:00:04Z`. */
  readonly title: string;
  /** The time whose data it has. */
  readonly time: string;
}

interface Prepared {
  readonly container: BackupContainer;
  readonly source: Source;
  readonly users: readonly WorkloadState[];
}

async function prepare(
  stack: TradingStack,
  declared: Backup,
  choices: LockedChoices,
  docker: DockerApi,
  context: CommandContext,
): Promise<Prepared> {
  const { service, yes, followsKilled } = choices;
  const container = await BackupContainer.of(declared, stack, docker);
  const source = await sourceOf(container, choices, `${stack.node.id} ${service}`, { docker, context });
  const states = await statesOf(usersOf(declared, stack), docker);
  // One that crashes again and again is about to run.
  const running = ['running', 'restarting', ...(followsKilled ? ['exited'] : [])];
  const users = states.filter(({ status }) => running.includes(status));
  const onSwarm = users.filter(({ workload }) => hasTasks(workload)).map(({ workload }) => workload.spec.name);
  if (onSwarm.length > 0) {
    const commands = onSwarm.map((one) => `${docker.address.command} service scale ${one}=0`).join('; ');
    const message = `A Swarm starts what is stopped. Scale down what uses ${service} first, and deploy after the restore: ${commands}`;
    throw new CommandError('unsupported-by-engine', message, ExitCode.REFUSED);
  }
  if ((await container.run(['fetch', source.id], context)) !== 0) {
    throw new CommandError('backup-failed', `The data of ${source.title} cannot be read; the lines above say why.`);
  }
  const names = users.map(({ workload }) => workload.spec.name);
  const stops = names.length === 0 ? '' : ` Meanwhile these are stopped: ${names.join(', ')}.`;
  const question = `Restore ${service} as it was at ${source.time} (${source.id})?${stops} What is there now is kept.`;
  if (!yes) await context.confirm(question, 'nothing is restored.');
  return { container, source, users };
}

async function sourceOf(
  container: BackupContainer,
  { backup = 'latest', at, service }: RestoreChoices,
  words: string,
  { docker, context }: { readonly docker: DockerApi; readonly context: CommandContext },
): Promise<Source> {
  const now = new Date(await docker.now());
  if (at === undefined) {
    const { id, madeAt } = chosen(await container.list(), backup, words);
    if (backup === 'latest' && new Date(madeAt) > now) throw madeInTheFuture({ id, madeAt }, now, words);
    return { id, title: `backup ${id} of ${madeAt}`, time: madeAt };
  }
  if (!container.backup.hasPointsInTime) {
    const message =
      `${service} can be restored to its backups only. Set the option recoveryPointEvery where it is backed ` +
      `up, and deploy: then it can be restored to any time after that. List its backups: npm run backups -- ${words}`;
    throw new CommandError('time-not-reachable', message, ExitCode.REFUSED);
  }
  // What happened just now is not stored yet. If the server does not run, what is stored has to do.
  await container.run(['store-log'], context);
  const all = await container.list();
  if (backup !== 'latest') chosen(all, backup, words);
  const { id } = backupReaching(at, all, { wanted: backup, words, now });
  const time = at.toISOString();
  return { id: `${id}@${time}`, title: `${time}, from backup ${id}`, time };
}

/** Made while a clock was ahead: newer backups may be listed before it. */
function madeInTheFuture({ id, madeAt }: Pick<MadeBackup, 'id' | 'madeAt'>, now: Date, words: string): CommandError {
  const message =
    `The latest backup by its time, ${id} of ${madeAt}, is in the future: on the engine's machine it is ${secondsOf(now)}. ` +
    `The clock was ahead when it was made, and newer ones may be listed before it. Restore one by its id: npm run backups -- ${words}`;
  return new CommandError('time-not-reachable', message, ExitCode.REFUSED);
}

function chosen(all: readonly MadeBackup[], wanted: string, words: string): MadeBackup {
  const found = wanted === 'latest' ? all.at(-1) : all.find(({ id }) => id === wanted);
  if (found !== undefined) return found;
  if (/^\d{4}-\d\d-\d\d/.test(wanted)) {
    const command = `npm run restore -- ${words} --at ${quoted(wanted)}`;
    const message = `'${wanted}' is a time, not a backup. npm takes options for itself unless two dashes are before them: ${command}`;
    throw new CommandError('backup-missing', message, ExitCode.REFUSED);
  }
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
      `These containers could not be started after the restore: ${failed.join(', ')}. Start them: ${this.commandFor(failed)}`,
    );
  }

  /** The command of Docker's client that starts some containers; by default those that are stopped. */
  commandFor(names: readonly string[] = this.states.map(({ workload }) => workload.spec.name)): string {
    return [this.writes.api.address.command, 'start', ...names].join(' ');
  }
}

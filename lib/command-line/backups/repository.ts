import { Backup, type TradingStack } from '../../index';
import type { CommandContext } from '../context';
import { type ProgramOutcome, type ProgramStreams, runInContainer } from '../engine/container-program';
import type { DockerApi } from '../engine/docker-api';
import { statesOf, type WorkloadState } from '../engine/workload-state';
import { CommandError, ExitCode } from '../output/output';
import { secondsOf } from '../output/quantities';

/** A backup in the repository of a server. */
export interface MadeBackup {
  /** As `restore` takes it. */
  readonly id: string;
  /** `2026-01-01T03:00:04Z` */
  readonly madeAt: string;
  /** Bytes after a restore; `null` if restic did not record it. */
  readonly size: number | null;
  /** The times that it can be rolled forward to; `null` without a write-ahead log that follows it. */
  readonly points: PointsInTime | null;
}

/** The first and the last time to which a backup can be rolled forward. */
export interface PointsInTime {
  readonly from: Date;
  readonly until: Date;
}

/** The exit code of a command that did nothing, because another one runs in the same container. */
export const BUSY = 75;

/** The backups of a stack, in the order in which they were declared. */
export function declaredBackups(stack: TradingStack): Backup[] {
  return stack.node.findAll().filter((construct) => construct instanceof Backup);
}

/**
 * The backups of a stack, or that of one service.
 * @throws CommandError `backup-missing` if the stack, or the service, has no backup
 */
export function backupsOf(stack: TradingStack, service: string | undefined): readonly Backup[] {
  const all = declaredBackups(stack);
  const found = service === undefined ? all : all.filter(({ server }) => server.node.id === service);
  if (found.length > 0) return found;
  const known = all.map(({ server }) => server.node.id).join(', ');
  const what = service === undefined ? `${stack.node.id} has no backups` : `The service '${service}' has no backup`;
  const fix =
    known === '' ? 'Declare one with the method `backup` of a server, and deploy.' : `These have backups: ${known}.`;
  throw new CommandError('backup-missing', `${what}. ${fix}`, ExitCode.REFUSED);
}

/** The container that makes the backups of a server. */
export class BackupContainer {
  /** The container, unless it does not run on this engine. */
  static async ifRunning(backup: Backup, stack: TradingStack, docker: DockerApi): Promise<BackupContainer | undefined> {
    const state = await BackupContainer.stateOf(backup, stack, docker);
    return BackupContainer.in(state, backup, docker);
  }

  /** @throws CommandError `backup-missing` unless it runs */
  static async of(backup: Backup, stack: TradingStack, docker: DockerApi): Promise<BackupContainer> {
    const { name } = backup.workload.spec;
    const state = await BackupContainer.stateOf(backup, stack, docker);
    const running = BackupContainer.in(state, backup, docker);
    if (running !== undefined) return running;
    const log = `see its log with \`${docker.address.command} logs ${name}\``;
    const deploy = `deploy the stack: npm run deploy -- ${stack.node.id}`;
    const hasNodes = stack.engine.traits.hasRemoteNodes;
    const elsewhere = hasNodes ? 'select the engine of the node that runs it with DOCKER_HOST, or ' : '';
    const fix = state?.container == null ? `${elsewhere}${deploy}` : log;
    throw new CommandError('backup-missing', `The container ${name} does not run on this engine: ${fix}.`);
  }

  private static in(state: WorkloadState | undefined, backup: Backup, docker: DockerApi): BackupContainer | undefined {
    if (state?.container == null || state.status !== 'running') return undefined;
    return new BackupContainer(backup, docker, state.container);
  }

  private static async stateOf(
    backup: Backup,
    stack: TradingStack,
    docker: DockerApi,
  ): Promise<WorkloadState | undefined> {
    const { path } = backup.workload.spec;
    const own = stack.platform.workloads.filter(({ spec }) => spec.path === path);
    return (await statesOf(own, docker))[0];
  }

  private constructor(
    readonly backup: Backup,
    private readonly docker: DockerApi,
    private readonly id: string,
  ) {}

  /** @throws CommandError `backup-failed` with what it printed, if it cannot be read */
  async list(): Promise<MadeBackup[]> {
    const complaints: string[] = [];
    const onLine = (line: string): void => {
      complaints.push(line);
    };
    const { exitCode, stdout } = await this.start(['list'], { onLine, showsStdout: false });
    if (exitCode !== 0) {
      const what = `The backups of ${this.backup.server.node.id} cannot be listed`;
      throw new CommandError('backup-failed', [`${what}:`, ...complaints].join('\n'));
    }
    const snapshots = JSON.parse(stdout.trim() === '' ? '[]' : stdout) as readonly Snapshot[] | null;
    return backupsIn(snapshots ?? []);
  }

  private start(command: readonly string[], output: ProgramStreams): Promise<ProgramOutcome> {
    return runInContainer(this.docker, this.id, ['/bin/sh', '/opt/backup/backup.sh', ...command], output);
  }

  /**
   * Runs one of the commands of the container, and shows what it prints.
   * @returns its exit code: 0, {@link BUSY}, or another one
   */
  async run(command: readonly string[], { output }: CommandContext): Promise<number> {
    const name = this.backup.server.node.id;
    const onLine = (line: string): void => {
      output.say(`${name}: ${line}`);
    };
    const running = this.start(command, { onLine, showsStdout: true });
    return (await output.during(`${command[0] ?? ''} ${name}`, running)).exitCode;
  }
}

/** What `restic snapshots --json` prints: https://restic.readthedocs.io/en/stable/075_scripting.html#snapshots */
interface Snapshot {
  readonly short_id: string;
  readonly time: string;
  readonly summary?: { readonly total_bytes_processed?: number };
  /** Those of `lib/backup/container/point-in-time.sh`. */
  readonly tags?: readonly string[];
}

/** The backups among snapshots, with the times that the others, of the write-ahead log, let them reach. */
function backupsIn(snapshots: readonly Snapshot[]): MadeBackup[] {
  const logs = snapshots.flatMap((snapshot) => {
    const [after, until] = [tagOf(snapshot, 'after'), tagOf(snapshot, 'until')];
    const continues = tagOf(snapshot, 'continues');
    return after === undefined || until === undefined ? [] : [{ after, until: new Date(until), continues }];
  });
  return snapshots
    .filter((snapshot) => tagOf(snapshot, 'after') === undefined)
    .map((snapshot) => {
      const from = tagOf(snapshot, 'points-from');
      const until = from === undefined ? undefined : lastTime(from, logs);
      return {
        id: snapshot.short_id,
        madeAt: secondsOf(new Date(snapshot.time)),
        size: snapshot.summary?.total_bytes_processed ?? null,
        points: from === undefined || until === undefined ? null : { from: new Date(from), until },
      };
    });
}

/** A part of the write-ahead log that follows a backup, in a chain named after that. */
interface StoredLog {
  readonly after: string;
  readonly until: Date;
  /** The chain that ends where this one begins. */
  readonly continues: string | undefined;
}

/** The end of a chain, or of the last one that continues it. */
function lastTime(chain: string, logs: readonly StoredLog[]): Date | undefined {
  const own = logs.filter(({ after }) => after === chain).map(({ until }) => until.getTime());
  if (own.length === 0) return undefined;
  const next = logs.find(({ after, continues }) => continues === chain && after > chain);
  return (next && lastTime(next.after, logs)) ?? new Date(Math.max(...own));
}

function tagOf({ tags = [] }: Snapshot, name: string): string | undefined {
  return tags.find((tag) => tag.startsWith(`${name}:`))?.slice(name.length + 1);
}

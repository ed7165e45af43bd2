import type { TradingStack } from '../../index';
import type { CommandContext } from '../context';
import type { DockerApi } from '../engine/docker-api';
import { CommandError, ExitCode } from '../output/output';
import { secondsOf } from '../output/quantities';
import { BackupContainer, declaredBackups, type MadeBackup } from './repository';

/** Which backup a time is to be reached from, and what messages need to know. */
interface Reach {
  /** Id of a backup, or `latest` for the newest one from which the time can be reached. */
  readonly wanted: string;
  /** Arguments of the commands: `desk db`. */
  readonly words: string;
  /** The time on the engine's machine. */
  readonly now: Date;
}

/**
 * The backup that is rolled forward to a time.
 * @throws CommandError `time-not-reachable` if no backup reaches it, with the times that can be reached
 */
export function backupReaching(at: Date, all: readonly MadeBackup[], { wanted, words, now }: Reach): MadeBackup {
  const candidates = all.filter(({ id, points }) => points !== null && (wanted === 'latest' || id === wanted));
  const found = candidates.filter(({ points }) => points !== null && points.from <= at && at <= points.until).at(-1);
  if (found !== undefined) return found;
  const problem = problemWith(at, candidates, now);
  const of = wanted === 'latest' ? '' : ` from backup ${wanted}`;
  const known = candidates.flatMap(({ points }) =>
    points === null ? [] : [`${secondsOf(points.from)} to ${secondsOf(points.until)}`],
  );
  const list = known.length === 0 ? '' : ` These can be reached: ${known.join(', ')}.`;
  throw new CommandError(
    'time-not-reachable',
    `${at.toISOString()} cannot be reached${of}: ${problem}.${list} List the backups: npm run backups -- ${words}`,
    ExitCode.REFUSED,
  );
}

function problemWith(at: Date, candidates: readonly MadeBackup[], now: Date): string {
  const points = candidates.flatMap((made) => (made.points === null ? [] : [made.points]));
  if (at > now) return `it is in the future; on the engine's machine it is ${secondsOf(now)}`;
  if (points.length === 0) return 'no backup can be rolled forward yet';
  if (points.every(({ from }) => at < from)) return 'it is before the first time that a backup reaches';
  if (points.every(({ until }) => until < at)) return 'the changes up to then are not stored yet';
  return 'a part of the write-ahead log is missing around that time';
}

/** Stores what was committed until now: a destroy removes what has only been received. */
export async function storeLastPoints(stack: TradingStack, docker: DockerApi, context: CommandContext): Promise<void> {
  for (const backup of declaredBackups(stack).filter(({ hasPointsInTime }) => hasPointsInTime)) {
    const container = await BackupContainer.ifRunning(backup, stack, docker);
    if (container === undefined || (await container.run(['store-log'], context)) === 0) continue;
    context.output.warn(
      `${backup.server.node.id} cannot be restored to the moments just before this destroy; the lines above say why.`,
    );
  }
}

import type { Backup, TradingStack } from '../../../index';
import { declaredBackups } from '../../backups/repository';
import type { DockerApi } from '../../engine/docker-api';
import { secondsOf, shortAge } from '../../output/quantities';
import type { Output } from '../../output/output';
import { printTable } from '../../output/table';
import { askProgram } from './questions';

/** The backups of one server. */
export interface BackupStatus {
  /** Id of the server. */
  readonly service: string;
  /** When the newest backup was made; `null` if there is none yet. */
  readonly newestAt: string | null;
  /** How the last run ended; `null` before the first one. */
  readonly lastRun: Result | null;
  /** When a trial restore last succeeded; `null` if none has yet. */
  readonly verifiedAt: string | null;
  /** How the last of these restores ended; `null` before the first one. */
  readonly lastVerification: Result | null;
  /** Why all of this is unknown; `null` if it is known. */
  readonly unknown: string | null;
}

type Result = 'succeeded' | 'failed';

/** Where `backup.sh` writes its metrics: to read them is faster than to open the repository. */
const METRICS = '/backup/scratch/metrics/backup.prom';

const METRIC_NAMES = [
  'backup_last_success_timestamp_seconds',
  'backup_last_run_successful',
  'backup_verified_timestamp_seconds',
  'backup_verify_successful',
] as const;

/** What the containers that make the backups of a stack have recorded. */
export function backupStatusesOf(stack: TradingStack, docker: DockerApi): Promise<BackupStatus[]> {
  return Promise.all(declaredBackups(stack).map((backup) => statusOf(backup, stack, docker)));
}

async function statusOf({ server, workload }: Backup, stack: TradingStack, docker: DockerApi): Promise<BackupStatus> {
  const service = server.node.id;
  const metrics = await askProgram(workload, ['cat', METRICS], stack, docker);
  const nothing = { newestAt: null, lastRun: null, verifiedAt: null, lastVerification: null };
  if ('unknown' in metrics) return { service, ...nothing, unknown: metrics.unknown };
  const values = new Map(
    [...metrics.answer.matchAll(/^(backup_\w+) (\d+)$/gm)].map(([, name, value]) => [name, Number(value)]),
  );
  const [success, run, verified, verification] = METRIC_NAMES.map((name) => values.get(name));
  if (success === undefined || run === undefined || verified === undefined || verification === undefined) {
    return { service, ...nothing, unknown: `${workload.spec.name} has not recorded them` };
  }
  const [newestAt, verifiedAt] = [timeOf(success), timeOf(verified)];
  return {
    service,
    newestAt,
    lastRun: resultOf(run, newestAt),
    verifiedAt,
    lastVerification: resultOf(verification, verifiedAt),
    unknown: null,
  };
}

/** Of the 0 that stands for no time. */
function timeOf(seconds: number): string | null {
  return seconds === 0 ? null : secondsOf(new Date(seconds * 1000));
}

/** The metric is 1 also before the first try. */
function resultOf(successful: number, succeededAt: string | null): Result | null {
  if (successful === 0) return 'failed';
  return succeededAt === null ? null : 'succeeded';
}

/** Prints a row for each of them. */
export function printBackups(statuses: readonly BackupStatus[], now: number, output: Output): void {
  const { red, green, yellow } = output.colors;
  if (statuses.length === 0) return;
  const age = (time: string | null, otherwise: string): string =>
    time === null ? yellow(otherwise) : `${shortAge(now - Date.parse(time))} ago`;
  const result = (value: Result | null): string =>
    value === 'failed' ? red(value) : value === null ? '' : green(value);
  output.say('');
  printTable(
    output,
    ['BACKUP OF', 'NEWEST', 'LAST RUN', 'VERIFIED', 'LAST VERIFICATION'],
    statuses.map((status) =>
      status.unknown === null
        ? [
            status.service,
            age(status.newestAt, 'none yet'),
            result(status.lastRun),
            age(status.verifiedAt, 'not yet'),
            result(status.lastVerification),
          ]
        : [status.service, yellow('unknown')],
    ),
  );
  for (const { service, unknown } of statuses) {
    if (unknown !== null) output.warn(`Backups of ${service} unknown: ${unknown}`);
  }
}

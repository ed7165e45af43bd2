import { Construct } from 'constructs';
import { invalidValue, TradingStackError } from '../errors';
import { alreadyChecked, checkOptions, type OptionShapes, required } from '../options/options';
import { Platform, type RegisteredWorkload } from '../platform/platform';
import type { PlacementSpec } from '../platform/spec';
import type { IConnectable } from '../workload/connections/connection';
import type { IMonitored, MetricsSource } from '../workload/connections/monitored';
import { isDatabase, knownImageOf } from '../workload/images/catalog/catalog';
import { Image } from '../workload/images/image';
import { Placement } from '../workload/policies/placement';
import { Volume } from '../workload/storage/volume';
import { Size } from '../workload/units/size';
import { Backup } from './backup';
import { BACKUP_OPTIONS, type BackupOptions } from './backup-options';

/** Properties of a {@link VolumeBackup}. */
export interface VolumeBackupProps extends BackupOptions {
  /** Volumes that services of the stack mount. They are backed up and restored together. */
  readonly of: readonly Volume[];
}

const VOLUME_BACKUP_OPTIONS: OptionShapes<VolumeBackupProps> = { ...BACKUP_OPTIONS, of: required([Volume]) };

/** Alpine Linux with restic, which the container needs anyway. */
const IMAGE = 'restic/restic:0.19.1';

/**
 * Backups of the files in volumes, with their owners and modes. The files are read one after the other while programs may
 * write to them, so it is for files that are complete on their own: journals, exports, models, uploads. What has to be
 * consistent over several files, such as the data of a server, needs a backup by that server. A restore stops every service
 * that mounts one of the volumes.
 *
 * It runs as root, the only user that can read and restore files of any owner, without any capability beyond that.
 *
 * @example
 * const journal = Volume.retained('journal');
 * new StrategyRunner(stack, 'strategy', { image, volumes: [journal.mountAt('/data/journal')] });
 * new VolumeBackup(stack, 'journal', {
 *   of: [journal],
 *   to: BackupTarget.hostFolder('/srv/backups'),
 *   schedule: BackupSchedule.daily('03:00'),
 *   retention: BackupRetention.of({ daily: 7, weekly: 4 }),
 * });
 */
export class VolumeBackup extends Construct implements IMonitored {
  readonly backup: Backup;
  readonly metrics: MetricsSource;

  /**
   * @throws TradingStackError for an invalid option, for a volume that no service mounts which was created before, for that
   * of a database, and for services with different placements
   */
  constructor(scope: Construct, id: string, props: VolumeBackupProps) {
    super(scope, id);
    const { path: where } = this.node;
    checkOptions(props, VOLUME_BACKUP_OPTIONS, where);
    const { of, ...options } = props;
    if (of.length === 0) throw invalidValue(where, 'of', '[]', 'one volume or more');
    const platform = Platform.of(this);
    const users = of.flatMap((volume) => usersOf(volume, platform, where));
    const placement = props.placement === undefined ? placementOf(users, where) : undefined;
    this.backup = new Backup(
      this,
      {
        script: 'volumes',
        image: Image.fromRegistry(IMAGE),
        runAs: undefined,
        // To read everything, and to restore owners, modes and set-group-id bits.
        capabilities: ['DAC_OVERRIDE', 'CHOWN', 'FOWNER', 'FSETID'],
        server: startedAfter(this, users),
        placement: placement && [Placement.like(placement)],
        environment: {},
        secrets: {},
        restoredStopped: true,
        volumes: of.map((volume) => volume.mountForBackupAt(`/volumes/${volume.name}`)),
        memory: Size.mebibytes(512),
      },
      alreadyChecked(options),
    );
    this.metrics = this.backup.metrics;
  }
}

/**
 * Where all services may run that mount the volumes: on another node, a volume has other files.
 * @throws TradingStackError `option-conflict` if it is not the same for all
 */
function placementOf(users: readonly RegisteredWorkload[], where: string): PlacementSpec | undefined {
  const [first, ...others] = users;
  const key = ({ spec }: RegisteredWorkload): string =>
    JSON.stringify(spec.placement.constraints.map((constraint) => JSON.stringify(constraint)).sort());
  const other = first && others.find((user) => key(user) !== key(first));
  if (first !== undefined && other !== undefined) {
    throw new TradingStackError(
      'option-conflict',
      where,
      `${first.spec.path} and ${other.spec.path} may run on different nodes, and the backup reads the volumes of one`,
      'Give both the same `placement`, make a VolumeBackup for each node, or set the `placement` of the backup',
    );
  }
  return first?.spec.placement.constraints.length ? first.spec.placement : undefined;
}

function usersOf(volume: Volume, platform: Platform, where: string): RegisteredWorkload[] {
  const mounted = volume.volumeOn(platform);
  const users = platform.workloads.filter(({ spec }) => spec.volumes.some((mount) => mount.volume === mounted));
  if (users.length === 0) {
    throw new TradingStackError(
      'unknown-reference',
      where,
      `no service mounts the volume '${volume.name}'`,
      'Create the backup after the services that mount it, and pass the same volume to both',
    );
  }
  const database = users.find(({ spec }) =>
    spec.volumes.some((mount) => mount.volume === mounted && isDataOfDatabase(spec.image.name, mount.path)),
  );
  if (database === undefined) return users;
  throw new TradingStackError(
    'option-conflict',
    where,
    `the volume '${volume.name}' has the data of ${database.spec.path}, whose files are of use only as they were at one moment`,
    'Use the method `backup` of PostgresDb, TimescaleDb, RedisCache, QuestDb, InfluxDb or RabbitMqBroker. For another ' +
      'database, let it write dumps to a volume of their own, and back up that one',
  );
}

/** Whether the program of an image keeps its database in a folder, or in one in it. */
function isDataOfDatabase(pulledName: string, folder: string): boolean {
  const { data = [] } = (isDatabase({ pulledName }) ? knownImageOf({ pulledName }) : undefined) ?? {};
  const isIn = (inner: string, outer: string): boolean => `${inner}/`.startsWith(`${outer}/`);
  return data.some(({ path }) => isIn(path, folder) || isIn(folder, path));
}

/** Docker fills a new volume with what the image of its first container has there. */
function startedAfter(backup: Construct, users: readonly RegisteredWorkload[]): IConnectable {
  const startAfter = users.map(({ address }) => address);
  const { path: from } = backup.node;
  const within = Platform.of(backup).path;
  return { connection: () => ({ from, within, environment: {}, secrets: {}, startAfter, extraHosts: [] }) };
}

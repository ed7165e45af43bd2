import { resolve } from 'node:path';
import { Construct } from 'constructs';
import { TradingStackError } from '../errors';
import { checkOptions } from '../options/options';
import { Platform } from '../platform/platform';
import type { IConnectable } from '../workload/connections/connection';
import type { IMonitored, MetricsSource } from '../workload/connections/monitored';
import { HealthCheck } from '../workload/health/health-check';
import { Image } from '../workload/images/image';
import { sanitizeImageName } from '../workload/images/image-name';
import type { Placement } from '../workload/policies/placement';
import { Secret } from '../workload/secrets/secret';
import { Volume, type VolumeMount } from '../workload/storage/volume';
import { Cpu } from '../workload/units/cpu';
import { Duration } from '../workload/units/duration';
import { Size } from '../workload/units/size';
import { Workload } from '../workload/workload';
import { BACKUP_OPTIONS, type BackupOptions } from './backup-options';
import { BACKUP_METRICS_PORT, backupMetrics } from './metrics';

/** What is backed up, as its construct describes it. */
export interface BackedUpServer {
  /** Name of the script in `container` that reads and restores its data. */
  readonly script: 'influxdb' | 'postgres' | 'questdb' | 'rabbitmq' | 'redis' | 'volumes';
  /** The image that it runs, whose programs read and restore its data. */
  readonly image: Image;
  /** The user of the image; that of the Dockerfile of the backup, root, if it is `undefined`. */
  readonly runAs: string | undefined;
  /** Capabilities of that user. */
  readonly capabilities?: readonly string[];
  /** What has to run first. */
  readonly server: IConnectable;
  /** Where the server runs on a Swarm. */
  readonly placement: readonly Placement[] | undefined;
  /** Variables of the script. */
  readonly environment: Readonly<Record<string, string>>;
  /** Secrets of the script. */
  readonly secrets: Readonly<Record<string, Secret>>;
  /** Whether the server has to be stopped while its data is restored. */
  readonly restoredStopped: boolean;
  /**
   * Whether the jobs of the server run again after a restore, because it undoes what they did.
   * @default false
   */
  readonly jobsRunAgain?: boolean;
  /** Volumes of the server that the script reads. */
  readonly volumes: readonly VolumeMount[];
  /** Memory that a throw-away server needs. */
  readonly memory: Size;
  /**
   * How often the script's server stores its write-ahead log.
   * @default - it has none
   */
  readonly recoveryPointEvery?: Duration | undefined;
}

/** From `lib/backup` and from `dist/backup`: the package contains both, and the files of the image once. */
const CONTAINER_FOLDER = resolve(__dirname, '../../lib/backup/container');

/**
 * The backups of one server: a container that makes them on a schedule, encrypts them, removes old ones, and restores
 * them on trial to see that it works. It is unhealthy if the last backup failed or is too old. Servers
 * create it with their method `backup`. The commands `backup`, `backups` and `restore` use it.
 *
 * @example
 * database.backup({
 *   to: BackupTarget.hostFolder('/srv/backups'),
 *   schedule: BackupSchedule.daily('03:00'),
 *   retention: BackupRetention.of({ daily: 7, weekly: 4, monthly: 6 }),
 * });
 */
export class Backup extends Construct implements IMonitored {
  readonly workload: Workload;
  /** The password of the repository. */
  readonly password: Secret;
  readonly metrics: MetricsSource;
  /** @internal */
  readonly restoredStopped: boolean;
  /** @internal */
  readonly hasPointsInTime: boolean;
  /** @internal */
  readonly jobsRunAgain: boolean;
  /**
   * The volumes that a restore writes to, as workloads mount them.
   * @internal
   */
  readonly volumes: readonly string[];
  /**
   * The volume that the backups are in, if their target is one.
   * @internal
   */
  readonly targetVolumes: readonly string[];

  /**
   * @param server the construct that is backed up
   * @throws TradingStackError for an invalid option, a second backup of the server, and a server whose image is built with
   *   the stack
   */
  constructor(
    readonly server: Construct,
    backedUp: BackedUpServer,
    options: BackupOptions,
  ) {
    const id = `${server.node.id}_backup`;
    checkOptions(options, BACKUP_OPTIONS, `${server.node.path}.backup`);
    refuseSecond(server, id);
    super(server, id);
    const { path: where } = this.node;
    const platform = Platform.of(this);
    const { to, schedule, retention, verifyEvery = Duration.days(1), password, ...own } = options;
    const { access } = to;
    const pointEvery = backedUp.recoveryPointEvery?.toWholeSeconds();
    this.password = password ?? Secret.generated(this, 'password', { bytes: 32, boundToData: true });
    this.workload = new Workload(
      this,
      'Default',
      {
        ...own,
        bindMounts: [...access.bindMounts, ...(own.bindMounts ?? [])],
        ...(own.placement === undefined && backedUp.placement !== undefined && { placement: backedUp.placement }),
        ...(own.capabilities === undefined && backedUp.capabilities && { capabilities: backedUp.capabilities }),
        image: imageOn(backedUp.image, `${platform.prefix}-${id}`, platform, where),
      },
      {
        uses: [backedUp.server],
        environment: {
          ...backedUp.environment,
          BACKUP_SERVER: backedUp.script,
          BACKUP_NAME: server.node.id,
          ...schedule.toEnvironment(),
          ...retention.toEnvironment(),
          BACKUP_VERIFY_EVERY: verifyEvery.toWholeSeconds(),
          ...(pointEvery !== undefined && { BACKUP_POINT_EVERY: pointEvery }),
          BACKUP_METRICS_PORT,
          RESTIC_REPOSITORY: `${access.repository}/${server.node.id}`,
        },
        secrets: { ...backedUp.secrets, ...access.secrets, RESTIC_PASSWORD: this.password },
        volumes: [...access.volumes, ...backedUp.volumes, Volume.ephemeral(`${id}_scratch`).mountAt('/backup/scratch')],
        knownPorts: [BACKUP_METRICS_PORT],
        minimum: { memory: Size.mebibytes(128) },
        // It is unhealthy after a failed backup, and a restart would begin a new one at once.
        isCuredByRestart: false,
        defaults: {
          healthCheck: HealthCheck.command(['/bin/sh', '/opt/backup/backup.sh', 'health'], {
            interval: Duration.seconds(10),
            timeout: Duration.seconds(10),
            retries: 2,
          }),
          resources: { cpus: Cpu.cores(1), memory: backedUp.memory },
          ...(backedUp.runAs !== undefined && { runAs: backedUp.runAs }),
          readOnlyRootFilesystem: true,
          // restic recognizes a lock of an earlier container by its host name.
          hostname: id.replace(/_/g, '-'),
          stopGracePeriod: Duration.seconds(30),
        },
      },
    );
    this.password.manualRotation =
      'the repository knows it. Change it there: ' +
      `npm run exec -- ${platform.stackId} ${this.workload.serviceId} -- /opt/backup/restic --no-cache key passwd`;
    this.restoredStopped = backedUp.restoredStopped;
    this.hasPointsInTime = pointEvery !== undefined;
    this.jobsRunAgain = backedUp.jobsRunAgain ?? false;
    this.volumes = backedUp.volumes.map(({ volume }) => volume.volumeOn(platform));
    this.targetVolumes = access.volumes.map(({ volume }) => volume.volumeOn(platform));
    this.metrics = backupMetrics(id, this.workload.host, {
      server: server.node.id,
      interval: schedule.intervalSeconds,
      verifyEvery: verifyEvery.toWholeSeconds(),
      pointEvery,
    });
  }
}

function refuseSecond(server: Construct, id: string): void {
  if (server.node.tryFindChild(id) === undefined) return;
  throw new TradingStackError(
    'duplicate-id',
    server.node.path,
    'it has a backup already',
    'Remove one of the calls of `backup`; to keep copies in a second place, copy the repository there with `restic copy`',
  );
}

/** @throws TradingStackError for an image that is built with the stack, which may not exist yet when this one is built */
function imageOn(image: Image, name: string, platform: Platform, where: string): Image {
  const { pulledName } = image;
  if (pulledName === undefined) {
    throw new TradingStackError(
      'option-conflict',
      where,
      'the image of its server is built with the stack, and the image of a backup is built on one that can be pulled',
      "Push the image of the server to a registry, and use it from there: Image.fromRegistry('registry.desk.example/postgres:17', { baseImage: 'postgres:17-alpine' })",
    );
  }
  const [baseImage = pulledName] = image.baseImages(platform, where);
  return Image.fromBuild(CONTAINER_FOLDER, {
    name: sanitizeImageName(name),
    baseImage,
    buildArgs: { SERVER: pulledName },
  });
}

import { invalidName, invalidPath, invalidValue } from '../errors';
import { checkOptions, type OptionShapes, required } from '../options/options';
import { Secret } from '../workload/secrets/secret';
import { BindMount } from '../workload/storage/bind-mount';
import { Volume, type VolumeMount } from '../workload/storage/volume';

/** Options of {@link BackupTarget.s3}. */
export interface S3TargetOptions {
  /** URL of the store: `https://s3.eu-central-1.amazonaws.com`, `http://minio:9000`. */
  readonly endpoint: string;
  /** Name of the bucket, which has to exist. */
  readonly bucket: string;
  /** Id of an access key that may list, read, write and delete in the bucket. */
  readonly accessKey: Secret;
  /** The secret that belongs to the access key. */
  readonly secretKey: Secret;
}

const S3_TARGET: OptionShapes<S3TargetOptions> = {
  endpoint: required('string'),
  bucket: required('string'),
  accessKey: required(Secret),
  secretKey: required(Secret),
};

const VOLUME_TARGET: OptionShapes<{ readonly volume: Volume }> = { volume: required(Volume) };

/** Where the container has the repository, unless it is in an object store. */
const REPOSITORY = '/backup/repository';

/** `PATH_MAX` of Linux. */
const LONGEST_PATH = 4096;

/** What a workload needs to write to a target. */
interface TargetAccess {
  /** Followed by the name of the backup. */
  readonly repository: string;
  readonly volumes: readonly VolumeMount[];
  readonly bindMounts: readonly BindMount[];
  readonly secrets: Readonly<Record<string, Secret>>;
}

/**
 * Where backups are kept: in a folder of their own for each server, so that several servers can share a target.
 *
 * @example
 * BackupTarget.hostFolder('/srv/backups')
 */
export class BackupTarget {
  /**
   * A volume. It is lost with the disk of its host; `destroy --volumes` removes a retained volume of the stack, and does
   * not remove that of `Volume.fromName`.
   * @throws TradingStackError unless it is a volume
   */
  static volume(volume: Volume): BackupTarget {
    checkOptions({ volume }, VOLUME_TARGET, 'BackupTarget.volume');
    return new BackupTarget({ ...NOTHING, repository: REPOSITORY, volumes: [volume.mountAt(REPOSITORY)] });
  }

  /**
   * A folder of the engine's host, such as one where another disk or a network drive is mounted. It has to exist, and to
   * be writable for the user of the server's image.
   * @throws TradingStackError unless the path is absolute, has no `..`, comma or control character, and at most 4,096
   *   characters
   */
  static hostFolder(path: string): BackupTarget {
    const where = 'BackupTarget.hostFolder';
    if (!/^\/[^,\p{Cc}]+$/u.test(path) || path.split('/').includes('..')) {
      throw invalidPath(where, 'the path', path, "the absolute path of a folder, without ..: '/srv/backups'");
    }
    if (path.length > LONGEST_PATH) {
      throw invalidPath(where, 'the path', `${path.slice(0, 40)}…`, 'a path of at most 4,096 characters');
    }
    const mount = BindMount.writable(path, REPOSITORY, { ifMissing: 'fail' });
    return new BackupTarget({ ...NOTHING, repository: REPOSITORY, bindMounts: [mount] });
  }

  /**
   * A bucket of an object store that speaks the protocol of S3.
   * @throws TradingStackError for an unknown option, and for an invalid URL or bucket
   */
  static s3(options: S3TargetOptions): BackupTarget {
    const where = 'BackupTarget.s3';
    checkOptions(options, S3_TARGET, where);
    const { endpoint, bucket, accessKey, secretKey } = options;
    if (!/^https?:\/\/[A-Za-z0-9.[\]_-]+(:\d+)?\/?$/.test(endpoint)) {
      const allowed = "the URL of the store without a path: 'https://s3.eu-central-1.amazonaws.com'";
      throw invalidValue(where, 'endpoint', endpoint, allowed);
    }
    if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket)) {
      throw invalidName(where, 'bucket', bucket, '3 to 63 lower-case letters, digits, dots and hyphens');
    }
    const repository = `s3:${endpoint.replace(/\/$/, '')}/${bucket}`;
    const secrets = { AWS_ACCESS_KEY_ID: accessKey, AWS_SECRET_ACCESS_KEY: secretKey };
    return new BackupTarget({ ...NOTHING, repository, secrets });
  }

  private constructor(
    /** @internal */
    readonly access: TargetAccess,
  ) {}
}

const NOTHING = { volumes: [], bindMounts: [], secrets: {} };

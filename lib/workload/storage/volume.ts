import { checkOptions, type OptionShapes, required } from '../../options/options';
import { checkDockerName } from '../../platform/naming';
import type { Platform } from '../../platform/platform';
import type { VolumeMountSpec } from '../../platform/spec';
import { mountPoint } from './mounts';

/** Options of {@link Volume.mountAt}. */
export interface VolumeMountOptions {
  /** @default false */
  readonly readOnly?: boolean;
}

/** A {@link Volume} at a path in a container. */
export interface VolumeMount {
  readonly volume: Volume;
  /** Absolute path inside the container. */
  readonly path: string;
  readonly readOnly: boolean;
  /** Whether no other workload may mount the volume. */
  readonly exclusive: boolean;
  /**
   * Whether it is that of the backup of the server that has the volume exclusively.
   * @internal
   */
  readonly backup?: boolean;
}

const MOUNT_OPTIONS: OptionShapes<VolumeMountOptions> = { readOnly: 'boolean' };

/**
 * A named volume. Its name is made of the stack's name and its own, and does not depend on where in the code it is
 * created, so that moving code does not lose data. Services that mount the same volume share it.
 *
 * @example
 * const logs = Volume.retained('logs');
 * new StrategyRunner(stack, 'strategy_runner', { image, volumes: [logs.mountAt('/data/logs')] });
 */
export class Volume {
  /**
   * A volume that outlives the stack: `destroy` keeps it, and the next deploy uses it again.
   * @throws TradingStackError if Docker does not accept the name
   */
  static retained(name: string): Volume {
    return new Volume(checkDockerName(name, 'the volume', 'Volume.retained'), 'retained');
  }

  /**
   * A volume that is removed with the stack, data included.
   * @throws TradingStackError if Docker does not accept the name
   */
  static ephemeral(name: string): Volume {
    return new Volume(checkDockerName(name, 'the volume', 'Volume.ephemeral'), 'ephemeral');
  }

  /**
   * A volume that exists already, by its name on the engine. This library never removes it. Docker creates an empty one
   * if it does not exist; the `deploy` command checks that first.
   * @throws TradingStackError if Docker does not accept the name
   */
  static fromName(name: string): Volume {
    return new Volume(checkDockerName(name, 'the volume', 'Volume.fromName'), 'external');
  }

  private constructor(
    /** @internal */
    readonly name: string,
    private readonly lifetime: 'retained' | 'ephemeral' | 'external',
  ) {}

  /**
   * The volume at an absolute path inside a container. Docker fills a new volume with what the image has at that path,
   * owner included. Without such a folder in the image it belongs to root, and a program that runs as another user
   * cannot write to it: create the folder in the Dockerfile and `chown` it to that user.
   * @throws TradingStackError for an unknown option
   */
  mountAt(path: string, options: VolumeMountOptions = {}): VolumeMount {
    checkOptions(options, MOUNT_OPTIONS, 'Volume.mountAt');
    return { volume: this, path, readOnly: options.readOnly ?? false, exclusive: false };
  }

  /** The volume at an absolute path inside a server that must be the only user of it. */
  mountExclusivelyAt(path: string): VolumeMount {
    return { volume: this, path, readOnly: false, exclusive: true };
  }

  /**
   * The volume of a server in the container of its backup, which writes to it only while the server is stopped.
   * @internal
   */
  mountForBackupAt(path: string): VolumeMount {
    return { volume: this, path, readOnly: false, exclusive: false, backup: true };
  }

  /**
   * The mount on a platform.
   * @throws TradingStackError if a server that must be the only user of the volume is not
   */
  bind(platform: Platform, mount: VolumeMount, where: string): VolumeMountSpec {
    const volume = this.volumeOn(platform);
    if (mount.backup !== true) platform.volumes.reserve(this.nameOn(platform), mount.exclusive, where);
    return {
      volume,
      path: mountPoint(mount.path),
      readOnly: mount.readOnly,
      lifetime: this.lifetime,
      exclusive: mount.exclusive,
    };
  }

  /** Its name on the engine. */
  nameOn(platform: Platform): string {
    return this.lifetime === 'external' ? this.name : platform.volumes.nameOf(this.name);
  }

  /**
   * What a workload mounts: its name on the engine, or an expression of it.
   * @internal
   */
  volumeOn(platform: Platform): string {
    switch (this.lifetime) {
      case 'external':
        return this.name;
      case 'retained':
        // Mounted by name and without a resource, so that no plan can ever want to remove it.
        return platform.volumes.retained(this.name);
      case 'ephemeral':
        return platform.volumes.createEphemeral(this.name);
    }
  }
}

/** The shapes of a {@link VolumeMount}. */
export const VOLUME_MOUNT: OptionShapes<VolumeMount> = {
  volume: required(Volume),
  path: required('string'),
  readOnly: required('boolean'),
  exclusive: required('boolean'),
  backup: 'boolean',
};

import { checkDockerName } from '../platform/naming';
import type { Platform } from '../platform/platform';
import type { VolumeMountSpec } from '../platform/spec';

/** Options of {@link DataVolume.mountAt}. */
export interface VolumeMountOptions {
  /** @default false */
  readonly readOnly?: boolean;
}

/** A {@link DataVolume} at its place in a container. */
export interface VolumeMount {
  readonly volume: DataVolume;
  readonly path: string;
  readonly readOnly: boolean;
}

/**
 * A named volume. Its name comes from the stack's name and its own, never from where in the code it stands, so that
 * moving code around does not lose data. Two services that mount the same one share it.
 *
 * @example
 * const logs = DataVolume.kept('logs');
 * new StrategyRunner(stack, 'strategy_runner', { image, volumes: [logs.mountAt('/data/logs')] });
 */
export class DataVolume {
  /** A volume that outlives the stack: `destroy` leaves it, and the next deploy finds it. */
  static kept(name: string): DataVolume {
    return new DataVolume(checkDockerName(name, 'the volume', 'DataVolume.kept'), 'kept');
  }

  /** A volume that goes with the stack, data and all. */
  static disposable(name: string): DataVolume {
    return new DataVolume(checkDockerName(name, 'the volume', 'DataVolume.disposable'), 'disposable');
  }

  /** A volume that exists already, by the name that it has on the engine; nothing of ours ever removes it. */
  static existing(name: string): DataVolume {
    return new DataVolume(checkDockerName(name, 'the volume', 'DataVolume.existing'), 'existing');
  }

  private constructor(
    private readonly name: string,
    private readonly lifetime: 'kept' | 'disposable' | 'existing',
  ) {}

  /** The volume at an absolute path inside a container. */
  mountAt(path: string, options: VolumeMountOptions = {}): VolumeMount {
    return { volume: this, path, readOnly: options.readOnly ?? false };
  }

  /** The mount on a platform. */
  bind(platform: Platform, mount: VolumeMount): VolumeMountSpec {
    return {
      volume: this.volumeOn(platform),
      path: mount.path,
      readOnly: mount.readOnly,
      lifetime: this.lifetime,
    };
  }

  private volumeOn(platform: Platform): string {
    switch (this.lifetime) {
      case 'existing':
        return this.name;
      case 'kept':
        // Mounted by name and without a resource, so that no plan can ever want to remove it.
        return platform.keptVolume(this.name);
      case 'disposable':
        return platform.disposableVolume(this.name);
    }
  }
}

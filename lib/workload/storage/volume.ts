import { wrongSpelling } from '../../errors';
import { checkDockerName } from '../../platform/naming';
import { checkText } from '../../platform/plain-values';
import type { Platform } from '../../platform/platform';
import type { VolumeMountSpec } from '../../platform/spec';
import { isA } from '../is-a';
import { mountSpelling } from './mount-spelling';
import { mountPoint } from './mounts';

/** Options of {@link Volume.mountAt}. */
export interface VolumeMountOptions {
  /** @default false */
  readonly readOnly?: boolean;
}

/** A {@link Volume} at its place in a container. */
export interface VolumeMount {
  readonly volume: Volume;
  readonly path: string;
  readonly readOnly: boolean;
  /** No other workload may mount the volume. */
  readonly exclusive: boolean;
}

/**
 * A named volume. Its name comes from the stack's name and its own, never from where in the code it stands, so that
 * moving code around does not lose data. Two services that mount the same one share it.
 *
 * @example
 * const logs = Volume.retained('logs');
 * new StrategyRunner(stack, 'strategy_runner', { image, volumes: [logs.mountAt('/data/logs')] });
 */
export class Volume {
  /** A volume that outlives the stack: `destroy` leaves it, and the next deploy finds it. */
  static retained(name: string): Volume {
    return new Volume(checkDockerName(name, 'the volume', 'Volume.retained'), 'retained');
  }

  /** A volume that goes with the stack, data and all. */
  static ephemeral(name: string): Volume {
    return new Volume(checkDockerName(name, 'the volume', 'Volume.ephemeral'), 'ephemeral');
  }

  /**
   * A volume that exists already, by the name that it has on the engine; nothing of ours ever removes it. Where there is
   * none of that name Docker makes an empty one; the `deploy` command looks before.
   */
  static fromName(name: string): Volume {
    return new Volume(checkDockerName(name, 'the volume', 'Volume.fromName'), 'external');
  }

  private constructor(
    private readonly name: string,
    private readonly lifetime: 'retained' | 'ephemeral' | 'external',
  ) {}

  /**
   * The volume at an absolute path inside a container. A volume that is new takes over what the image has at that path,
   * owner and all; where the image has nothing, it belongs to root, and a program that runs as another user cannot
   * write: have the Dockerfile make the folder and give it to that user.
   */
  mountAt(path: string, options: VolumeMountOptions = {}): VolumeMount {
    return { volume: this, path, readOnly: options.readOnly ?? false, exclusive: false };
  }

  /** The volume at an absolute path inside a server that must be the only one on it. */
  mountExclusivelyAt(path: string): VolumeMount {
    return { volume: this, path, readOnly: false, exclusive: true };
  }

  /** The mount on a platform. */
  bind(platform: Platform, mount: VolumeMount, where: string): VolumeMountSpec {
    const volume = this.volumeOn(platform);
    platform.volumes.reserve(this.nameOn(platform), mount.exclusive, where);
    return {
      volume,
      path: mountPoint(mount.path),
      readOnly: mount.readOnly,
      lifetime: this.lifetime,
      exclusive: mount.exclusive,
    };
  }

  /** The name that it has on the engine. */
  nameOn(platform: Platform): string {
    return this.lifetime === 'external' ? this.name : platform.volumes.nameOf(this.name);
  }

  private volumeOn(platform: Platform): string {
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

/**
 * The volume of a server, which mounts it itself.
 * @param name of the one that it has where none is given
 * @throws TradingStackError for what only plain JavaScript can give: a name
 */
export function serverVolume(given: unknown, name: string, property: string, where: string): Volume {
  if (given === undefined) return Volume.retained(name);
  if (isA(Volume, given)) return given as Volume;
  const called = typeof given === 'string' && given !== '' ? given.replace(/:.*$/, '') : 'data';
  throw wrongSpelling(where, property, given, `${property}: Volume.retained('${called}')`);
}

/** @throws TradingStackError for what only plain JavaScript can give: Compose's `'data:/data'` */
export function checkVolumeMount(given: unknown, property: string, where: string): void {
  const { volume, path } = (given ?? {}) as Partial<VolumeMount>;
  if (!isA(Volume, volume)) {
    const spelling = mountSpelling(given) ?? "volumes: [Volume.retained('data').mountAt('/data')]";
    throw wrongSpelling(where, property, given, spelling);
  }
  checkText(path, `the path of ${property}`, where);
}

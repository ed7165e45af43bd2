import type { ConfigFile } from './storage/config-file';
import type { IConnectable } from './connections/connection';
import type { VolumeMount } from './storage/volume';
import type { Duration } from './units/duration';
import type { HealthCheck } from './health/health-check';
import type { MinimumResources, Resources } from './policies/resources';
import type { DeliveredSecret, Secret } from './secrets/secret';

/** What a service adds to its workload, apart from the options of its user. */
export interface ServiceDefinition {
  /** @default 'service' */
  readonly kind?: 'service' | 'job';
  /**
   * Added to the user's.
   * @default - none
   */
  readonly environment?: Readonly<Record<string, string | number | boolean>>;
  /**
   * Added to the user's.
   * @default - none
   */
  readonly secrets?: Readonly<Record<string, Secret | DeliveredSecret>>;
  /**
   * Secrets that are mounted without a variable.
   * @default - none
   */
  readonly secretFiles?: readonly Secret[];
  /**
   * Those of its secrets that do not replace it when they are rotated, because a rotation tells the running program, or
   * because it is a job with nothing to do then.
   * @default - none
   * @internal
   */
  readonly rotatedInPlace?: readonly Secret[];
  /**
   * Added to the user's.
   * @default - none
   */
  readonly uses?: readonly IConnectable[];
  /**
   * Added to the user's.
   * @default - none
   */
  readonly files?: readonly ConfigFile[];
  /**
   * Added to the user's.
   * @default - none
   */
  readonly volumes?: readonly VolumeMount[];
  /**
   * What is lost if the user sets `command` or `entrypoint`, for a warning.
   * @default - nothing
   */
  readonly commandCarries?: string;
  /**
   * Entry point of the image, needed if a shell has to run before it.
   * @default - that of the Dockerfile of an image that is built, and of well-known images; otherwise not known
   */
  readonly imageEntrypoint?: readonly string[];
  /**
   * TCP ports that it listens on. Publishing another port is an error, or a warning if the program may open it.
   * @default - not known
   */
  readonly knownPorts?: readonly number[];
  /**
   * The option that declares other ports of the program.
   * @default - it has none
   */
  readonly otherPortsOption?: string;
  /**
   * Whether it is a server of the stack's data, for a warning if every client can reach it.
   * @default false
   */
  readonly holdsData?: boolean;
  /**
   * Whether a restart may help when it is unhealthy, so that the policy of the stack applies to it. Without meaning for a
   * server that holds data.
   * @default true
   */
  readonly isCuredByRestart?: boolean;
  /**
   * What the program needs at least.
   * @default - not known
   */
  readonly minimum?: MinimumResources;
  /**
   * Used where the user sets nothing.
   * @default - those of a bare workload
   */
  readonly defaults?: {
    readonly command?: readonly string[];
    readonly entrypoint?: readonly string[];
    readonly healthCheck?: HealthCheck;
    readonly resources?: Resources;
    /**
     * Whether `runAs` and `readOnlyRootFilesystem` of these defaults apply, and all capabilities are dropped.
     * @default true
     */
    readonly hardened?: boolean;
    readonly runAs?: string;
    /**
     * Whether the `USER` of the Dockerfile of an image that is built takes precedence over `runAs`, unless it is root.
     * @default false
     */
    readonly prefersImageUser?: boolean;
    readonly hostname?: string;
    readonly stopGracePeriod?: Duration;
    readonly readOnlyRootFilesystem?: boolean;
  };
}

import type { ConfigFile } from './storage/config-file';
import type { IConnectable } from './connections/connection';
import type { VolumeMount } from './storage/volume';
import type { Duration } from './units/duration';
import type { HealthCheck } from './health/health-check';
import type { MinimumResources, Resources } from './policies/resources';
import type { DeliveredSecret, Secret } from './secrets/secret';

/** What a service brings to its workload, beside what its user asks for. */
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
   * What the user's own `command` or `entrypoint` would take away, for a warning.
   * @default - nothing
   */
  readonly commandCarries?: string;
  /**
   * What the image starts by itself, for where a shell has to come before it.
   * @default - not known
   */
  readonly imageEntrypoint?: readonly string[];
  /**
   * TCP ports that it serves: publishing another one is refused, or warned about where something else may open it.
   * @default - not known
   */
  readonly knownPorts?: readonly number[];
  /**
   * The option in which its user tells of further ports.
   * @default - it has none
   */
  readonly otherPortsOption?: string;
  /**
   * The least that the server works with.
   * @default - not known
   */
  readonly minimum?: MinimumResources;
  /**
   * Used where the user says nothing.
   * @default - what a bare workload has
   */
  readonly defaults?: {
    readonly command?: readonly string[];
    readonly entrypoint?: readonly string[];
    readonly healthCheck?: HealthCheck;
    readonly resources?: Resources;
    readonly runAs?: string;
    readonly hostname?: string;
    readonly stopGracePeriod?: Duration;
    readonly readOnlyRootFilesystem?: boolean;
  };
}

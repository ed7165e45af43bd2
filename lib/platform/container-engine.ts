import type { TerraformResource } from 'cdktf';
import type { Construct } from 'constructs';
import type { ImageReference, ImageSpec, NetworkSpec, SecretHandle, WorkloadSpec } from './spec';

/**
 * The ways in which engines differ. One file implements one engine; everything above works on any of them.
 */
export interface ContainerEngine {
  /** For messages and for the report: `docker`, `swarm`. */
  readonly name: string;
  /** Address of the engine's API, as `DOCKER_HOST` spells it; `undefined` lets the provider find it. */
  readonly host: string | undefined;
  /** Registries whose images need the login of the deploying machine. */
  readonly registries: readonly string[];
  /** What this engine can give every workload of a kind that does not say otherwise. */
  readonly defaults: Readonly<Record<WorkloadSpec['kind'], EngineDefaults>>;

  /** Creates the network and returns the expression of its id. */
  createNetwork(scope: Construct, id: string, spec: NetworkSpec): string;
  /** Creates a volume that goes with the stack and returns the expression of its name. */
  createVolume(scope: Construct, id: string, name: string): string;
  /** Puts the image on the engine and returns how workloads refer to it. */
  createImage(scope: Construct, id: string, spec: ImageSpec): ImageReference;
  /** Makes the secret known to the engine. */
  createSecret(scope: Construct, id: string, secret: SecretFile): SecretHandle;
  /** What a workload becomes on this engine: one service however many run of it, or as many containers. */
  instancesOf(spec: WorkloadSpec): readonly WorkloadSpec[];
  /** Creates the container or service of one instance, with the files that it needs. */
  createWorkload(scope: Construct, id: string, spec: WorkloadSpec): TerraformResource;
}

/** Protections that are on wherever the engine has them. */
export interface EngineDefaults {
  readonly init: boolean;
  readonly noNewPrivileges: boolean;
  /** A root file system that is read-only in spite of files that are put into the container. */
  readonly readOnlyRootWithFiles: boolean;
}

/** A secret as a file on the deploying host. */
export interface SecretFile {
  readonly name: string;
  readonly stack: string;
  /** Expression: absolute path. */
  readonly hostPath: string;
  /** Expression: changes when the content does, and says nothing about it. */
  readonly version: string;
  readonly remedy: string;
}

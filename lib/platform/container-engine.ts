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
  /** What this engine can give every workload that does not say otherwise. */
  readonly defaults: EngineDefaults;

  /** Creates the network and returns the expression of its id. */
  createNetwork(scope: Construct, id: string, spec: NetworkSpec): string;
  /** Creates a volume that goes with the stack and returns the expression of its name. */
  createVolume(scope: Construct, id: string, name: string): string;
  /** Puts the image on the engine and returns how workloads refer to it. */
  createImage(scope: Construct, id: string, spec: ImageSpec): ImageReference;
  /** Makes the secret known to the engine. */
  createSecret(scope: Construct, id: string, secret: SecretFile): SecretHandle;
  /** Creates the container or service, with the files that it needs. */
  createWorkload(scope: Construct, id: string, spec: WorkloadSpec): TerraformResource;
}

/** Protections that are on wherever the engine has them. */
export interface EngineDefaults {
  readonly init: boolean;
  readonly noNewPrivileges: boolean;
}

/** A secret as a file on the deploying host. */
export interface SecretFile {
  readonly name: string;
  readonly stack: string;
  /** Expression: absolute path. */
  readonly hostPath: string;
  readonly remedy: string;
}

/**
 * Accepts only what is left of a spec when every field was handled: a field that a renderer forgets does not compile.
 */
export function nothingLeft(_rest: Record<string, never>): void {
  // The check is the parameter's type.
}

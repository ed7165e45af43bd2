import type { TerraformResource } from 'cdktf';
import type { Construct } from 'constructs';
import type { ImageReference, ImageSpec, NetworkSpec, PortSpec, SecretHandle, WorkloadSpec } from './spec';

/**
 * The ways in which engines differ. One file implements one engine; everything above works on any of them.
 */
export interface ContainerEngine {
  /** For messages and for the report: `docker`, `swarm`. */
  readonly name: string;
  /** Address of the engine's API, as `DOCKER_HOST` spells it; `undefined` lets the provider find it. */
  readonly host: string | undefined;
  /** Registries that the provider has to know. */
  readonly registries: readonly RegistryAccess[];
  /** The machines that a stack is for; `null` for one. */
  readonly cluster: ClusterSpec | null;
  /** What this engine can give every workload of a kind that does not say otherwise. */
  readonly defaults: Readonly<Record<WorkloadSpec['kind'], EngineDefaults>>;
  /** What differs between engines beyond the defaults. */
  readonly traits: EngineTraits;

  /** Creates the network and returns the expression of its id. */
  createNetwork(scope: Construct, id: string, spec: NetworkSpec): string;
  /** Creates a volume that goes with the stack and returns the expression of its name. */
  createVolume(scope: Construct, id: string, name: string): string;
  /**
   * Puts the image on the engine and returns how workloads refer to it.
   * @param where construct path of the workload that it is for, for messages
   */
  createImage(scope: Construct, id: string, spec: ImageSpec, where: string): ImageReference;
  /** Makes the secret known to the engine. */
  createSecret(scope: Construct, id: string, secret: SecretFile): SecretHandle;
  /**
   * The ports that a workload publishes on this engine: all but the optional ones that it cannot publish.
   * @throws TradingStackError for another port that it cannot publish
   */
  publishedPorts(ports: readonly PortSpec[], path: string): readonly PortSpec[];
  /** What a workload becomes on this engine: one service however many run of it, or as many containers. */
  instancesOf(spec: WorkloadSpec): readonly WorkloadSpec[];
  /** Creates the container or service of one instance, with the files that it needs. */
  createWorkload(scope: Construct, id: string, spec: WorkloadSpec): TerraformResource;
}

/** How a registry is reached from the deploying machine. */
export interface RegistryAccess {
  /** Host, and port; with `http://` before it where it has no certificate. */
  readonly address: string;
  /** Whether it wants the login of the deploying machine. */
  readonly needsLogin: boolean;
}

/** Several machines that run one stack. */
export interface ClusterSpec {
  /** Labels of the node that has the data. */
  readonly dataNode: Readonly<Record<string, string>>;
  /** Where images that are built get to, for all nodes to pull them: `registry.desk.example:5000`; `null` for nowhere. */
  readonly registry: string | null;
}

/** What is on wherever the engine has it. */
export interface EngineDefaults {
  readonly init: boolean;
  readonly noNewPrivileges: boolean;
  /** A root file system that is read-only in spite of files that are put into the container. */
  readonly readOnlyRootWithFiles: boolean;
  /** Replaces what it runs by itself, one after another, and goes back where that fails. */
  readonly updates: boolean;
  /** Waits for a start also where no health check tells of it. */
  readonly waitsUnprobed: boolean;
  /** Stops what its health check finds unhealthy, and starts another one in its place. */
  readonly stopsUnhealthy: boolean;
}

/** What an engine can do, and how it does it. */
export interface EngineTraits {
  /** Reserves processor time for a workload (`cpuReservation`). */
  readonly reservesCpu: boolean;
  /** Runs all replicas of a workload under one name; otherwise each is a container with a numbered name. */
  readonly replicasShareName: boolean;
  /** Its API has to be that of a Swarm manager. */
  readonly needsManager: boolean;
  /** Runs containers, and so has volumes, on machines that its API does not show. */
  readonly hasRemoteNodes: boolean;
  /** Mounts the secret files of the deploying machine into services, instead of sending their content to its API. */
  readonly mountsSecretFiles: boolean;
  /** The provider removes a service that is not healthy in time, and its log with it. */
  readonly removesFailedServices: boolean;
}

/** A secret as a file on the deploying host. */
export interface SecretFile {
  readonly name: string;
  readonly stack: string;
  /** Expression: absolute path. */
  readonly hostPath: string;
  /** Expression: changes when the content does, and says nothing about it. */
  readonly version: string;
  /** Expression: whether the version is that of the content as it is now. */
  readonly isCurrent: string;
  readonly remedy: string;
}

import type { TerraformProvider, TerraformResource } from 'cdktf';
import type { Construct } from 'constructs';
import type { ImageSpec, NetworkSpec, PlacedImage, PortSpec, WorkloadSpec } from './spec';
import type { SecretFile, SecretHandle } from './secrets/secret-store';

/** The interface of an engine. A folder of `lib/engines` implements one; everything above works on all of them. */
export interface ContainerEngine {
  /** Name in messages and reports: `docker`, `swarm`. Code asks for {@link traits}, and never for the name. */
  readonly name: string;
  /** Address of the engine's API, as in `DOCKER_HOST`; `undefined` lets the provider find it. */
  readonly host: string | undefined;
  /** Whether the engine may be on another machine, so that paths are those of its machine, and not of this one. */
  readonly isRemote: boolean;
  /** The oldest Docker Engine that the output is for: `25.0`; `null` if it works on every supported one. */
  readonly oldestVersion: string | null;
  /** The registries that the provider has to know. */
  readonly registries: readonly RegistryAccess[];
  /** The nodes that the stack is for; `null` for a single one. */
  readonly cluster: ClusterSpec | null;
  /** The defaults of every workload of a kind. */
  readonly defaults: Readonly<Record<WorkloadSpec['kind'], EngineDefaults>>;
  /** The differences between engines apart from the defaults. */
  readonly traits: EngineTraits;

  /**
   * The engine at the address in the context of the app, unless the code chose one itself.
   * @throws TradingStackError `invalid-value` unless it is an address
   */
  at(host: string | undefined): ContainerEngine;
  /** How the secrets of an instance get into its container. */
  secretTransport(spec: WorkloadSpec): SecretTransport;
  /** Creates the Terraform provider that all resources of the stack use. */
  createProvider(scope: Construct, id: string): TerraformProvider;
  /**
   * Creates a network and returns the expression of its id.
   * @param logicalId name of the resource in Terraform; without one, it follows from the construct path
   */
  createNetwork(scope: Construct, id: string, spec: NetworkSpec, logicalId?: string): string;
  /** Finds a network that something else manages, and returns the expression of its id. */
  findNetwork(scope: Construct, id: string, name: string): string;
  /** Creates a volume that goes with the stack and returns the expression of its name. */
  createVolume(scope: Construct, id: string, name: string, labels: Readonly<Record<string, string>>): string;
  /**
   * Puts the image on the engine.
   * @param where construct path of the workload that it is for, for messages
   */
  createImage(scope: Construct, id: string, spec: ImageSpec, where: string): PlacedImage;
  /** Makes the secret known to the engine. */
  createSecret(scope: Construct, id: string, secret: SecretFile): SecretHandle;
  /**
   * The ports that a workload publishes on this engine: all but the optional ones that it cannot publish.
   * @throws TradingStackError for another port that it cannot publish
   */
  publishedPorts(ports: readonly PortSpec[], path: string): readonly PortSpec[];
  /**
   * What a workload becomes on this engine: one service with all of its replicas, or one container for each replica.
   */
  instancesOf(spec: WorkloadSpec): readonly WorkloadSpec[];
  /** Creates the container or service of one instance, with the files that it needs. */
  createWorkload(scope: Construct, id: string, spec: WorkloadSpec): TerraformResource;
}

/** A registry that the provider has to know. */
export interface RegistryAccess {
  /** Host, and port; with `http://` in front of a registry without TLS. */
  readonly address: string;
  /** Whether it requires the login of the deploying machine. */
  readonly needsLogin: boolean;
}
/**
 * How a secret gets into a container: mounted from its file on the deploying machine, from a volume that is filled before
 * a deploy, or as an object of the Swarm, which Terraform creates.
 */
export type SecretTransport = 'file' | 'volume' | 'object';

/** Several nodes that run one stack. */
export interface ClusterSpec {
  /** Labels of the node that has the data. */
  readonly dataNode: Readonly<Record<string, string>>;
  /** Registry that built images are pushed to for all nodes: `registry.desk.example:5000`; `null` for none. */
  readonly registry: string | null;
}

/** Options that an engine enables by default, because it supports them. */
export interface EngineDefaults {
  readonly init: boolean;
  readonly noNewPrivileges: boolean;
  /** A read-only root file system, even if files are put into the container. */
  readonly readOnlyRootWithFiles: boolean;
  /** Replaces replicas one after another. */
  readonly updates: boolean;
  /** Waits for a start even without a health check. */
  readonly waitsUnprobed: boolean;
  /** Replaces an unhealthy container. */
  readonly stopsUnhealthy: boolean;
}

/** The capabilities of an engine. */
export interface EngineTraits {
  /** Reserves CPU time for a workload (`cpuReservation`). */
  readonly reservesCpu: boolean;
  /** Runs all replicas of a workload under one name; otherwise each is a container with a numbered name. */
  readonly replicasShareName: boolean;
  /** Carries out updates by itself, watches the new replicas, and rolls back. */
  readonly carriesOutUpdates: boolean;
  /** Needs the API of a Swarm manager. */
  readonly needsManager: boolean;
  /** Runs containers, and keeps their volumes, on machines that its API does not show. */
  readonly hasRemoteNodes: boolean;
  /** The provider removes a service that is not healthy in time, and its log with it. */
  readonly removesFailedServices: boolean;
}

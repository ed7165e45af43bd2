import { each, HINTS, type OptionShapes, required } from '../options/options';
import type { NamespaceOwner } from './networks/namespaces';
import { NETWORK_PROPS, type WorkloadNetworkOptions } from './networks/network-options';
import type { DeviceSpec, UlimitSpec } from '../platform/spec';
import { COMPOSE_HINTS } from './compose-hints';
import type { IConnectable } from './connections/connection';
import { HealthCheck } from './health/health-check';
import { Image } from './images/image';
import { Logging } from './logging/logging';
import { Placement } from './policies/placement';
import { PublishedPort } from './policies/published-port';
import { RESOURCES, type Resources } from './policies/resources';
import { RestartPolicy } from './policies/restart-policy';
import { UpdatePolicy } from './policies/update-policy';
import type { DeliveredSecret, Secret } from './secrets/secret';
import { BindMount } from './storage/bind-mount';
import { ConfigFile } from './storage/config-file';
import { TMPFS, type Tmpfs } from './storage/mounts';
import { VOLUME_MOUNT, type VolumeMount } from './storage/volume';
import { Duration } from './units/duration';

/** Options of every workload. Every construct that runs a program accepts all of them. */
export interface WorkloadOptions extends WorkloadNetworkOptions {
  /**
   * What it connects to. Variables, secret files and the start order follow from it.
   * @default - nothing
   */
  readonly uses?: readonly IConnectable[];
  /**
   * Name of the container or service.
   * @default - the stack's name and the id: `mt5-strategy-runner`
   */
  readonly name?: string;
  /**
   * Names under which other workloads reach it on the network. The first one is the host in their URLs.
   * @default - the id with hyphens, and the id: `feature-api` and `feature_api`
   */
  readonly aliases?: readonly string[];
  /**
   * Environment variables with literal values: `${` is not interpolated.
   * @default - none
   */
  readonly environment?: Readonly<Record<string, string | number | boolean>>;
  /**
   * Environment variables with the secrets that they refer to: `NAME_FILE` is the path of the file, unless
   * {@link Secret.deliveredAs} changes that.
   * @default - none
   */
  readonly secrets?: Readonly<Record<string, Secret | DeliveredSecret>>;
  /**
   * Arguments of the entry point.
   * @default - the image's own
   */
  readonly command?: readonly string[];
  /**
   * Program that is started. It does not get the image's own command as arguments.
   * @default - the image's own
   */
  readonly entrypoint?: readonly string[];
  /**
   * Files that are put into the container before it starts.
   * @default - none
   */
  readonly files?: readonly ConfigFile[];
  /**
   * Files and folders of the deploying host.
   * @default - none
   */
  readonly bindMounts?: readonly BindMount[];
  /** @default - those of the service only */
  readonly volumes?: readonly VolumeMount[];
  /** @default - `/tmp` if the root file system is read-only */
  readonly tmpfs?: readonly Tmpfs[];
  /**
   * Ports that are reachable from outside the network of the stack.
   * @default - none
   */
  readonly ports?: readonly PublishedPort[];
  /**
   * How the engine finds out that it is ready: `HealthCheck.withTimings({ … })` keeps the service's own probe,
   * `HealthCheck.ofImage()` that of the image, `HealthCheck.none()` has none.
   * @default - the service's own
   */
  readonly healthCheck?: HealthCheck;
  /**
   * How long a deploy waits for it to be healthy. Without a health check a deploy to a Swarm waits until it runs, and a
   * deploy to the Docker engine does not wait, so this is refused there.
   *
   * A Swarm stops unhealthy containers even while they start, so there the `startPeriod` of the health check is at least
   * as long. A health check of the image keeps its own.
   * @default - the time that the health check allows, and 30 seconds
   */
  readonly startTimeout?: Duration;
  /** @default - the service's own */
  readonly resources?: Resources;
  /** @default - the stack's */
  readonly logging?: Logging;
  /** @default - the stack's */
  readonly restartPolicy?: RestartPolicy;
  /**
   * Time between the stop signal and the kill.
   * @default - the service's own, or the stack's
   */
  readonly stopGracePeriod?: Duration;
  /** @default - the image's own */
  readonly stopSignal?: string;
  /**
   * Whether the program gets as few rights as it is known to need: no capabilities, the user of the construct (for your
   * own programs, also in a hardened {@link Workload}, the `USER` of the Dockerfile that is built, or 1000) and, for your own programs, a read-only root file system with
   * `/tmp` in memory. On the Docker engine the root file system stays writable if the workload has `files`.
   *
   * With `false` it runs as its image says: its user, often root, with the capabilities that Docker gives every
   * container, and a writable root file system. Images that start as root and then change to another user need this.
   *
   * `runAs`, `readOnlyRootFilesystem` and `capabilities` each take precedence. `noNewPrivileges` does not depend on it.
   * @default - true for every construct but a bare {@link Workload}
   */
  readonly hardened?: boolean;
  /**
   * User, and optionally group, that the process runs as: `1000:1000`.
   * @default - that of the construct if it is `hardened`, otherwise that of the image; see `hardened`
   */
  readonly runAs?: string;
  /** @default - none */
  readonly groups?: readonly string[];
  /** @default - the image's own */
  readonly workingDirectory?: string;
  /** @default - the engine's choice */
  readonly hostname?: string;
  /**
   * Labels of its containers. On a Swarm they are labels of the service (`docker service ls --filter label=…`), whose
   * containers only have `cdktf-trading-stack.stack` and `cdktf-trading-stack.service`.
   * @default - those of the stack only
   */
  readonly labels?: Readonly<Record<string, string>>;
  /** @default - that of the construct if it is `hardened`, otherwise `false` */
  readonly readOnlyRootFilesystem?: boolean;
  /**
   * The only capabilities that it has, without `CAP_`: all others are dropped, also those that Docker gives every
   * container.
   * @default - none if it is `hardened`, otherwise those that Docker gives every container
   */
  readonly capabilities?: readonly string[];
  /**
   * Whether its programs cannot get more rights than they start with, as through `sudo`.
   * @default true, if the engine supports it
   */
  readonly noNewPrivileges?: boolean;
  /** @default false */
  readonly privileged?: boolean;
  /**
   * Docker's `--security-opt` values.
   * @default - none
   */
  readonly securityOptions?: readonly string[];
  /**
   * Whether a small init process reaps children and forwards signals.
   * @default true, if the engine supports it
   */
  readonly init?: boolean;
  /**
   * `'host'` to see the processes of the host, or a workload to see its processes.
   * @default - its own processes only
   */
  readonly pid?: 'host' | NamespaceOwner;
  /**
   * The shared memory that it uses: that of the host, none, its own, its own that others may use (`'shareable'`), or that
   * of another workload.
   * @default - the engine's own, `'private'`
   */
  readonly ipc?: 'host' | 'none' | 'private' | 'shareable' | NamespaceOwner;
  /**
   * Whether it has a terminal, which some programs need to write line by line or in colour.
   * @default false
   */
  readonly tty?: boolean;
  /**
   * Whether its standard input stays open, for programs that exit when it ends.
   * @default false
   */
  readonly stdinOpen?: boolean;
  /**
   * Container runtime of the engine, such as `nvidia` or `runsc`.
   * @default - the engine's own
   */
  readonly runtime?: string;
  /** @default - none */
  readonly devices?: readonly DeviceSpec[];
  /**
   * `'all'` for the GPUs of the host, a number of them, or their ids: `['0', 'GPU-3faa8b2c']`.
   * @default - none
   */
  readonly gpus?: 'all' | number | readonly string[];
  /**
   * Nodes of a Swarm on which it may run. A workload with a volume runs on the data node, unless this is a single node:
   * {@link Placement.node}. A workload that publishes a port or mounts a file of the host needs a placement, unless it
   * has a volume.
   * @default - with a volume the data node of the cluster, otherwise every node
   */
  readonly placement?: readonly Placement[];
  /**
   * How a deploy replaces the old version with the new one.
   * @default - one replica after another, on a Swarm with a rollback on failure. With several replicas, and in roles that
   *   only answer requests, the old replica stops after the new one is healthy. Otherwise, and with a host port, a volume of
   *   its own or {@link Placement.replicasPerNode}, it stops before the new one starts
   */
  readonly updatePolicy?: UpdatePolicy;
  /** @default - the daemon's own */
  readonly ulimits?: readonly UlimitSpec[];
  /** @default - the engine's own */
  readonly sysctls?: Readonly<Record<string, string>>;
}

/** Options of a program that can run as several replicas. Servers with data do not have them. */
export interface ReplicaOptions {
  /**
   * How many of it run, a whole number. Its name on the network resolves to the addresses of all replicas, in any order.
   * Several replicas cannot have `ports` or a `hostname`; use a `ReverseProxy` to reach them from outside. On the Docker
   * engine each replica is a container with a number after its name, so several cannot have a `name`, and changing from
   * one to several, or back, replaces the container.
   * @default 1
   */
  readonly replicas?: number;
}

/** Properties of a {@link Workload}. */
export interface WorkloadProps extends WorkloadOptions, ReplicaOptions {
  readonly image: Image;
}

/** The shapes of {@link WorkloadOptions}, which a construct with further options spreads into its own table. */
export const WORKLOAD_OPTIONS: OptionShapes<WorkloadOptions> = {
  ...NETWORK_PROPS,
  uses: ['object'],
  name: 'string',
  aliases: ['string'],
  environment: 'object',
  secrets: 'object',
  command: ['string'],
  entrypoint: ['string'],
  files: [ConfigFile],
  bindMounts: [BindMount],
  volumes: [VOLUME_MOUNT],
  tmpfs: [TMPFS],
  ports: [PublishedPort],
  healthCheck: HealthCheck,
  startTimeout: Duration,
  resources: RESOURCES,
  logging: Logging,
  restartPolicy: RestartPolicy,
  stopGracePeriod: Duration,
  stopSignal: 'string',
  hardened: 'boolean',
  runAs: 'string',
  groups: ['string'],
  workingDirectory: 'string',
  hostname: 'string',
  labels: each('string'),
  readOnlyRootFilesystem: 'boolean',
  capabilities: ['string'],
  noNewPrivileges: 'boolean',
  privileged: 'boolean',
  securityOptions: ['string'],
  init: 'boolean',
  pid: 'any',
  ipc: 'any',
  tty: 'boolean',
  stdinOpen: 'boolean',
  runtime: 'string',
  devices: [{ hostPath: required('string'), containerPath: required('string'), permissions: required('string') }],
  gpus: 'any',
  placement: [Placement],
  updatePolicy: UpdatePolicy,
  ulimits: [{ name: required('string'), soft: required('number'), hard: required('number') }],
  sysctls: each('string'),
  [HINTS]: COMPOSE_HINTS,
};

/** The shapes of {@link ReplicaOptions}. */
const REPLICA_OPTIONS: OptionShapes<ReplicaOptions> = { replicas: 'number' };

/** The shapes of {@link WorkloadProps}. */
export const WORKLOAD_PROPS: OptionShapes<WorkloadProps> = {
  ...WORKLOAD_OPTIONS,
  ...REPLICA_OPTIONS,
  image: required(Image),
};

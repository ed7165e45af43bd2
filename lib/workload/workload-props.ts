import { HINTS, type OptionShapes, required } from '../options/options';
import type { DeviceSpec, ExtraHostSpec, UlimitSpec } from '../platform/spec';
import { COMPOSE_HINTS } from './compose-hints';
import type { IConnectable } from './connections/connection';
import { HealthCheck } from './health/health-check';
import { Image } from './images/image';
import { Logging } from './policies/logging';
import { Placement } from './policies/placement';
import { PublishedPort } from './policies/published-port';
import { RESOURCES, type Resources } from './policies/resources';
import { RestartPolicy } from './policies/restart-policy';
import { UpdatePolicy } from './policies/update-policy';
import type { DeliveredSecret, Secret } from './secrets/secret';
import { BindMount } from './storage/bind-mount';
import { ConfigFile } from './storage/config-file';
import { VOLUME_MOUNT, type VolumeMount } from './storage/volume';
import { Duration } from './units/duration';
import { Size } from './units/size';

/** A file system in memory. */
export interface Tmpfs {
  /** Absolute path inside the container. */
  readonly path: string;
  /** @default - half of the host's memory; what is in it counts towards the memory limit */
  readonly size?: Size;
}

/** What can be said of every workload, whatever it is. Every construct takes all of it. */
export interface WorkloadOptions {
  /**
   * What it connects to: variables, secret files and start order come from it.
   * @default - nothing
   */
  readonly uses?: readonly IConnectable[];
  /**
   * Name of the container or service.
   * @default - the stack's name and the id: `mt5-strategy-runner`
   */
  readonly name?: string;
  /**
   * Names under which others on the network reach it.
   * @default - the id
   */
  readonly aliases?: readonly string[];
  /**
   * Variables with literal values; `${` arrives as it is written.
   * @default - none
   */
  readonly environment?: Readonly<Record<string, string | number | boolean>>;
  /**
   * Variables with the secrets behind them, as `NAME_FILE` unless {@link Secret.deliveredAs} says otherwise.
   * @default - none
   */
  readonly secrets?: Readonly<Record<string, Secret | DeliveredSecret>>;
  /**
   * Arguments of the entry point.
   * @default - the image's own
   */
  readonly command?: readonly string[];
  /**
   * Program that is started. The image's own command is not given to it.
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
  /** @default - none beside those of the service */
  readonly volumes?: readonly VolumeMount[];
  /** @default - `/tmp` where the root file system is read-only */
  readonly tmpfs?: readonly Tmpfs[];
  /**
   * Ports that are reachable from outside of the network.
   * @default - none
   */
  readonly ports?: readonly PublishedPort[];
  /** @default - the service's own; `HealthCheck.none()` for none */
  readonly healthCheck?: HealthCheck;
  /**
   * How long a deploy waits for it to be healthy; on a Swarm, where it has no health check, for it to run. On the Docker
   * engine nothing is waited for without a health check, so this is refused then. A job is waited for to its end, so it
   * takes none.
   *
   * A Swarm stops what is unhealthy, also while it starts, so there the `startPeriod` of the health check is as long as
   * this at least. A check that only the image has keeps its own.
   * @default - what the timings of the health check allow, and 30 seconds
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
   * User, and group, that the process runs as: `1000:1000`.
   * @default - the service's own
   */
  readonly runAs?: string;
  /** @default - none */
  readonly groups?: readonly string[];
  /** @default - the image's own */
  readonly workingDirectory?: string;
  /** @default - the engine's choice */
  readonly hostname?: string;
  /**
   * Labels of its containers. On a Swarm they are labels of the service (`docker service ls --filter label=…`); its
   * containers have those of this library alone, `cdktf-trading-stack.stack` and `cdktf-trading-stack.service`.
   * @default - none beside the stack's
   */
  readonly labels?: Readonly<Record<string, string>>;
  /** @default - the service's own */
  readonly readOnlyRootFilesystem?: boolean;
  /**
   * Capabilities, without `CAP_`. All others are dropped.
   * @default - none
   */
  readonly capabilities?: readonly string[];
  /** @default true, where the engine can */
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
   * @default true, where the engine can
   */
  readonly init?: boolean;
  /** @default - none */
  readonly extraHosts?: readonly ExtraHostSpec[];
  /**
   * Name servers.
   * @default - the engine's own
   */
  readonly dns?: readonly string[];
  /** @default - none */
  readonly devices?: readonly DeviceSpec[];
  /**
   * `'all'` gives it the host's GPUs.
   * @default - none
   */
  readonly gpus?: 'all';
  /**
   * Where in a Swarm of several nodes it may run. With a volume it runs on the data node all the same, unless this is
   * one node: {@link Placement.node}. What publishes a port or mounts a file of the host has to say where it is, unless
   * its data does.
   * @default - on the data node of the cluster with a volume, and anywhere without
   */
  readonly placement?: readonly Placement[];
  /**
   * How a Swarm puts a new version in the place of the old one.
   * @default - one after another, and back to the old one where that fails; the old one of several is stopped after the
   *   new one is healthy, of one before it starts, and so with {@link Placement.replicasPerNode}
   */
  readonly updatePolicy?: UpdatePolicy;
  /** @default - the daemon's own */
  readonly ulimits?: readonly UlimitSpec[];
  /** @default - the engine's own */
  readonly sysctls?: Readonly<Record<string, string>>;
}

/** What can be said of a program beside that, of which several can run at once: a server with data takes none of it. */
export interface ReplicaOptions {
  /**
   * How many of it run, a whole number. Its name on the network answers with the addresses of all of them, in any order.
   * More than one publish no port and have no `hostname`; a `ReverseProxy` is what makes them reachable from outside.
   * On the Docker engine each is a container with a number after the name, so more than one take no `name` there, and
   * going from one to several, or back, replaces the container.
   * @default 1
   */
  readonly replicas?: number;
}

/** Properties of a {@link Workload}: what can be said of every one, how many of it run, and its image. */
export interface WorkloadProps extends WorkloadOptions, ReplicaOptions {
  readonly image: Image;
}

/** How the options that every construct takes are checked; a construct with options of its own spreads them in. */
export const WORKLOAD_OPTIONS: OptionShapes<WorkloadOptions> = {
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
  tmpfs: [{ path: required('string'), size: Size }],
  ports: [PublishedPort],
  healthCheck: HealthCheck,
  startTimeout: Duration,
  resources: RESOURCES,
  logging: Logging,
  restartPolicy: RestartPolicy,
  stopGracePeriod: Duration,
  stopSignal: 'string',
  runAs: 'string',
  groups: ['string'],
  workingDirectory: 'string',
  hostname: 'string',
  labels: 'object',
  readOnlyRootFilesystem: 'boolean',
  capabilities: ['string'],
  noNewPrivileges: 'boolean',
  privileged: 'boolean',
  securityOptions: ['string'],
  init: 'boolean',
  extraHosts: [{ name: required('string'), address: required('string') }],
  dns: ['string'],
  devices: [{ hostPath: required('string'), containerPath: required('string'), permissions: required('string') }],
  gpus: 'string',
  placement: [Placement],
  updatePolicy: UpdatePolicy,
  ulimits: [{ name: required('string'), soft: required('number'), hard: required('number') }],
  sysctls: 'object',
  [HINTS]: COMPOSE_HINTS,
};

/** How the options of a program are checked of which several can run. */
export const REPLICA_OPTIONS: OptionShapes<ReplicaOptions> = { replicas: 'number' };

/** How the properties of a {@link Workload} are checked. */
export const WORKLOAD_PROPS: OptionShapes<WorkloadProps> = {
  ...WORKLOAD_OPTIONS,
  ...REPLICA_OPTIONS,
  image: required(Image),
};

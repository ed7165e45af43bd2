import type { HealthCheckSpec } from './health-check-spec';
import type { ImageReference } from './images/image-spec';
import type { NamespacesSpec, NetworkAttachmentSpec } from './network-spec';
import type { SecretHandle } from './secrets/secret-store';

export { type HealthCheckSpec, type HealthProbe, isProbed, replacedCheck } from './health-check-spec';
export type { BuildSpec, ImageReference, ImageSpec, PlacedImage } from './images/image-spec';
export type { NamespaceSpec, NamespacesSpec, NetworkAttachmentSpec, NetworkSpec } from './network-spec';

/**
 * The input of an engine: plain data with every field set. `lib/workload` applies the defaults, an engine adds none.
 * Strings are literal (an engine escapes them for Terraform) unless the field says that it holds an expression.
 */
export interface WorkloadSpec {
  /** Construct path, for messages. */
  readonly path: string;
  /** Name of the container (Docker) or service (Swarm). */
  readonly name: string;
  /** A service runs until it is stopped; a job runs once and has to exit with 0. */
  readonly kind: 'service' | 'job';
  /** Number of replicas, 1 or more. */
  readonly replicas: number;
  /** DNS names on the network. */
  readonly aliases: readonly string[];
  readonly image: ImageReference;
  /** `null` keeps the image's own. */
  readonly entrypoint: readonly string[] | null;
  /** `null` keeps the image's own. */
  readonly command: readonly string[] | null;
  readonly environment: Readonly<Record<string, string>>;
  /** Variables with the content of a secret, which is then visible in the state and in inspect. */
  readonly secretEnvironment: Readonly<Record<string, SecretHandle>>;
  readonly labels: Readonly<Record<string, string>>;
  /** `null` keeps the image's own. */
  readonly user: string | null;
  /** The `USER` of its Dockerfile; `null` if it is not known. For messages: see {@link userOf}. */
  readonly imageUser: string | null;
  /** The options that `hardened` decides, because they are not set; none without it. For messages. */
  readonly hardening: readonly ('runAs' | 'readOnlyRootFilesystem' | 'capabilities')[];
  /** Whether its construct mounts volumes for everything that the program keeps, as those of servers do. */
  readonly keepsFilesInVolumes: boolean;
  /** Additional groups of the process. */
  readonly groups: readonly string[];
  /** `null` keeps the image's own. */
  readonly workingDirectory: string | null;
  /** `null` lets the engine choose. */
  readonly hostname: string | null;
  readonly restart: RestartSpec;
  /** `null` keeps the image's own. */
  readonly stopSignal: string | null;
  readonly stopGracePeriodSeconds: number;
  readonly init: boolean;
  readonly readOnlyRootFilesystem: boolean;
  readonly tmpfs: readonly TmpfsSpec[];
  readonly volumes: readonly VolumeMountSpec[];
  readonly bindMounts: readonly BindMountSpec[];
  readonly secrets: readonly SecretMountSpec[];
  readonly files: readonly FileSpec[];
  /** Networks that it is on, with a name for each; none if it shares one. */
  readonly networks: readonly NetworkAttachmentSpec[];
  /** What it shares with the host or with another container. */
  readonly namespaces: NamespacesSpec;
  /** TCP ports on which it is known to listen on the network of the host itself. */
  readonly hostPorts: readonly number[];
  readonly ports: readonly PortSpec[];
  readonly extraHosts: readonly ExtraHostSpec[];
  readonly dns: readonly string[];
  /** Domains in which names without a dot are looked up. */
  readonly dnsSearch: readonly string[];
  /** Options of `resolv.conf`. */
  readonly dnsOptions: readonly string[];
  /** `null` keeps the image's own. */
  readonly healthCheck: HealthCheckSpec | null;
  /** How long a deploy waits for it to be healthy; `null` for no limit, and for a job, which runs to its end. */
  readonly startTimeoutSeconds: number | null;
  readonly resources: ResourcesSpec;
  readonly security: SecuritySpec;
  readonly devices: readonly DeviceSpec[];
  /** As `docker run --gpus` takes it; `null` for none. */
  readonly gpus: string | null;
  /** `null` for the engine's default. */
  readonly runtime: string | null;
  /** Whether it has a terminal. */
  readonly tty: boolean;
  /** Whether its standard input stays open. */
  readonly stdinOpen: boolean;
  readonly ulimits: readonly UlimitSpec[];
  readonly sysctls: Readonly<Record<string, string>>;
  readonly logging: LoggingSpec;
  readonly placement: PlacementSpec;
  /** `null` if the engine does not replace replicas by itself. */
  readonly updates: UpdateSpec | null;
  /** Terraform addresses of what has to be running before this starts. */
  readonly dependsOn: readonly string[];
  /** What it connects to over a network, for reports. */
  readonly connections: readonly ConnectionSpec[];
}

/** Where and how a workload reaches something that it uses. */
export interface ConnectionSpec {
  readonly host: string;
  readonly port: number;
  /** First part of a URL: `postgresql`, `amqp`, `http`. */
  readonly protocol: string;
}

/** A secret mounted into a container. */
export interface SecretMountSpec {
  readonly secret: SecretHandle;
  /** Absolute path inside the container. */
  readonly path: string;
}

/** A file that is put into the container before it starts. */
export interface FileSpec {
  /** Absolute path inside the container. */
  readonly path: string;
  readonly content: string;
  /** Octal, four digits: `0444`. */
  readonly mode: string;
}

/** A volume mounted into a container. */
export interface VolumeMountSpec {
  /** Literal name, or an expression that refers to the volume's resource. */
  readonly volume: string;
  /** Absolute path inside the container. */
  readonly path: string;
  readonly readOnly: boolean;
  /**
   * Ephemeral ones are removed with the stack; retained ones are kept and not in the state; external ones belong
   * elsewhere.
   */
  readonly lifetime: 'ephemeral' | 'retained' | 'external';
  /** Only one workload may mount it: two database servers on one volume destroy the data. */
  readonly exclusive: boolean;
}

/** A file or folder of the engine's host mounted into a container. */
export interface BindMountSpec {
  /** Expression: absolute path on the engine's host. */
  readonly source: string;
  readonly path: string;
  readonly readOnly: boolean;
  /** Hash of the content, or `null` for content that changes by itself. */
  readonly contentHash: string | null;
  /** What happens if the source is missing when the container is created. Synthesis has checked it for `checked`. */
  readonly ifMissing: 'checked' | 'fail' | 'create';
}

/** A file system in memory. */
export interface TmpfsSpec {
  readonly path: string;
  /** `null`: half of the host's memory, within the memory limit. */
  readonly sizeBytes: number | null;
  /** Whether programs and libraries can be run from it. */
  readonly exec: boolean;
}

/** A port that is published on the host. */
export interface PortSpec {
  readonly container: number;
  readonly host: number;
  /** Addresses of the host that the port is bound to. */
  readonly scope: PortScope;
  readonly protocol: 'tcp' | 'udp' | 'sctp';
  /** Left unpublished by an engine that cannot bind to these addresses. */
  readonly optional: boolean;
}

/** Loopback, every address of the host, or one of them. */
export type PortScope = 'loopback' | 'all' | { readonly address: string };

/** An additional name that the container resolves. */
export interface ExtraHostSpec {
  readonly name: string;
  /** An IP address, or `host-gateway`. */
  readonly address: string;
}

/** The names under which other containers reach a workload. Docker resolves that of the container, too, and ignores case. */
export function networkNames({
  name,
  aliases,
  networks,
}: Pick<WorkloadSpec, 'name' | 'aliases' | 'networks'>): string[] {
  return [name, ...aliases, ...networks.flatMap((network) => network.aliases)];
}

/** The user of the process; `null` if that is the image's own, and not known. */
export function userOf({ user, imageUser }: Pick<WorkloadSpec, 'user' | 'imageUser'>): string | null {
  return user ?? imageUser;
}

/** What the engine does when a workload ends or is unhealthy. */
export interface RestartSpec {
  readonly condition: 'no' | 'on-failure' | 'always' | 'unless-stopped';
  /** For `on-failure`; `null` for no maximum. */
  readonly maximumRetries: number | null;
  /**
   * Whether its health check, which is then one of its own, restarts it: never, as for an engine that does so by itself;
   * always; or only if it has been healthy since its start.
   */
  readonly whenUnhealthy: 'never' | 'always' | 'after-start';
}

/** What the machine of an engine has. CPU time in thousandths of a core. */
export interface MachineSpec {
  readonly cpuMillis: number;
  readonly memoryBytes: number;
}

/** The limits of a workload; `null` for no limit. CPU time in thousandths of a core, memory in bytes. */
export interface ResourcesSpec {
  readonly cpuMillis: number | null;
  readonly cpuReservationMillis: number | null;
  readonly memoryBytes: number | null;
  /** Swap on top of the memory limit. */
  readonly swapBytes: number;
  readonly memoryReservationBytes: number | null;
  readonly shmSizeBytes: number | null;
  /** CPUs that it may use: `0-1`, `0,2`; `null` for all. */
  readonly cpuset: string | null;
}

/** What a workload may do; capabilities without `CAP_`. */
export interface SecuritySpec {
  /** On top of those that every container has, or the only ones if `ALL` is dropped. */
  readonly addCapabilities: readonly string[];
  /** `ALL`, or none for those that the engine gives every container. */
  readonly dropCapabilities: readonly string[];
  readonly noNewPrivileges: boolean;
  readonly privileged: boolean;
  /** Docker's `--security-opt` values except `no-new-privileges`. */
  readonly options: readonly string[];
}

/** A device of the host inside a container; permissions are `r`, `w` and `m` (mknod). */
export interface DeviceSpec {
  readonly hostPath: string;
  readonly containerPath: string;
  readonly permissions: string;
}

/** A ulimit: `nofile`, `memlock` … */
export interface UlimitSpec {
  readonly name: string;
  readonly soft: number;
  readonly hard: number;
}

/** The workload whose output a driver handles. */
export interface LoggedWorkload {
  /** Name of its stack. */
  readonly stack: string;
  /** Its id, or that of the service that it belongs to. */
  readonly service: string;
  readonly hostPortOffset: number;
}

/** Where the output of a workload goes. */
export interface LoggingSpec {
  /** `null` for the default driver and options of the daemon. */
  readonly driver: string | null;
  readonly options: Readonly<Record<string, string>>;
  /** Of the log store that the output goes to; `null` for any other destination. */
  readonly storeUrl: string | null;
}

/** Where in a cluster a workload may run. */
export interface PlacementSpec {
  /** A node has to meet all of them. */
  readonly constraints: readonly PlacementConstraint[];
  /** Maximum of its replicas on one node; `null` for no maximum. */
  readonly replicasPerNode: number | null;
}

/** A condition that a node has to meet. */
export type PlacementConstraint =
  | { readonly on: 'label'; readonly name: string; readonly value: string; readonly equals: boolean }
  | { readonly on: 'hostname'; readonly value: string }
  | { readonly on: 'role'; readonly value: 'manager' | 'worker' };

/** How a new version replaces the old one; times in milliseconds. */
export interface UpdateSpec {
  readonly order: 'start-first' | 'stop-first';
  /** Number of replicas replaced at a time. */
  readonly parallelism: number;
  readonly delayMilliseconds: number;
  readonly onFailure: 'rollback' | 'pause' | 'continue';
  /** Time after a replica is healthy in which its failure counts. */
  readonly monitorMilliseconds: number;
}

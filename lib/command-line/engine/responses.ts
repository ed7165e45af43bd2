// The parts of the responses that are used here: https://docs.docker.com/reference/api/engine/version/v1.41/
export interface ContainerSummary {
  readonly Id: string;
  readonly Names: readonly string[];
  /** `running`, `exited`. */
  readonly State: string;
  /** In seconds. */
  readonly Created: number;
  readonly ImageID: string;
  readonly Labels: Readonly<Record<string, string>>;
  readonly Ports: readonly { readonly IP?: string; readonly PublicPort?: number; readonly Type: string }[];
  readonly Mounts: readonly { readonly Name?: string; readonly Destination: string }[];
}

export interface ContainerDetails {
  /** With a slash before it. */
  readonly Name: string;
  readonly State: {
    readonly Status: string;
    readonly ExitCode: number;
    readonly OOMKilled: boolean;
    readonly StartedAt: string;
    readonly Health?: {
      readonly Status: string;
      readonly FailingStreak: number;
      readonly Log: readonly { readonly ExitCode: number; readonly Output: string }[] | null;
    };
  };
  readonly RestartCount: number;
  readonly Config: {
    readonly Tty: boolean;
    /** Empty for root. */
    readonly User: string;
    readonly Healthcheck?: { readonly Test?: readonly string[] } | null;
  };
  readonly HostConfig: { readonly GroupAdd?: readonly string[] | null };
  readonly Mounts: readonly { readonly Type: string; readonly Name?: string; readonly Destination: string }[];
}

/** What became of a file in a container since it was created from its image. */
export enum ChangeKind {
  MODIFIED = 0,
  ADDED = 1,
  DELETED = 2,
}

/** A file or folder that differs from the image. The folders above it are listed as modified too. */
export interface FileChange {
  readonly Path: string;
  readonly Kind: ChangeKind;
}

export interface Task {
  readonly CreatedAt: string;
  /** Missing until a node is found for it. */
  readonly NodeID?: string;
  readonly DesiredState: string;
  readonly Status: {
    readonly State: string;
    readonly Err?: string;
    readonly ContainerStatus?: { readonly ContainerID?: string };
  };
}

export interface ImageDetails {
  readonly Id: string;
  /** Names with the digests that it has in registries. */
  readonly RepoDigests?: readonly string[] | null;
  /** When it was built: `2026-01-01T12:00:00Z`. */
  readonly Created?: string;
}

export interface ImageSummary {
  readonly Id: string;
  /** `postgres:17-alpine` */
  readonly RepoTags: readonly string[] | null;
  readonly RepoDigests: readonly string[] | null;
  /** In seconds. */
  readonly Created: number;
  /** In bytes, with what it shares with others. */
  readonly Size: number;
}

export interface ServiceSummary {
  readonly Spec: { readonly Name: string };
  /** The last update of it, if there was one. */
  readonly UpdateStatus?: { readonly State: string; readonly StartedAt: string };
  readonly Endpoint?: { readonly Ports?: readonly { readonly PublishedPort?: number; readonly Protocol: string }[] };
}

/** A service as it can be sent back with changes. */
export interface ServiceDetails {
  readonly ID: string;
  readonly Version: { readonly Index: number };
  readonly Spec: { readonly Name: string; readonly Mode: { readonly Replicated?: { readonly Replicas: number } } };
}

export interface SwarmNode {
  readonly ID: string;
  readonly Spec: { readonly Role: string; readonly Labels?: Readonly<Record<string, string>> };
  readonly Description: { readonly Hostname: string; readonly Resources?: { readonly NanoCPUs?: number } };
}

export interface NetworkSummary {
  readonly Id: string;
  readonly Name: string;
  readonly Labels: Readonly<Record<string, string>> | null;
  readonly IPAM: { readonly Config: readonly { readonly Subnet?: string }[] | null };
}

export interface VolumeSummary {
  readonly Name: string;
  /** `2026-01-01T12:00:00Z` */
  readonly CreatedAt: string;
  readonly Labels: Readonly<Record<string, string>> | null;
}

/** What distinguishes an engine from others, whatever its address is. */
export interface EngineIdentity {
  readonly engine: string;
  /** Id of its Swarm, which only a manager knows; otherwise empty. */
  readonly cluster: string;
  /** Whether it is a node of a Swarm, and not a manager. */
  readonly isWorker: boolean;
}

/** Its name, without the slash that Docker puts in front. */
export function containerNameOf({ Names, Id }: ContainerSummary): string {
  return Names[0]?.slice(1) ?? Id;
}

/** The Swarm service that a container is a task of. */
export function swarmServiceOf({ Labels }: Pick<ContainerSummary, 'Labels'>): string | undefined {
  return Labels['com.docker.swarm.service.name'];
}

/** The names of Swarm services with tasks among containers, and of the containers that are no tasks. */
export function namesOf(containers: readonly ContainerSummary[]): {
  readonly services: readonly string[];
  readonly containers: readonly string[];
} {
  return {
    services: [...new Set(containers.flatMap((container) => swarmServiceOf(container) ?? []))],
    containers: containers.filter((container) => swarmServiceOf(container) === undefined).map(containerNameOf),
  };
}

/** The task that was created last. */
export function newestOf(tasks: readonly Task[]): Task | undefined {
  return [...tasks].sort((one, other) => one.CreatedAt.localeCompare(other.CreatedAt)).at(-1);
}

/** The error of the newest task that has one, in brackets after a space; empty without one. */
export function describeLastError(tasks: readonly Task[]): string {
  const error = newestOf(tasks.filter(({ Status }) => (Status.Err ?? '') !== ''))?.Status.Err;
  return error === undefined ? '' : ` (${error})`;
}

import { previousName, type RegisteredWorkload, STACK_LABEL } from '../../internal';
import type { EngineAddress } from '../connection/address';
import type { DockerApi } from './docker-api';
import { type ContainerSummary, newestOf, swarmServiceOf, type Task } from './responses';
import { isSwarmService } from '../plan/resources';

/** The state of a container or service. */
export interface State {
  /** Docker's status, or `missing`. */
  readonly status: string;
  /** `null` without a health check. */
  readonly health: string | null;
  readonly exitCode: number | null;
  readonly restarts: number;
  /** Whether the kernel killed one of its processes at the memory limit. The main process may go on. */
  readonly outOfMemory: boolean;
  /** When it was started; `null` for one that is not on this engine. */
  readonly startedAt: string | null;
  /** Number of running replicas, if there are several: `2 of 3`. */
  readonly running?: string;
}

/** The state of a workload. */
export interface WorkloadState extends State {
  readonly workload: RegisteredWorkload;
  /** The container on this engine that has the state, or whose log explains it. */
  readonly container: string | null;
}

/**
 * The state of each workload, in the same order.
 * @param listed all containers, if they are known already
 */
export async function statesOf(
  workloads: readonly RegisteredWorkload[],
  docker: DockerApi,
  listed?: readonly ContainerSummary[],
): Promise<WorkloadState[]> {
  const containers = listed ?? (await docker.containers());
  return Promise.all(
    workloads.map(async (workload) => {
      const own = containers.filter((container) => isOf(container, workload));
      if (hasTasks(workload)) return fromTasks(workload, own, docker);
      const newest = own.reduce<ContainerSummary | undefined>(
        (latest, one) => (latest === undefined || one.Created > latest.Created ? one : latest),
        undefined,
      );
      return (await withContainer(workload, newest?.Id, docker)) ?? missing(workload);
    }),
  );
}

/** Whether a container is the workload's, or a task of its service. Another owner may have taken its name. */
export function isOf(container: ContainerSummary, workload: RegisteredWorkload): boolean {
  const { name } = workload.spec;
  if (!isOfStack(container, workload)) return false;
  return container.Names.includes(`/${name}`) || swarmServiceOf(container) === name;
}

/** Whether a container is the one that serves while the workload's new one starts. */
export function isPreviousOf(container: ContainerSummary, workload: RegisteredWorkload): boolean {
  return isOfStack(container, workload) && container.Names.includes(`/${previousName(workload.spec.name)}`);
}

function isOfStack({ Labels }: ContainerSummary, { spec }: RegisteredWorkload): boolean {
  return Labels[STACK_LABEL] === spec.labels[STACK_LABEL];
}

/** Whether it may be the reason for a failed deploy. */
export function isUnhealthy({ status, health, exitCode, restarts }: State): boolean {
  if (status === 'restarting' || (status === 'exited' && exitCode !== 0)) return true;
  if (status !== 'running') return false;
  return health === null ? restarts > 0 : health !== 'healthy';
}

/** Jobs that failed in an earlier deploy. Terraform alone would not run them again. */
export function failedJobs(states: readonly WorkloadState[]): WorkloadState[] {
  return states.filter(
    ({ workload, status, exitCode }) => workload.spec.kind === 'job' && status === 'exited' && exitCode !== 0,
  );
}

/**
 * Services whose container has stopped for good. The provider removes such a container with its log when it refreshes
 * the state. Swarm replaces stopped tasks by itself.
 */
export function stoppedServices(states: readonly WorkloadState[]): WorkloadState[] {
  return states.filter(
    ({ workload, status }) =>
      workload.spec.kind === 'service' && !hasTasks(workload) && ['created', 'exited', 'dead'].includes(status),
  );
}

/** Whether it is a Swarm service, whose tasks Swarm replaces by itself. */
export function hasTasks({ address }: RegisteredWorkload): boolean {
  return isSwarmService(address);
}

/** The command that restarts it. */
export function restartCommand(workload: RegisteredWorkload, { command }: EngineAddress): string {
  const { name } = workload.spec;
  return hasTasks(workload) ? `${command} service update --force ${name}` : `${command} restart ${name}`;
}

/** For display: `running, healthy`; `exited with 1`. */
export function describeState({ status, health, exitCode, restarts, outOfMemory, running }: State): string {
  const words = status === 'exited' && exitCode !== null ? [`exited with ${exitCode}`] : [status];
  if (health !== null && status !== 'exited') words.push(health);
  if (running !== undefined) words.push(running);
  if (restarts > 0) words.push(`${restarts} ${restarts === 1 ? 'restart' : 'restarts'}`);
  if (outOfMemory) words.push('a process was killed for lack of memory');
  return words.join(', ');
}

/** `undefined` for a container that does not exist, or was removed after it was listed. */
async function withContainer(
  workload: RegisteredWorkload,
  id: string | undefined,
  docker: DockerApi,
): Promise<WorkloadState | undefined> {
  const details = id === undefined ? undefined : await docker.inspect(id);
  if (id === undefined || details === undefined) return undefined;
  const { State, RestartCount } = details;
  return {
    workload,
    container: id,
    status: State.Status,
    health: State.Health === undefined || State.Health.Status === 'none' ? null : State.Health.Status,
    exitCode: State.Status === 'exited' ? State.ExitCode : null,
    restarts: RestartCount,
    outOfMemory: State.OOMKilled,
    startedAt: State.StartedAt,
  };
}

/**
 * A manager knows the tasks on all nodes. An old container of the service on this node is irrelevant if the current task
 * runs on another node.
 */
async function fromTasks(
  workload: RegisteredWorkload,
  containers: readonly ContainerSummary[],
  docker: DockerApi,
): Promise<WorkloadState> {
  const { name, replicas } = workload.spec;
  const tasks = await docker.tasks(name);
  const wanted = tasks.filter(({ DesiredState }) => DesiredState === 'running');
  const running = wanted.filter(({ Status }) => Status.State === 'running');
  const isUp = running.length >= replicas;
  // The container that was started last shows why the service does not come up.
  const counting = newestOf(isUp ? running : tasks.filter(({ Status }) => (containerOf(Status) ?? '') !== ''));
  const here = containers.find(({ Id }) => counting !== undefined && Id === containerOf(counting.Status))?.Id;
  const own = replicas === 1 ? await withContainer(workload, here, docker) : undefined;
  if (own !== undefined) return own;
  const status = isUp ? 'running' : (newestOf(wanted.length > 0 ? wanted : tasks)?.Status.State ?? 'missing');
  const several = replicas === 1 ? {} : { running: `${running.length} of ${replicas}` };
  return { ...missing(workload), container: here ?? null, status, ...several };
}

function missing(workload: RegisteredWorkload): WorkloadState {
  const nothing = { container: null, health: null, exitCode: null, startedAt: null };
  return { workload, ...nothing, status: 'missing', restarts: 0, outOfMemory: false };
}

function containerOf({ ContainerStatus }: Task['Status']): string | undefined {
  return ContainerStatus?.ContainerID;
}

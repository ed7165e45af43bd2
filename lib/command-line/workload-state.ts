import type { RegisteredWorkload } from '../index';
import { type ContainerSummary, type DockerApi, newestOf, swarmServiceOf, type Task } from './docker-api';
import { hasTasks } from './engine-traits';

/** How something is doing on the engine. */
export interface State {
  /** Docker's word, or `missing`. */
  readonly status: string;
  /** `null` without a health check. */
  readonly health: string | null;
  readonly exitCode: number | null;
  readonly restarts: number;
  /** How many replicas run of how many, where there are several. */
  readonly running?: string;
}

/** How a workload is doing on the engine. */
export interface WorkloadState extends State {
  readonly workload: RegisteredWorkload;
  /** The newest container of it on this engine. */
  readonly container: string | null;
}

/** The state of each workload, in the same order. */
export async function statesOf(workloads: readonly RegisteredWorkload[], docker: DockerApi): Promise<WorkloadState[]> {
  const containers = await docker.containers();
  return Promise.all(
    workloads.map(async (workload) => {
      const own = containers.filter((container) => isOf(container, workload));
      const newest = own.reduce<ContainerSummary | undefined>(
        (latest, one) => (latest === undefined || one.Created > latest.Created ? one : latest),
        undefined,
      );
      // Of several replicas each may be on another node.
      return newest === undefined || workload.spec.replicas > 1
        ? fromTasks(workload, newest?.Id ?? null, docker)
        : withContainer(workload, newest.Id, docker);
    }),
  );
}

/** Whether a container is the workload's, or one of the tasks of its service. */
export function isOf(container: ContainerSummary, { spec }: RegisteredWorkload): boolean {
  return container.Names.includes(`/${spec.name}`) || swarmServiceOf(container) === spec.name;
}

/** Whether a deploy that failed may have failed because of it. */
export function isTroubled({ status, health, exitCode, restarts }: State): boolean {
  if (status === 'restarting' || (status === 'exited' && exitCode !== 0)) return true;
  if (status !== 'running') return false;
  return health === null ? restarts > 0 : health !== 'healthy';
}

/** Jobs that an earlier deploy left with an exit code other than 0: Terraform alone would not run them again. */
export function failedJobs(states: readonly WorkloadState[]): WorkloadState[] {
  return states.filter(
    ({ workload, status, exitCode }) => workload.spec.kind === 'job' && status === 'exited' && exitCode !== 0,
  );
}

/**
 * Services whose container has ended, and stays so. The provider removes such a container, logs and all, as soon as it
 * looks at it. Swarm starts another task by itself.
 */
export function stoppedServices(states: readonly WorkloadState[]): WorkloadState[] {
  return states.filter(
    ({ workload, status }) =>
      workload.spec.kind === 'service' && !hasTasks(workload) && ['created', 'exited', 'dead'].includes(status),
  );
}

/** In words: `running, healthy`; `exited with 1`. */
export function describeState({ status, health, exitCode, restarts, running }: State): string {
  const words = status === 'exited' && exitCode !== null ? [`exited with ${exitCode}`] : [status];
  if (health !== null && status !== 'exited') words.push(health);
  if (running !== undefined) words.push(running);
  if (restarts > 0) words.push(`${restarts} ${restarts === 1 ? 'restart' : 'restarts'}`);
  return words.join(', ');
}

async function withContainer(workload: RegisteredWorkload, id: string, docker: DockerApi): Promise<WorkloadState> {
  const details = await docker.inspect(id);
  // Somebody has removed it since it was listed.
  if (details === undefined) return fromTasks(workload, null, docker);
  const { State, RestartCount } = details;
  return {
    workload,
    container: id,
    status: State.Status,
    health: State.Health === undefined || State.Health.Status === 'none' ? null : State.Health.Status,
    exitCode: State.Status === 'exited' ? State.ExitCode : null,
    restarts: RestartCount,
  };
}

/** A service of a Swarm may run on another node, where only its tasks can be seen from here. */
async function fromTasks(
  workload: RegisteredWorkload,
  container: string | null,
  docker: DockerApi,
): Promise<WorkloadState> {
  const { name, replicas } = workload.spec;
  const tasks = await docker.tasks(name).catch((): Task[] => []);
  const wanted = tasks.filter(({ DesiredState }) => DesiredState === 'running');
  const running = wanted.filter(({ Status }) => Status.State === 'running').length;
  const newest = newestOf(wanted.length > 0 ? wanted : tasks);
  const status = running >= replicas ? 'running' : (newest?.Status.State ?? 'missing');
  const several = replicas === 1 ? {} : { running: `${running} of ${replicas}` };
  return { workload, container, status, health: null, exitCode: null, restarts: 0, ...several };
}

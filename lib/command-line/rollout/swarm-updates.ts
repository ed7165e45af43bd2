import { type RegisteredWorkload, rolloutTime } from '../../internal';
import { type DockerApi, newestOf, reasonOf, type ServiceSummary } from '../engine/docker-api';
import { hasTasks } from '../engine/engine-traits';

/** How often a rollout is looked at. */
const PAUSE_MILLISECONDS = 1000;

/** How long a Swarm watches a replica that nothing was asked for, and one that goes back. */
const MONITOR_MILLISECONDS = 5000;

/** How often Docker may not answer, one time after another. */
const ATTEMPTS = 5;

/**
 * What a Swarm makes of the services that a deploy changed. The provider stops looking as soon as enough tasks run,
 * which may be between two of them, and before one fails that was healthy for a moment.
 */
export class SwarmUpdates {
  /** As they are before a deploy, to tell its own from earlier ones. */
  static async before(workloads: readonly RegisteredWorkload[], docker: DockerApi | undefined): Promise<SwarmUpdates> {
    const services = workloads.filter(hasTasks);
    const updates = new SwarmUpdates(services, services.length === 0 ? undefined : docker);
    for (const service of await updates.services()) updates.earlier.set(service.Spec.Name, startOf(service));
    return updates;
  }

  private readonly earlier = new Map<string, string | undefined>();

  private constructor(
    private readonly workloads: readonly RegisteredWorkload[],
    private readonly docker: DockerApi | undefined,
  ) {}

  /**
   * Waits for all of them, and returns one sentence for each service that does not run as it is described.
   * @param patience `none` looks once
   */
  async problems(patience: 'all' | 'none' = 'all'): Promise<string[]> {
    const started = Date.now();
    for (let failures = 0; ;) {
      try {
        const services = (await this.services()).filter((one) => startOf(one) !== this.earlier.get(one.Spec.Name));
        const isOver = (service: ServiceSummary): boolean =>
          patience === 'none' || !isUnderWay(service) || this.isLate(service, started);
        if (services.every(isOver)) return (await Promise.all(services.map((one) => this.problemOf(one)))).flat();
        failures = 0;
      } catch (error) {
        // Managers that choose another one of them as their leader do not answer meanwhile.
        failures += 1;
        if (failures >= ATTEMPTS || patience === 'none') {
          return [`Docker does not answer any more (${reasonOf(error)}), so how the updates went is not known.`];
        }
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MILLISECONDS));
    }
  }

  private async services(): Promise<ServiceSummary[]> {
    const names = this.workloads.map(({ spec }) => spec.name);
    return ((await this.docker?.services()) ?? []).filter(({ Spec }) => names.includes(Spec.Name));
  }

  private isLate({ Spec }: ServiceSummary, started: number): boolean {
    const workload = this.workloads.find(({ spec }) => spec.name === Spec.Name);
    if (workload === undefined) return true;
    return Date.now() - started >= longestUpdate(workload.spec);
  }

  private async problemOf(service: ServiceSummary): Promise<string[]> {
    const { Name } = service.Spec;
    switch (service.UpdateStatus?.State) {
      case undefined:
      case 'completed':
        return [];
      case 'rollback_completed':
        return [`${Name}: the new version failed${await this.reason(Name)}, and the one before runs again.`];
      case 'paused':
        return [`${Name}: the new version failed${await this.reason(Name)}, and the update stopped where it was.`];
      case 'rollback_paused':
        return [`${Name}: the new version failed${await this.reason(Name)}, and so did the way back.`];
      default:
        return [`${Name}: the update has not come to an end. What it waits for: docker service ps ${Name}`];
    }
  }

  /** What the task said that failed last. */
  private async reason(service: string): Promise<string> {
    const tasks = (await this.docker?.tasks(service)) ?? [];
    const newest = newestOf(tasks.filter(({ Status }) => (Status.Err ?? '') !== ''));
    return newest?.Status.Err === undefined ? '' : ` (${newest.Status.Err})`;
  }
}

/** There and back again, with the time that a Swarm watches the last replica of each; in milliseconds. */
function longestUpdate(spec: RegisteredWorkload['spec']): number {
  const rollout = rolloutTime(spec, spec.startTimeoutSeconds ?? 0);
  return 2 * rollout + (spec.updates?.monitorMilliseconds ?? MONITOR_MILLISECONDS) + MONITOR_MILLISECONDS;
}

function startOf({ UpdateStatus }: ServiceSummary): string | undefined {
  return UpdateStatus?.StartedAt;
}

function isUnderWay({ UpdateStatus }: ServiceSummary): boolean {
  return ['updating', 'rollback_started'].includes(UpdateStatus?.State ?? '');
}

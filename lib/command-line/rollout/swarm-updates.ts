import { type RegisteredWorkload, rolloutTime } from '../../internal';
import type { CommandContext } from '../context';
import { type DockerApi, reasonOf } from '../engine/docker-api';
import { describeLastError, type ServiceSummary } from '../engine/responses';
import { hasTasks } from '../engine/workload-state';

/** How often the state of a rollout is requested. */
const INTERVAL_MILLISECONDS = 1000;

/** How long a Swarm monitors a replica by default, and one that is rolled back. */
const MONITOR_MILLISECONDS = 5000;

/** How many requests in a row may go unanswered. */
const ATTEMPTS = 5;

type Clock = Pick<CommandContext, 'now' | 'pause'>;

/**
 * The rolling updates of the services that a deploy changed. The provider stops waiting as soon as enough tasks run,
 * which may be halfway, and before a task fails that was healthy for a moment.
 */
export class SwarmUpdates {
  /** The updates before a deploy, so that its own can be told from earlier ones. */
  static async before(
    workloads: readonly RegisteredWorkload[],
    docker: DockerApi,
    clock: Clock,
  ): Promise<SwarmUpdates> {
    const services = workloads.filter(hasTasks);
    const updates = new SwarmUpdates(services, docker, clock);
    for (const service of await updates.services()) updates.earlier.set(service.Spec.Name, startOf(service));
    return updates;
  }

  private readonly earlier = new Map<string, string | undefined>();

  private constructor(
    private readonly workloads: readonly RegisteredWorkload[],
    private readonly docker: DockerApi,
    private readonly clock: Clock,
  ) {}

  /**
   * Waits for all of them, and returns one sentence for each service whose update did not succeed.
   * @param patience `none` queries once
   */
  async problems(patience: 'all' | 'none' = 'all'): Promise<string[]> {
    const started = this.clock.now();
    for (let failures = 0; ;) {
      try {
        const services = (await this.services()).filter((one) => startOf(one) !== this.earlier.get(one.Spec.Name));
        const isOver = (service: ServiceSummary): boolean =>
          patience === 'none' || !isUnderWay(service) || this.isLate(service, started);
        if (services.every(isOver)) return (await Promise.all(services.map((one) => this.problemOf(one)))).flat();
        failures = 0;
      } catch (error) {
        // Managers do not answer while they elect another leader.
        failures += 1;
        if (failures >= ATTEMPTS || patience === 'none') {
          return [`Docker stopped answering (${reasonOf(error)}), so the result of the updates is unknown.`];
        }
      }
      await this.clock.pause(INTERVAL_MILLISECONDS);
    }
  }

  private async services(): Promise<ServiceSummary[]> {
    if (this.workloads.length === 0) return [];
    const names = this.workloads.map(({ spec }) => spec.name);
    return (await this.docker.services()).filter(({ Spec }) => names.includes(Spec.Name));
  }

  private isLate({ Spec }: ServiceSummary, started: number): boolean {
    const workload = this.workloads.find(({ spec }) => spec.name === Spec.Name);
    if (workload === undefined) return true;
    return this.clock.now() - started >= longestUpdate(workload.spec);
  }

  private async problemOf(service: ServiceSummary): Promise<string[]> {
    const { Name } = service.Spec;
    switch (service.UpdateStatus?.State) {
      case undefined:
      case 'completed':
        return [];
      case 'rollback_completed':
        return [`${Name}: the new version failed${await this.reason(Name)}, and the previous one was restored.`];
      case 'paused':
        return [`${Name}: the new version failed${await this.reason(Name)}, and the update is paused.`];
      case 'rollback_paused':
        return [`${Name}: the new version failed${await this.reason(Name)}, and so did the rollback.`];
      default:
        return [
          `${Name}: the update has not finished. To see what it waits for: ${this.docker.address.command} service ps ${Name}`,
        ];
    }
  }

  /** The error of the task that failed last. */
  private async reason(service: string): Promise<string> {
    return describeLastError(await this.docker.tasks(service));
  }
}

/** An update and its rollback, with the time that the last replica of each is monitored; in milliseconds. */
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

import type { IncomingMessage } from 'node:http';
import type { TradingStack } from '../../index';
import { defaultStartTimeout, type RegisteredWorkload, STACK_LABEL } from '../../internal';
import type { CommandContext } from '../context';
import { lastLines, LogFollower } from '../engine/container-log';
import type { DockerApi } from '../engine/docker-api';
import { documentsIn } from '../engine/streams';
import { hasTasks } from '../engine/workload-state';
import { redaction } from '../output/redaction';
import type { Applied } from '../terraform/plan';
import { describeFailedCheck } from './failed-check';

/** A service may give up a few times until another is reachable; Docker doubles the pause after each time. */
const CRASHES = 4;
const SETTLING_MILLISECONDS = 5000;

/** How long a service without a health check has to run: Terraform is done with it as soon as it is started. */
const UNPROBED_MILLISECONDS = 3000;

/** The same after it has crashed; after this time Docker forgets earlier crashes, too. */
const RECOVERED_MILLISECONDS = 10_000;

const INTERVAL_MILLISECONDS = 200;

/** Each holds a connection, of which there are only a few over ssh. */
const FOLLOWERS = 2;

/** Longer than the provider watches a container that it has started. */
const FOLLOW_MILLISECONDS = 20_000;

/** A container that failed to start. */
export interface FailedStart {
  readonly workload: RegisteredWorkload;
  /** What is wrong with it: `exits with code 1 each time it starts`. */
  readonly state: string;
  /** The end of the log of its last attempt. */
  readonly log: readonly string[];
}

export interface StartWatchProps {
  readonly stack: TradingStack;
  readonly docker: DockerApi;
  readonly context: Pick<CommandContext, 'output' | 'now' | 'pause'>;
}

/** What is known about a container that was created during the deploy. */
interface Attempts {
  readonly workload: RegisteredWorkload;
  crashes: number;
  /** When it was started last; `undefined` while it does not run. */
  runningSince: number | undefined;
  /** When it ended for the first time. */
  firstEnd: number | undefined;
  wasOutOfMemory: boolean;
  follower: LogFollower | undefined;
}

// https://docs.docker.com/reference/api/engine/version/v1.41/#tag/System/operation/SystemEvents
interface ContainerEvent {
  readonly Action: string;
  readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> };
}

/**
 * Ends an apply as soon as a container that it has started will certainly not run: Terraform would wait as long as the
 * health check allows, and show nothing. A Swarm watches its tasks itself.
 */
export class StartWatch {
  private readonly containers = new Map<string, Attempts>();
  private readonly failed = new Map<string, FailedStart>();
  private readonly workloads: ReadonlyMap<string, RegisteredWorkload>;
  /** Whether the engine reports what happens to containers. */
  private isInformed = false;

  constructor(private readonly props: StartWatchProps) {
    const services = props.stack.platform.workloads.filter(
      (workload) => workload.spec.kind === 'service' && !hasTasks(workload),
    );
    this.workloads = new Map(services.map((workload) => [workload.spec.name, workload]));
  }

  /** The containers that failed, in the order in which that became certain. */
  get failures(): readonly FailedStart[] {
    return [...this.failed.values()];
  }

  /** How often the containers of the deploy have crashed, as far as they run nevertheless. */
  get crashes(): ReadonlyMap<string, number> {
    const running = [...this.containers].filter(([id]) => !this.failed.has(id));
    return new Map(running.map(([id, { crashes }]) => [id, crashes]));
  }

  /**
   * Watches until the apply has ended and, if it succeeded, services without a health check have run for a while; aborts
   * the signal when a container has failed.
   */
  async during(apply: (stop: AbortSignal) => Promise<Applied>): Promise<Applied> {
    const stop = new AbortController();
    const events = await this.open();
    events?.setEncoding('utf8');
    const watched = events === undefined ? undefined : this.watch(events, stop);
    try {
      const applied = await apply(stop.signal);
      if (applied.succeeded) await this.settle();
      return applied;
    } finally {
      events?.destroy();
      await watched;
      for (const { follower } of this.containers.values()) follower?.stop();
    }
  }

  private async settle(): Promise<void> {
    const { context } = this.props;
    const work = async (): Promise<void> => {
      while (this.isInformed && this.failed.size === 0 && (await this.hasUnsettled())) {
        await context.pause(INTERVAL_MILLISECONDS);
      }
    };
    await context.output.during('services without a health check', work());
  }

  private async hasUnsettled(): Promise<boolean> {
    const settled = await Promise.all([...this.containers].map(([id, attempts]) => this.isSettled(id, attempts)));
    return settled.includes(false);
  }

  private async isSettled(id: string, attempts: Attempts): Promise<boolean> {
    const { workload, crashes } = attempts;
    if (workload.spec.startTimeoutSeconds !== null) return true;
    if (attempts.runningSince === undefined) {
      // An event may be missing, and the engine reports neither the start nor the end of one that it cannot start.
      const status = (await this.props.docker.inspect(id).catch(() => undefined))?.State.Status;
      if (status === 'restarting') return false;
      // The end of the deploy reports what does not run.
      if (status !== 'running') return true;
      attempts.runningSince ??= this.props.context.now();
    }
    const needed = crashes === 0 ? UNPROBED_MILLISECONDS : RECOVERED_MILLISECONDS;
    return this.props.context.now() - attempts.runningSince >= needed;
  }

  /** Opened before the work starts, so that no event is missed. */
  private async open(): Promise<IncomingMessage | undefined> {
    const { docker, stack } = this.props;
    if (this.workloads.size === 0) return undefined;
    const label = `${STACK_LABEL}=${stack.platform.networkSpec.labels[STACK_LABEL] ?? ''}`;
    const event = ['create', 'start', 'die', 'oom', 'health_status'];
    const filters = JSON.stringify({ type: ['container'], label: [label], event });
    // Terraform uses the same engine, and reports what is wrong with it.
    return docker.open('GET', '/events', { query: { filters } }).catch(() => undefined);
  }

  private async watch(events: IncomingMessage, stop: AbortController): Promise<void> {
    const pending: Promise<void>[] = [];
    this.isInformed = true;
    try {
      for await (const event of documentsIn<ContainerEvent>(events)) pending.push(this.react(event, stop));
    } catch {
      // The connection was closed, at the end of the work or by the engine.
    }
    this.isInformed = false;
    await Promise.all(pending);
  }

  private async react(event: ContainerEvent, stop: AbortController): Promise<void> {
    try {
      await this.handle(event);
    } catch {
      // The engine has stopped answering, or the container is gone: Terraform reports that.
    }
    if (this.failed.size > 0) stop.abort();
  }

  private async handle({ Action, Actor: { ID, Attributes } }: ContainerEvent): Promise<void> {
    const workload = this.workloads.get(Attributes.name ?? '');
    if (workload === undefined) return;
    if (Action === 'create') {
      const none = { crashes: 0, runningSince: undefined, firstEnd: undefined, wasOutOfMemory: false };
      this.containers.set(ID, { workload, ...none, follower: undefined });
    }
    // A container of before the deploy is replaced, or is not touched.
    const attempts = this.containers.get(ID);
    if (attempts === undefined) return;
    if (Action === 'start') {
      attempts.runningSince = this.props.context.now();
      await this.follow(ID, attempts);
    }
    if (Action === 'oom') attempts.wasOutOfMemory = true;
    if (Action === 'die') await this.handleEnd(ID, attempts, Number(Attributes.exitCode));
    if (Action === 'health_status: unhealthy') await this.handleUnhealthy(ID, attempts);
  }

  /** The provider removes a container that has ended for good at once, and its log with it. */
  private async follow(id: string, attempts: Attempts): Promise<void> {
    const following = [...this.containers.values()].filter(({ follower }) => follower !== undefined);
    if (isRestarted(attempts.workload) || following.length >= FOLLOWERS) return;
    const follower = await LogFollower.of(id, this.props.docker);
    attempts.follower = follower;
    setTimeout(() => {
      follower.stop();
      attempts.follower = undefined;
    }, FOLLOW_MILLISECONDS).unref();
  }

  private async handleEnd(id: string, attempts: Attempts, exitCode: number): Promise<void> {
    const { workload, wasOutOfMemory } = attempts;
    const now = this.props.context.now();
    attempts.crashes += 1;
    attempts.runningSince = undefined;
    attempts.firstEnd ??= now;
    const { condition, maximumRetries } = workload.spec.restart;
    const isOver =
      condition === 'no' ||
      (condition === 'on-failure' && (exitCode === 0 || attempts.crashes > (maximumRetries ?? Infinity)));
    const isLooping = attempts.crashes >= CRASHES && now - attempts.firstEnd >= SETTLING_MILLISECONDS;
    if (!isOver && !isLooping) return;
    const end = wasOutOfMemory ? describeOutOfMemory(workload) : `exited with code ${exitCode}`;
    const times = attempts.crashes === 1 ? '' : `, ${attempts.crashes} times since the deploy began`;
    const policy = isOver ? `; its restart policy is '${condition}'` : '';
    const hint = exitCode === 0 && !wasOutOfMemory ? '; use a `Job` for a program that is meant to end' : '';
    await this.fail(id, attempts, `${end}${times}${policy}${hint}`);
  }

  private async handleUnhealthy(id: string, attempts: Attempts): Promise<void> {
    // Its start timeout was set to more than the health check allows.
    if (waitsLonger(attempts.workload)) return;
    const details = await this.props.docker.inspect(id);
    await this.fail(id, attempts, `unhealthy: ${describeFailedCheck(attempts.workload, details)}`);
  }

  private async fail(id: string, attempts: Attempts, state: string): Promise<void> {
    if (this.failed.has(id)) return;
    const redact = redaction(this.props.stack);
    const { workload } = attempts;
    // In its place before the log is there, so that the order is that of the events.
    this.failed.set(id, { workload, state: redact(state), log: [] });
    const log = await this.logOf(id, attempts).catch(() => []);
    this.failed.set(id, { workload, state: redact(state), log: log.map(redact) });
  }

  private async logOf(id: string, { follower, crashes }: Attempts): Promise<readonly string[]> {
    // A container that has been restarted is not removed by the provider.
    if (follower !== undefined && crashes === 1) return follower.lastLines();
    return lastLines(id, this.props.docker);
  }
}

function isRestarted({ spec }: RegisteredWorkload): boolean {
  return spec.restart.condition === 'always' || spec.restart.condition === 'unless-stopped';
}

function waitsLonger({ spec }: RegisteredWorkload): boolean {
  return (spec.startTimeoutSeconds ?? 0) > defaultStartTimeout(spec.healthCheck);
}

function describeOutOfMemory({ spec }: RegisteredWorkload): string {
  const { memoryBytes } = spec.resources;
  const limit = memoryBytes === null ? 'there was' : `its limit of ${memoryBytes / 1024 ** 2} MiB`;
  return `was killed because it needed more memory than ${limit}`;
}

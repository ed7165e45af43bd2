import type { IncomingMessage } from 'node:http';
import type { RegisteredWorkload } from '../../internal';
import { MOST_CONNECTIONS } from '../connection/connection';
import { type DockerApi, DockerApiError, reasonOf } from '../engine/docker-api';
import { documentsIn } from '../engine/streams';
import type { ContainerSummary } from '../engine/responses';
import { hasTasks, isOf, isPreviousOf } from '../engine/workload-state';
import { Gate } from './gate';
import type { LogLine } from './log-line';
import { type LogAccess, type LogRange, LogSource, secondsOf } from './log-source';
import { merge } from './merge';

/** A line with the service that printed it. */
export interface ServiceLine extends LogLine {
  readonly service: string;
}

export interface StackLogsProps {
  readonly workloads: readonly RegisteredWorkload[];
  /** With a connection for each log, and one for events. */
  readonly docker: DockerApi;
  /** Receives lines in the order in which they are to be printed. */
  readonly print: (lines: readonly ServiceLine[]) => Promise<void>;
  /** Receives why the log of a service cannot be read, such as for a logging driver that does not support it. */
  readonly warn: (service: string, reason: string) => void;
  readonly signal: AbortSignal;
}

/** Lines of several services that arrive within this time are put in order. */
const ORDERING_MILLISECONDS = 200;

/** While so many lines wait to be printed, no further ones are read: the reader may be slow, as `less` is. */
const MOST_PENDING = 10_000;

// https://docs.docker.com/reference/api/engine/version/v1.41/#tag/System/operation/SystemEvents
interface StartEvent {
  readonly Type: string;
  readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> };
}

/** The logs of services and jobs as one, in the order of time. */
export class StackLogs {
  private readonly access: LogAccess;
  private readonly sources = new Map<string, LogSource>();
  /** Paths of the logs that are followed. */
  private readonly followed = new Set<string>();
  /** Paths of the logs whose container was started again before its last one had ended. */
  private readonly restarted = new Set<string>();
  private readonly warned = new Set<string>();
  private pending: ServiceLine[] = [];
  private printing: Promise<void> | undefined;
  private failure: unknown;

  constructor(private readonly props: StackLogsProps) {
    this.access = { docker: props.docker, gate: new Gate(MOST_CONNECTIONS) };
  }

  /** Prints what the containers have printed. */
  async print(range: LogRange): Promise<void> {
    await this.find();
    const sources = [...this.sources.values()];
    const pieces = sources.map((source) => this.readable(source, source.read(range, this.props.signal)));
    for await (const lines of merge(pieces, ({ time }) => time)) {
      await this.props.print(lines.map(([index, line]) => ({ ...line, service: sources[index]?.service ?? '' })));
    }
  }

  /**
   * Prints the same, and then what they print, until the signal is aborted: also containers that are started later.
   * @throws DockerApiError if the engine stops answering
   */
  async follow(range: LogRange): Promise<void> {
    const { docker, signal } = this.props;
    // Opened first, so that no start is missed.
    const events = await this.openEvents();
    const stop = (): void => void events.destroy();
    signal.addEventListener('abort', stop);
    const begin = secondsOf(new Date(await docker.now()).toISOString());
    const timer = setInterval(() => void this.flush(), ORDERING_MILLISECONDS);
    try {
      await this.print(range);
      for (const source of this.sources.values()) this.attach(source, begin);
      for await (const { Type, Actor } of documentsIn<StartEvent>(events.setEncoding('utf8'))) {
        await this.find();
        const path = Type === 'service' ? servicePath(Actor.Attributes.name ?? '') : containerPath(Actor.ID);
        const source = this.sources.get(path);
        if (source === undefined) continue;
        if (this.followed.has(path)) this.restarted.add(path);
        else this.attach(source, begin);
      }
    } catch (error) {
      this.failure ??= error;
    } finally {
      clearInterval(timer);
      signal.removeEventListener('abort', stop);
      events.destroy();
      do await this.flush();
      while (this.pending.length > 0);
    }
    if (signal.aborted) return;
    const ended = this.failure ?? new Error('the connection was closed');
    throw ended instanceof DockerApiError
      ? ended
      : DockerApiError.unanswered(docker.address, 'GET /events', ended as Error);
  }

  /** Adds the logs of containers that were not there before. */
  private async find(): Promise<void> {
    const { workloads, docker } = this.props;
    const containers = await docker.containers();
    for (const workload of workloads) {
      const { name, tty } = workload.spec;
      // A Swarm gathers the logs of the tasks on all nodes.
      const paths = hasTasks(workload) ? [servicePath(name)] : containersOf(workload, containers);
      for (const path of paths) {
        if (!this.sources.has(path)) this.sources.set(path, new LogSource(name, path, tty, this.access));
      }
    }
  }

  /** Ends without an error if the log cannot be read: the others can. */
  private async *readable(
    source: LogSource,
    lines: AsyncGenerator<readonly LogLine[]>,
  ): AsyncGenerator<readonly LogLine[]> {
    try {
      yield* lines;
    } catch (error) {
      // Without a status the engine did not answer at all.
      if (!(error instanceof DockerApiError) || error.status === undefined) throw error;
      if (!this.warned.has(source.service)) this.props.warn(source.service, reasonOf(error));
      this.warned.add(source.service);
    }
  }

  private attach(source: LogSource, begin: string): void {
    const { path, service } = source;
    this.followed.add(path);
    const work = async (): Promise<void> => {
      do {
        this.restarted.delete(path);
        for await (const lines of this.readable(source, source.follow(begin, this.props.signal))) {
          for (const line of lines) this.pending.push({ ...line, service });
          while (this.pending.length >= MOST_PENDING) await this.flush();
        }
      } while (this.restarted.has(path));
    };
    // If the engine has stopped, the stream of events ends too, and the command with it.
    void work()
      .catch((error: unknown) => (this.failure ??= error))
      .finally(() => this.followed.delete(path));
  }

  /** Prints what is pending, unless it is printing: what is pending then is printed next time. */
  private flush(): Promise<void> {
    this.printing ??= this.printPending().finally(() => (this.printing = undefined));
    return this.printing;
  }

  private async printPending(): Promise<void> {
    const lines = this.pending.sort((one, other) => (one.time < other.time ? -1 : one.time > other.time ? 1 : 0));
    this.pending = [];
    if (lines.length > 0) await this.props.print(lines);
  }

  private openEvents(): Promise<IncomingMessage> {
    const filters = JSON.stringify({ type: ['container', 'service'], event: ['start', 'create'] });
    return this.props.docker.open('GET', '/events', { query: { filters } });
  }
}

function containersOf(workload: RegisteredWorkload, containers: readonly ContainerSummary[]): string[] {
  const own = containers.filter((container) => isOf(container, workload) || isPreviousOf(container, workload));
  return own.map(({ Id }) => containerPath(Id));
}

function containerPath(id: string): string {
  return `/containers/${id}`;
}

function servicePath(name: string): string {
  return `/services/${name}`;
}

import type { IncomingMessage } from 'node:http';
import { type DockerApi, DockerApiError, unlessMissing } from '../engine/docker-api';
import type { Gate } from './gate';
import { type LogLine, LogLineReader } from './log-line';

/** Which part of a log is read. */
export interface LogRange {
  /** Seconds since 1970; `undefined` from the beginning. */
  readonly since: string | undefined;
  /** How many lines of each container, the last ones; `undefined` for all. */
  readonly tail: number | undefined;
}

/** How the engine is asked for logs. */
export interface LogAccess {
  /** It keeps a connection open for each log. */
  readonly docker: DockerApi;
  /** For the logins of these connections, of which a server that is reached over ssh refuses many at the same time. */
  readonly gate: Gate;
}

/** Lines in which a time is looked for before many. */
const FEW = 1000;
/** While it is looked for, as many again may be printed. */
const MANY = 200_000;

/** The log of a container, or of all tasks of a Swarm service. */
export class LogSource {
  private last: string | undefined;
  /** How many lines were read that have the time of the last one. */
  private sameTime = 0;

  /**
   * @param service the name that its lines are shown with
   * @param path of its container or service in the engine's API
   */
  constructor(
    readonly service: string,
    readonly path: string,
    private readonly isTerminal: boolean,
    private readonly access: LogAccess,
  ) {}

  /** The lines that exist, in the pieces that the engine sends; none for a container that was removed. */
  async *read(range: LogRange, signal: AbortSignal): AsyncGenerator<readonly LogLine[]> {
    for await (const lines of this.inRange(range, signal)) {
      this.remember(lines);
      yield lines;
    }
  }

  /**
   * The engine reads a log from its beginning to find a time, which takes many seconds for a long one, and finds the last
   * lines at once. So the time is looked for in these first.
   */
  private async *inRange({ since, tail }: LogRange, signal: AbortSignal): AsyncGenerator<readonly LogLine[]> {
    if (since === undefined || tail !== undefined || this.isTerminal) {
      yield* this.lines(queryOf({ since, tail }), signal);
      return;
    }
    const reader = new LogLineReader(this.isTerminal);
    const last: LogLine[] = [];
    for await (const lines of this.lines(queryOf({ since, tail: FEW }), signal, reader)) last.push(...lines);
    if (reader.entries < FEW) yield last;
    else if (await this.beginsBefore(since, signal)) yield* this.lines(queryOf({ since, tail: 2 * MANY }), signal);
    else yield* this.lines(queryOf({ since, tail: undefined }), signal);
  }

  /** Whether the time is within the last lines. Those of a Swarm service are of several containers, so it is not known. */
  private async beginsBefore(since: string, signal: AbortSignal): Promise<boolean> {
    if (this.path.startsWith('/services/')) return false;
    for await (const [first] of this.lines(queryOf({ since: undefined, tail: MANY }), signal)) {
      if (first !== undefined) return Number(secondsOf(first.time)) < Number(since);
    }
    return false;
  }

  /**
   * The lines after those that were read, as they are printed, until the container ends.
   * @param since where it begins if no line was read: seconds since 1970
   */
  async *follow(since: string, signal: AbortSignal): AsyncGenerator<readonly LogLine[]> {
    const [last, read] = [this.last, this.sameTime];
    let skipped = 0;
    const query = { follow: '1', since: last === undefined ? since : secondsOf(last) };
    for await (const lines of this.lines(query, signal)) {
      const fresh = lines.filter(({ time }) => {
        if (last === undefined || time > last) return true;
        if (time < last) return false;
        skipped += 1;
        return skipped > read;
      });
      this.remember(fresh);
      yield fresh;
    }
  }

  private remember(lines: readonly LogLine[]): void {
    for (const { time } of lines) {
      this.sameTime = time === this.last ? this.sameTime + 1 : 1;
      this.last = time;
    }
  }

  private async *lines(
    query: Readonly<Record<string, string>>,
    signal: AbortSignal,
    reader = new LogLineReader(this.isTerminal),
  ): AsyncGenerator<readonly LogLine[]> {
    const response = await this.open({ ...query, stdout: '1', stderr: '1', timestamps: '1' });
    if (response === undefined) return;
    const stop = (): void => void response.destroy();
    signal.addEventListener('abort', stop);
    if (signal.aborted) stop();
    try {
      for await (const chunk of response) yield reader.add(chunk as Buffer);
      yield reader.end();
    } catch (error) {
      if (!signal.aborted)
        throw DockerApiError.unanswered(this.access.docker.address, `GET ${this.path}/logs`, error as Error);
    } finally {
      signal.removeEventListener('abort', stop);
      response.destroy();
    }
  }

  private open(query: Readonly<Record<string, string>>): Promise<IncomingMessage | undefined> {
    const { docker, gate } = this.access;
    return unlessMissing(gate.run(() => docker.open('GET', `${this.path}/logs`, { query })));
  }
}

function queryOf({ since, tail }: LogRange): Record<string, string> {
  return { ...(since !== undefined && { since }), ...(tail !== undefined && { tail: String(tail) }) };
}

/** In the form of the API: seconds with nanoseconds. */
export function secondsOf(time: string): string {
  const [, nanoseconds = ''] = /\.(\d+)/.exec(time) ?? [];
  return `${Math.floor(Date.parse(time) / 1000)}.${nanoseconds.padEnd(9, '0')}`;
}

import { invalidValue, wrongSpelling } from '../../errors';
import { checkFilledText, checkText, listOf } from '../../platform/plain-values';
import type { HealthCheckSpec, HealthProbe } from '../../platform/spec';
import { checkDuration, Duration } from '../units/duration';
import { programsStartedBy } from '../images/image-programs';
import { isA } from '../is-a';
import { checkPort } from '../policies/port';

/** Timings of a {@link HealthCheck}. */
export interface HealthCheckOptions {
  /**
   * Time between the end of one probe and the start of the next, and before the first one.
   * @default Duration.seconds(5)
   */
  readonly interval?: Duration;
  /**
   * A probe that takes longer has failed.
   * @default Duration.seconds(5)
   */
  readonly timeout?: Duration;
  /**
   * Failures in a row that make the workload unhealthy.
   * @default 5
   */
  readonly retries?: number;
  /**
   * Time after the start in which failures do not count.
   * @default Duration.seconds(30)
   */
  readonly startPeriod?: Duration;
  /**
   * Time between probes during the start period. Needs Docker Engine 25 or later.
   * @default - the interval
   */
  readonly startInterval?: Duration;
}

/** Options of {@link HealthCheck.http}. */
export interface HttpHealthCheckOptions extends HealthCheckOptions {
  /**
   * What is asked for; a status of success is healthy. Not for a path that redirects: some programs follow.
   * @default '/health'
   */
  readonly path?: string;
  /**
   * Program inside the image that asks.
   * @default - the first one that the image has, of curl, wget, python3 and node
   */
  readonly via?: 'curl' | 'wget' | 'python3' | 'node';
}

/** Options of {@link HealthCheck.tcp}. */
export interface TcpHealthCheckOptions extends HealthCheckOptions {
  /**
   * Program inside the image that connects.
   * @default - the first one that the image has, of bash, python3, node and nc
   */
  readonly via?: 'bash' | 'python3' | 'node' | 'nc';
}

/** Options of {@link HealthCheck.command} and {@link HealthCheck.shell}. */
export interface CommandHealthCheckOptions extends HealthCheckOptions {
  /**
   * Programs that the command needs, so that an image which is known to lack one is refused. An empty list says that
   * they are there, whatever is known of the image.
   * @default - the command's first word; of a line, the words at the start of its commands (curl, wget, pg_isready …)
   */
  readonly requires?: readonly string[];
}

/** Options of {@link HealthCheck.heartbeatFile}. */
export interface HeartbeatHealthCheckOptions extends HealthCheckOptions {
  /**
   * The worker is healthy if it touched the file within this time.
   * @default Duration.minutes(1)
   */
  readonly maximumAge?: Duration;
}

/**
 * How the engine finds out that a workload is ready. Others that use it start after it is.
 *
 * The program that probes has to be inside the image. {@link HealthCheck.http} and {@link HealthCheck.tcp} take the
 * first one that is there, which covers `python:slim`, `node:slim`, Alpine, and images with curl or wget.
 *
 * @example
 * HealthCheck.http(8000, { path: '/api/health', interval: Duration.seconds(30) })
 */
export class HealthCheck {
  /** Asks the workload itself over HTTP, on 127.0.0.1. */
  static http(port: number, options: HttpHealthCheckOptions = {}): HealthCheck {
    const path = checkPath(options.path ?? '/health');
    const url = `http://127.0.0.1:${checkPort(port, 'HealthCheck.http')}${path}`;
    return HealthCheck.oneOf({ kind: 'http', port, path }, httpProbes(url), options.via, options);
  }

  /** Connects to a port of the workload itself, on 127.0.0.1. */
  static tcp(port: number, options: TcpHealthCheckOptions = {}): HealthCheck {
    return HealthCheck.oneOf(
      { kind: 'tcp', port },
      tcpProbes(checkPort(port, 'HealthCheck.tcp')),
      options.via,
      options,
    );
  }

  /**
   * Runs a program with arguments, without a shell; 0 is healthy.
   * @throws TradingStackError if the list is empty, or starts with a keyword of Compose's `test`
   */
  static command(command: readonly string[], options: CommandHealthCheckOptions = {}): HealthCheck {
    checkWords(command, 'the command', 'HealthCheck.command');
    checkWords(options.requires ?? [], 'requires', 'HealthCheck.command');
    const [program] = command;
    if (program === undefined) throw invalidValue('HealthCheck.command', 'the command', '', 'a program');
    if (KEYWORDS.has(program)) {
      throw wrongSpelling('HealthCheck.command', 'the first word', program, spellingOf(command));
    }
    return new HealthCheck(
      { kind: 'command' },
      ['CMD', ...command],
      (options.requires ?? [program]).map((one) => [one]),
      options,
    );
  }

  /** Runs a line in the image's `/bin/sh`; 0 is healthy. */
  static shell(line: string, options: CommandHealthCheckOptions = {}): HealthCheck {
    checkFilledText(line, 'the line', 'HealthCheck.shell');
    checkWords(options.requires ?? [], 'requires', 'HealthCheck.shell');
    const programs = options.requires?.map((one) => [one]) ?? programsStartedBy(line);
    return new HealthCheck({ kind: 'command' }, ['CMD-SHELL', line], [['sh'], ...programs], options);
  }

  /**
   * For workers without a port: the worker touches a file whenever it has done a round of work.
   * @param path absolute path inside the container; in memory (`/tmp`) is best
   * @throws TradingStackError for a path that is not absolute or has spaces, and for a heartbeat that is always too old
   */
  static heartbeatFile(path: string, options: HeartbeatHealthCheckOptions = {}): HealthCheck {
    const { maximumAge = Duration.minutes(1) } = options;
    checkDuration(maximumAge, 'maximumAge', 'HealthCheck.heartbeatFile');
    const seconds = maximumAge.toWholeSeconds();
    if (seconds === 0) throw invalidValue('HealthCheck.heartbeatFile', 'maximumAge', 'zero', 'a second or more');
    if (!/^\/[A-Za-z0-9._/-]+$/.test(path)) {
      throw invalidValue('HealthCheck.heartbeatFile', 'the path', path, "an absolute path without spaces: '/tmp/beat'");
    }
    const age = `$(( $(date +%s) - $(stat -c %Y ${path}) ))`;
    return new HealthCheck(
      { kind: 'command' },
      ['CMD-SHELL', `test -f ${path} && test ${age} -le ${seconds}`],
      [['sh'], ['stat']],
      options,
    );
  }

  /** No probe, not even the image's own: the workload counts as ready when it runs. */
  static none(): HealthCheck {
    return new HealthCheck({ kind: 'none' }, ['NONE'], [], {});
  }

  private static oneOf(
    probe: HealthProbe,
    probes: Readonly<Record<string, string>>,
    via: string | undefined,
    options: HealthCheckOptions,
  ): HealthCheck {
    const programs = Object.keys(probes);
    if (via !== undefined) {
      const chosen = programs.includes(via) ? probes[via] : undefined;
      if (chosen === undefined) throw invalidValue('HealthCheck', 'via', via, `one of ${programs.join(', ')}`);
      return new HealthCheck(probe, ['CMD-SHELL', chosen], [['sh'], [via]], options);
    }
    const branches = Object.entries(probes).map(
      ([program, line], index) => `${index === 0 ? 'if' : 'elif'} command -v ${program} >/dev/null; then ${line}`,
    );
    const otherwise = `else echo 'the health check needs ${programs.join(', ')}' >&2; exit 1; fi`;
    return new HealthCheck(probe, ['CMD-SHELL', [...branches, otherwise].join('; ')], [['sh'], programs], options);
  }

  private constructor(
    private readonly probe: HealthProbe,
    private readonly test: readonly string[],
    /** Programs that the image has to have: one of each group. */
    readonly requires: readonly (readonly string[])[],
    private readonly options: HealthCheckOptions,
  ) {
    const { retries, interval, timeout, startPeriod, startInterval } = options;
    for (const [name, duration] of Object.entries({ interval, timeout, startPeriod, startInterval })) {
      if (duration !== undefined) checkDuration(duration, name, 'HealthCheck');
      // A zero would let the image's own timing through, and differ in every plan.
      if (duration?.toMilliseconds() === 0) throw invalidValue('HealthCheck', name, '0 s', 'a time above zero');
    }
    if (retries !== undefined && (!Number.isInteger(retries) || retries < 1)) {
      throw invalidValue('HealthCheck', 'retries', retries, 'a whole number, 1 or more');
    }
  }

  /** The check with every timing set. */
  toSpec(): HealthCheckSpec {
    const { interval, timeout, retries, startPeriod, startInterval } = this.options;
    return {
      probe: this.probe,
      test: this.test,
      intervalMilliseconds: (interval ?? Duration.seconds(5)).toMilliseconds(),
      timeoutMilliseconds: (timeout ?? Duration.seconds(5)).toMilliseconds(),
      retries: retries ?? 5,
      startPeriodMilliseconds: (startPeriod ?? Duration.seconds(30)).toMilliseconds(),
      startIntervalMilliseconds: startInterval?.toMilliseconds() ?? null,
    };
  }
}

const checkWords = listOf(checkText, 'wordy');

/** What Compose's `test` starts with. */
const KEYWORDS: ReadonlySet<unknown> = new Set(['CMD', 'CMD-SHELL', 'NONE']);

/** Past any proxy that the workload is configured with. */
function httpProbes(url: string): Record<string, string> {
  return {
    curl: `curl --noproxy '*' -fsS -o /dev/null '${url}'`,
    wget: `http_proxy= wget -q -O /dev/null '${url}'`,
    python3: `http_proxy= python3 -c "import urllib.request as r; r.urlopen('${url}')"`,
    node: `node -e "require('http').get('${url}', r => process.exit(r.statusCode < 400 ? 0 : 1)).on('error', () => process.exit(1))"`,
  };
}

function tcpProbes(port: number): Record<string, string> {
  return {
    bash: `bash -c '</dev/tcp/127.0.0.1/${port}'`,
    python3: `python3 -c "import socket; socket.create_connection(('127.0.0.1', ${port})).close()"`,
    node: `node -e "require('net').connect(${port}, '127.0.0.1').on('connect', () => process.exit(0)).on('error', () => process.exit(1))"`,
    nc: `nc -z 127.0.0.1 ${port}`,
  };
}

/** @throws TradingStackError if it is not a path, or a shell would read something else into it */
function checkPath(path: string): string {
  if (!/^\/[A-Za-z0-9._~%?&=+:@,;/-]*$/.test(path)) {
    throw invalidValue('HealthCheck.http', 'the path', path, "an absolute path as it stands in a URL: '/health'");
  }
  return path;
}

/** @throws TradingStackError for what only plain JavaScript can give: the line that probes, or Compose's `{ test: … }` */
export function checkHealthCheck(given: unknown, property: string, where: string): void {
  if (isA(HealthCheck, given)) return;
  const { test } = (given ?? {}) as { readonly test?: unknown };
  throw wrongSpelling(where, property, given, `${property}: ${spellingOf(test ?? given)}`);
}

/** How the check is written whose `test` in Compose this is. */
function spellingOf(test: unknown): string {
  if (typeof test === 'string') return `HealthCheck.shell(${JSON.stringify(test)})`;
  const [keyword, ...words] = Array.isArray(test) ? (test as readonly unknown[]) : [];
  switch (keyword) {
    case 'CMD':
      return `HealthCheck.command(${JSON.stringify(words)})`;
    case 'CMD-SHELL':
      return `HealthCheck.shell(${JSON.stringify(words[0] ?? '')})`;
    case 'NONE':
      return 'HealthCheck.none()';
    default:
      return 'HealthCheck.http(8000)';
  }
}

import { invalidPath, invalidValue, TradingStackError } from '../../errors';
import { checkOptions } from '../../options/options';
import type { HealthCheckSpec } from '../../platform/spec';
import {
  COMMAND,
  type CommandHealthCheckOptions,
  type HealthCheckOptions,
  HEARTBEAT,
  type HeartbeatHealthCheckOptions,
  HTTP,
  type HttpHealthCheckOptions,
  TCP,
  type TcpHealthCheckOptions,
  TIMINGS,
} from './health-check-options';
import { checkPort } from '../policies/published-port';
import { Duration } from '../units/duration';
import { HTTP_PROGRAMS, httpLine, LOOPBACK, programsStartedBy, TCP_PROGRAMS, tcpLine } from './probes';

/**
 * How the engine finds out that a workload is ready. Workloads that use it start after it is healthy.
 *
 * The program that probes has to be installed in the image. {@link HealthCheck.http} and {@link HealthCheck.tcp} use the
 * first one that is, which covers `python:slim`, `node:slim`, Alpine, and images with curl or wget.
 *
 * @example
 * HealthCheck.http(8000, { path: '/api/health', interval: Duration.seconds(30) })
 */
export class HealthCheck {
  /**
   * Sends a request as others on the network do: to the container's own address, with the workload's name as the host.
   * Without a network of a stack, it goes to 127.0.0.1.
   * @throws TradingStackError if the port, the path, the host, the program or a timing is invalid
   */
  static http(port: number, options: HttpHealthCheckOptions = {}): HealthCheck {
    const where = 'HealthCheck.http';
    checkOptions(options, HTTP, where);
    const { path = '/health', host: given, via } = options;
    checkPort(port, where);
    if (!URL_PATH.test(path)) {
      throw invalidPath(where, 'path', path, "an absolute path, encoded as in a URL: '/health'");
    }
    if (given !== undefined && !HOST.test(given)) {
      throw invalidValue(where, 'host', given, "a host name without a port, or '127.0.0.1'");
    }
    const program = checkProgram(via, HTTP_PROGRAMS, where);
    const probeFor = ({ name }: Surroundings): Probe => {
      const host = given ?? name ?? LOOPBACK;
      const overLoopback = name === undefined || host === LOOPBACK;
      const line = httpLine({ overLoopback, host, port, path }, program);
      return { probe: { kind: 'http', host, port, path }, test: ['CMD-SHELL', line] };
    };
    return new HealthCheck(probeFor, [['sh'], program === undefined ? HTTP_PROGRAMS : [program]], options, where);
  }

  /**
   * Connects to a port as others on the network do, at the container's own address. Without a network of a stack, it
   * connects to 127.0.0.1.
   * @throws TradingStackError if the port, the program or a timing is invalid
   */
  static tcp(port: number, options: TcpHealthCheckOptions = {}): HealthCheck {
    const where = 'HealthCheck.tcp';
    checkOptions(options, TCP, where);
    checkPort(port, where);
    const program = checkProgram(options.via, TCP_PROGRAMS, where);
    const probeFor = ({ name }: Surroundings): Probe => ({
      probe: { kind: 'tcp', port },
      test: ['CMD-SHELL', tcpLine({ overLoopback: name === undefined, port }, program)],
    });
    return new HealthCheck(probeFor, [['sh'], program === undefined ? TCP_PROGRAMS : [program]], options, where);
  }

  /**
   * Runs a program with arguments, without a shell; exit code 0 is healthy. A shell only exports the secrets that are
   * delivered with `SecretDelivery.EXPORTED`.
   * @throws TradingStackError if the list is empty, or starts with a keyword of Compose's `test`
   */
  static command(command: readonly string[], options: CommandHealthCheckOptions = {}): HealthCheck {
    const where = 'HealthCheck.command';
    checkOptions(options, COMMAND, where);
    const list = "a list with a string for each argument: ['nc', '-z', 'localhost', '8000']";
    const given: unknown = command;
    // A string would be spread into its characters.
    if (!Array.isArray(given)) throw invalidValue(where, 'the command', given, list);
    const unusable: unknown = given.find((item) => typeof item !== 'string');
    if (unusable !== undefined) throw invalidValue(where, 'an argument of the command', unusable, list);
    const [program] = command;
    if (program === undefined || program === '') {
      throw invalidValue(where, 'the command', program ?? '', "a program and its arguments: ['pg_isready', '-q']");
    }
    if (COMPOSE_KEYWORDS.has(program)) {
      const allowed = `a program: remove '${program}', and use HealthCheck.shell for CMD-SHELL, HealthCheck.none() for NONE`;
      throw invalidValue(where, 'the first item', program, allowed);
    }
    const programs = (options.requires ?? [program]).map((one) => [one]);
    const probeFor = ({ exports }: Surroundings): Probe => {
      const exporting = exports === '' ? [] : ['/bin/sh', '-c', `${exports} exec "$@"`, 'sh'];
      return { probe: { kind: 'command' }, test: ['CMD', ...exporting, ...command] };
    };
    return new HealthCheck(probeFor, programs, options, where);
  }

  /**
   * Runs a command line in the image's `/bin/sh`, which also sees the secrets that are delivered with
   * `SecretDelivery.EXPORTED`; exit code 0 is healthy.
   * @throws TradingStackError if the line is empty
   */
  static shell(line: string, options: CommandHealthCheckOptions = {}): HealthCheck {
    const where = 'HealthCheck.shell';
    checkOptions(options, COMMAND, where);
    if (line === '') throw invalidValue(where, 'the line', line, "a command line: 'pg_isready -q'");
    const programs = options.requires?.map((one) => [one]) ?? programsStartedBy(line);
    const probeFor = ({ exports }: Surroundings): Probe => ({
      probe: { kind: 'command' },
      test: ['CMD-SHELL', exports === '' ? line : `${exports} ${line}`],
    });
    return new HealthCheck(probeFor, [['sh'], ...programs], options, where);
  }

  /**
   * For workers without a port: the worker touches a file after each round of work.
   * @param path absolute path inside the container, preferably in memory: `/tmp/heartbeat`
   * @throws TradingStackError if the path is relative or contains spaces, or the maximum age is zero
   */
  static heartbeatFile(path: string, options: HeartbeatHealthCheckOptions = {}): HealthCheck {
    const where = 'HealthCheck.heartbeatFile';
    checkOptions(options, HEARTBEAT, where);
    const { maximumAge = Duration.minutes(1) } = options;
    const seconds = maximumAge.toWholeSeconds();
    if (seconds === 0) throw invalidValue(where, 'maximumAge', '0 s', 'one second or more');
    if (!/^\/[A-Za-z0-9._/-]+$/.test(path)) {
      throw invalidPath(where, 'the path', path, "an absolute path without spaces: '/tmp/heartbeat'");
    }
    const age = `$(( $(date +%s) - $(stat -c %Y ${path}) ))`;
    const line = `test -f ${path} && test ${age} -le ${seconds}`;
    const probe: Probe = { probe: { kind: 'heartbeat', path, maximumAgeSeconds: seconds }, test: ['CMD-SHELL', line] };
    return new HealthCheck(() => probe, [['sh'], ['stat']], options, where);
  }

  /** No probe, not even the image's own: the workload counts as ready when it runs. */
  static none(): HealthCheck {
    return new HealthCheck(() => ({ probe: { kind: 'none' }, test: ['NONE'] }), [], {}, 'HealthCheck.none');
  }

  /**
   * The image's own check: the `HEALTHCHECK` of its Dockerfile. It does not see secrets that are delivered with
   * `SecretDelivery.EXPORTED`. A deploy waits as long as the check allows with Docker's default timings; set
   * `startTimeout` if the image has longer ones.
   */
  static ofImage(): HealthCheck {
    return new HealthCheck(() => ({ probe: { kind: 'image' }, test: [] }), [], {}, 'HealthCheck.ofImage');
  }

  /**
   * The construct's own check with other timings: `new RedisCache(stack, 'redis', { healthCheck: HealthCheck.withTimings(…) })`.
   * Those that are not set stay the construct's, whose defaults may differ from the ones of the options. A bare `Workload`
   * has no check of its own.
   */
  static withTimings(timings: HealthCheckOptions): HealthCheck {
    const where = 'HealthCheck.withTimings';
    checkOptions(timings, TIMINGS, where);
    return new HealthCheck(undefined, [], timings, where);
  }

  private constructor(
    /** `undefined` for that of the construct. */
    private readonly probeFor: ((surroundings: Surroundings) => Probe) | undefined,
    /** Programs that have to be installed in the image: one of each group. */
    readonly requires: readonly (readonly string[])[],
    private readonly options: HealthCheckOptions,
    where: string,
  ) {
    const { retries, interval, timeout, startPeriod, startInterval } = options;
    for (const [name, duration] of Object.entries({ interval, timeout, startPeriod, startInterval })) {
      // Docker reads zero as "not set" and uses the image's own timing, which differs from the plan.
      if (duration?.toMilliseconds() === 0) throw invalidValue(where, name, '0 s', 'a duration above zero');
    }
    if (retries !== undefined && (!Number.isInteger(retries) || retries < 1)) {
      throw invalidValue(where, 'retries', retries, 'a whole number, 1 or more');
    }
  }

  /**
   * Whether it is that of the image.
   * @internal
   */
  get isOfImage(): boolean {
    return this.probeFor?.({ name: undefined, exports: '' }).probe.kind === 'image';
  }

  /**
   * Whether it only changes the timings of the construct's own check.
   * @internal
   */
  get isTimingsOnly(): boolean {
    return this.probeFor === undefined;
  }

  /**
   * The check with a probe, which is that of the construct if this one has only timings.
   * @internal
   * @throws TradingStackError `health-check-missing` if the construct has no check of its own
   */
  basedOn(own: HealthCheck | undefined, where: string): HealthCheck {
    if (!this.isTimingsOnly) return this;
    if (own === undefined) throw withoutProbe(where);
    const { interval, timeout, retries, startPeriod, startInterval } = this.options;
    const options = {
      ...own.options,
      ...(interval && { interval }),
      ...(timeout && { timeout }),
      ...(retries !== undefined && { retries }),
      ...(startPeriod && { startPeriod }),
      ...(startInterval && { startInterval }),
    };
    return new HealthCheck(own.probeFor, own.requires, options, where);
  }

  /**
   * The check with every timing set.
   * @param name name under which others on the network reach the workload; `undefined` if it is on no network
   * @param exports line of a shell that exports the secrets of the workload; empty without any
   * @throws TradingStackError `health-check-missing` if it has only timings
   */
  toSpec(name?: string, exports = ''): HealthCheckSpec {
    const { interval, timeout, retries, startPeriod, startInterval } = this.options;
    if (this.probeFor === undefined) throw withoutProbe('HealthCheck.withTimings');
    const probe = this.probeFor({ name, exports });
    if (probe.probe.kind === 'image') return { ...probe, ...TIMINGS_OF_IMAGE };
    return {
      ...probe,
      intervalMilliseconds: (interval ?? Duration.seconds(5)).toMilliseconds(),
      timeoutMilliseconds: (timeout ?? Duration.seconds(5)).toMilliseconds(),
      retries: retries ?? 5,
      startPeriodMilliseconds: (startPeriod ?? Duration.seconds(30)).toMilliseconds(),
      startIntervalMilliseconds: startInterval?.toMilliseconds() ?? null,
    };
  }
}

type Probe = Pick<HealthCheckSpec, 'probe' | 'test'>;

/** What a probe takes from its workload. */
interface Surroundings {
  readonly name: string | undefined;
  readonly exports: string;
}

function withoutProbe(where: string): TradingStackError {
  const what = "HealthCheck.withTimings changes the timings of a construct's own health check, and this one has none";
  const fix = 'Use a check with a probe: HealthCheck.http(8000, { interval: Duration.seconds(30) })';
  return new TradingStackError('health-check-missing', where, what, fix);
}

function checkProgram<Program extends string>(
  via: Program | undefined,
  programs: readonly Program[],
  where: string,
): Program | undefined {
  if (via === undefined || programs.includes(via)) return via;
  throw invalidValue(where, 'via', via, `one of ${programs.join(', ')}`);
}

/** What Docker uses if a `HEALTHCHECK` sets no timings: https://docs.docker.com/reference/dockerfile/#healthcheck */
const TIMINGS_OF_IMAGE = {
  intervalMilliseconds: 30_000,
  timeoutMilliseconds: 30_000,
  retries: 3,
  startPeriodMilliseconds: 0,
  startIntervalMilliseconds: null,
};

const COMPOSE_KEYWORDS: ReadonlySet<string> = new Set(['CMD', 'CMD-SHELL', 'NONE']);

/** Characters of a URL, none of which a shell interprets in quotes. */
const URL_PATH = /^\/[A-Za-z0-9._~%?&=+:@,;/-]*$/;

/** A name as others may write it, also with underscores. */
const HOST = /^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/;

import type { OptionShapes } from '../../options/options';
import { Duration } from '../units/duration';

/** Timings of a `HealthCheck`. */
export interface HealthCheckOptions {
  /**
   * Time between the end of one probe and the start of the next, and before the first one.
   * @default Duration.seconds(5)
   */
  readonly interval?: Duration;
  /**
   * Time after which a probe counts as failed.
   * @default Duration.seconds(5)
   */
  readonly timeout?: Duration;
  /**
   * Consecutive failures after which the workload is unhealthy.
   * @default 5
   */
  readonly retries?: number;
  /**
   * Time after the start during which failures do not count.
   * @default Duration.seconds(30)
   */
  readonly startPeriod?: Duration;
  /**
   * Time between probes during the start period, until the first success. Only for containers, on Docker Engine 25 or
   * later.
   * @default - one second, or the interval if that is shorter
   */
  readonly startInterval?: Duration;
}

/** Options of `HealthCheck.http`. */
export interface HttpHealthCheckOptions extends HealthCheckOptions {
  /**
   * Path that is requested; a status below 400 is healthy. Use one that does not redirect: some programs follow.
   * @default '/health'
   */
  readonly path?: string;
  /**
   * Host name in the URL, for a program that answers only to its public name: `desk.example`. With `127.0.0.1` the
   * request goes over loopback, for a program that only serves the programs that share its network.
   * @default - the name and the address that others on the network use
   */
  readonly host?: string;
  /**
   * Program inside the image that sends the request.
   * @default - the first of curl, wget, python3 and node that is installed
   */
  readonly via?: 'curl' | 'wget' | 'python3' | 'node';
}

/** Options of `HealthCheck.tcp`. */
export interface TcpHealthCheckOptions extends HealthCheckOptions {
  /**
   * Program inside the image that connects.
   * @default - the first of bash, python3, node and nc that is installed
   */
  readonly via?: 'bash' | 'python3' | 'node' | 'nc';
}

/** Options of `HealthCheck.command` and `HealthCheck.shell`. */
export interface CommandHealthCheckOptions extends HealthCheckOptions {
  /**
   * Programs that the command needs; an image that is known to lack one of them is refused. Set an empty list if the
   * image has them although it is known to lack them.
   * @default - the first item of the command; for a shell command, the known programs that it starts (curl, wget,
   *   pg_isready …)
   */
  readonly requires?: readonly string[];
}

/** Options of `HealthCheck.heartbeatFile`. */
export interface HeartbeatHealthCheckOptions extends HealthCheckOptions {
  /**
   * Age of the file from which the worker is unhealthy.
   * @default Duration.minutes(1)
   */
  readonly maximumAge?: Duration;
}

export const TIMINGS: OptionShapes<HealthCheckOptions> = {
  interval: Duration,
  timeout: Duration,
  retries: 'number',
  startPeriod: Duration,
  startInterval: Duration,
};
export const HTTP: OptionShapes<HttpHealthCheckOptions> = { ...TIMINGS, path: 'string', host: 'string', via: 'string' };
export const TCP: OptionShapes<TcpHealthCheckOptions> = { ...TIMINGS, via: 'string' };
export const COMMAND: OptionShapes<CommandHealthCheckOptions> = { ...TIMINGS, requires: ['string'] };
export const HEARTBEAT: OptionShapes<HeartbeatHealthCheckOptions> = { ...TIMINGS, maximumAge: Duration };

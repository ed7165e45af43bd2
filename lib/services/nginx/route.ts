import { Construct } from 'constructs';
import { invalidHost, invalidValue, TradingStackError } from '../../errors';
import { checkOptions, type OptionShapes } from '../../options/options';
import { shownPath } from '../../platform/naming';
import { type Connection, Dependency, type IConnectable } from '../../workload/connections/connection';
import type { Endpoint } from '../../workload/connections/endpoint';
import type { IMonitored } from '../../workload/connections/monitored';
import { Duration } from '../../workload/units/duration';

/** Something that answers HTTP: an {@link AppService} of any kind, or an `ExternalEndpoint` with the scheme `http`. */
export interface IHttpService extends IConnectable {
  readonly endpoint: Endpoint;
}

/** Options of a {@link Route}. */
export interface RouteOptions {
  /**
   * Whether the back end gets only what follows the route's path: `/reports/daily` on the route `/reports/` as `/daily`.
   * Escapes such as `%2F` are then decoded. The query string is passed on in either case.
   * @default false
   */
  readonly stripPath?: boolean;
  /**
   * Longest time for which the back end, or the client of a socket, may send nothing.
   * @default - a minute for HTTP, an hour for WebSocket and Socket.IO
   */
  readonly readTimeout?: Duration;
}

const OPTIONS: OptionShapes<RouteOptions> = { stripPath: 'boolean', readTimeout: Duration };

/** How a kind of route differs from the others. */
interface RouteKind {
  readonly name: 'http' | 'webSocket' | 'socketIo';
  /** Whether a request may be upgraded to a WebSocket. */
  readonly upgrades: boolean;
  /** Whether all requests of a browser go to the same replica. */
  readonly sticky: boolean;
  readonly readTimeout: Duration;
}

const HTTP: RouteKind = { name: 'http', upgrades: false, sticky: false, readTimeout: Duration.minutes(1) };
const WEB_SOCKET: RouteKind = { name: 'webSocket', upgrades: true, sticky: false, readTimeout: Duration.hours(1) };
const SOCKET_IO: RouteKind = { name: 'socketIo', upgrades: true, sticky: true, readTimeout: Duration.hours(1) };

/**
 * Which requests go to which back end. A path that ends with a slash matches everything below it, any other path only
 * itself. If several match, the longest wins. Metrics that the back end serves on the same port are not reachable below a
 * slash: a route with exactly their path, `Route.http('/metrics', gateway)`, opens them. The proxy starts after the back end; with `Dependency.optional(backend)` it
 * starts without waiting, and answers 502 until the back end runs.
 *
 * @example
 * routes: [Route.http('/api/', gateway), Route.webSocket('/ws', sockets), Route.socketIo('/socket.io/', sockets)]
 */
export class Route {
  /**
   * HTTP requests, which are never upgraded to a WebSocket.
   * @throws TradingStackError for an invalid path or option, and for a back end that does not speak HTTP
   */
  static http(path: string, target: IHttpService | Dependency<IHttpService>, options: RouteOptions = {}): Route {
    return new Route(path, target, HTTP, options);
  }

  /**
   * HTTP requests and WebSockets, which may be idle for long.
   * @throws TradingStackError for an invalid path or option, and for a back end that does not speak HTTP
   */
  static webSocket(path: string, target: IHttpService | Dependency<IHttpService>, options: RouteOptions = {}): Route {
    return new Route(path, target, WEB_SOCKET, options);
  }

  /**
   * Socket.IO, which starts with a series of requests before it becomes a WebSocket. A cookie routes all requests of a
   * browser to the same replica. A client without cookies works with a single replica, or with
   * `transports: ['websocket']`.
   * @param path the `path` option of client and server, by default `/socket.io/`
   * @throws TradingStackError for an invalid path or option, and for a back end that does not speak HTTP
   */
  static socketIo(path: string, target: IHttpService | Dependency<IHttpService>, options: RouteOptions = {}): Route {
    return new Route(path, target, SOCKET_IO, options);
  }

  readonly target: IHttpService;
  readonly upgrades: boolean;
  readonly sticky: boolean;
  readonly stripPath: boolean;
  readonly readTimeout: Duration;
  /** The path at which clients would reach the metrics of the back end; `undefined` if they cannot, or as a whole route. */
  readonly metricsPath: string | undefined;
  private readonly isOptional: boolean;

  private constructor(
    readonly path: string,
    target: IHttpService | Dependency<IHttpService>,
    kind: RouteKind,
    options: RouteOptions,
  ) {
    const where = `Route.${kind.name}('${path}')`;
    checkOptions(options, OPTIONS, where);
    checkPath(path, 'path', where);
    this.isOptional = target instanceof Dependency;
    this.target = target instanceof Dependency ? target.target : target;
    checkTarget(this.target, where);
    this.upgrades = kind.upgrades;
    this.sticky = kind.sticky;
    this.stripPath = options.stripPath ?? false;
    this.readTimeout = options.readTimeout ?? kind.readTimeout;
    this.metricsPath = metricsPathOf(this, where);
    if (this.readTimeout.toMilliseconds() === 0) {
      throw invalidValue(where, 'readTimeout', '0 s', 'a duration above zero');
    }
  }

  /**
   * The part of the connection that the proxy needs: start order and host names. It comes from the endpoint, because
   * the connection of a server may contain credentials, for which the proxy has no use.
   */
  connection(): Connection {
    const connection = this.target.endpoint.hostAndPort().connection();
    const startAfter = this.isOptional ? [] : connection.startAfter;
    return { ...connection, environment: {}, secrets: {}, startAfter };
  }
}

function checkTarget(target: IHttpService | undefined, where: string): void {
  if (target === undefined) {
    const fix = 'Create the back end before the route: a variable is undefined until its line has run';
    throw new TradingStackError('missing-option', where, 'the back end is undefined', fix);
  }
  // The compiler checks this too, but in plain JavaScript it may be anything, such as a BackgroundWorker.
  const { endpoint } = target as Partial<IHttpService>;
  if (endpoint === undefined) {
    const name = target instanceof Construct ? ` ${shownPath(target)}` : '';
    const what = `the back end${name} has no HTTP interface that a proxy could forward to`;
    throw new TradingStackError('route-not-http', where, what, 'Make it an AppService, or remove the route');
  }
  const { scheme, host, path } = endpoint;
  if (scheme !== 'http') {
    const what = `the back end ${host} speaks ${scheme}, but a proxy can only forward to HTTP`;
    const fix = 'Use a back end with HTTP; for TLS outside of the stack, put a service of your own in between';
    throw new TradingStackError('route-not-http', where, what, fix);
  }
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(host)) {
    throw invalidHost(where, 'the host of the back end', host, 'a host name or an IPv4 address');
  }
  if (path !== '') checkPath(path, 'the path of the back end', where);
}

/** @throws TradingStackError for a path of the metrics that nginx would interpret as something else */
function metricsPathOf(
  { path, target, stripPath }: Pick<Route, 'path' | 'target' | 'stripPath'>,
  where: string,
): string | undefined {
  const metrics = (target as Partial<IMonitored>).metrics?.target;
  if (!path.endsWith('/') || metrics?.kind !== 'endpoint' || metrics.port !== target.endpoint.port) return undefined;
  const [own = ''] = metrics.path.split('?');
  checkPath(own, 'the metricsPath of the back end', where);
  const base = target.endpoint.path.replace(/\/$/, '');
  const inside = own.startsWith(`${base}/`) ? own.slice(base.length) : undefined;
  if (inside === undefined) return undefined;
  if (stripPath) return `${path}${inside.slice(1)}`;
  return inside.startsWith(path) ? inside : undefined;
}

/** @throws TradingStackError for a path that is invalid in a URL, or that nginx would interpret as something else */
export function checkPath(path: string, property: string, where: string): void {
  const reason = whyInvalid(path);
  if (reason === undefined) return;
  throw new TradingStackError(
    'invalid-path',
    where,
    `${property} cannot be '${path}': ${reason}`,
    "Use a path that starts with a slash: '/api/' for everything below it, '/ws' for that path only; letters, digits and " +
      '- . _ ~ @ are allowed',
  );
}

/** No character that nginx reads as an end, a block, a variable, a pattern, a comment or another path. */
function whyInvalid(path: string): string | undefined {
  if (!path.startsWith('/')) return path === '' ? 'it is empty' : `it starts with '${path.charAt(0)}'`;
  const [forbidden] = /[^A-Za-z0-9._~@/-]/u.exec(path) ?? [];
  if (forbidden !== undefined) return `it contains ${JSON.stringify(forbidden)}`;
  if (path.includes('//')) return 'it contains an empty segment';
  const [, dots] = /\/(\.{1,2})(?=\/|$)/.exec(path) ?? [];
  return dots === undefined ? undefined : `it contains the segment '${dots}'`;
}

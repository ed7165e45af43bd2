import { invalidValue, wrongSpelling } from '../../errors';
import { checkBoolean } from '../../platform/plain-values';
import type { Connection, IConnectable } from '../../workload/connections/connection';
import { Duration } from '../../workload/units/duration';
import type { Endpoint } from '../../workload/connections/endpoint';
import { isA } from '../../workload/is-a';

/** Something that answers HTTP: an {@link AppService} and its kind, or an `ExternalEndpoint` with the scheme `http`. */
export interface IHttpService extends IConnectable {
  readonly endpoint: Endpoint;
}

/** Options of a {@link Route}. */
export interface RouteOptions {
  /**
   * Whether the back end gets what follows the route's path only: `/reports/daily` behind `/reports/` as `/daily`.
   * Escapes such as `%2F` arrive resolved then. The query string arrives in either case.
   * @default false
   */
  readonly stripPath?: boolean;
  /**
   * Longest time in which the back end, or the client of a socket, may send nothing.
   * @default - a minute for HTTP, an hour for WebSocket and Socket.IO
   */
  readonly readTimeout?: Duration;
  /**
   * Whether the proxy starts without waiting for the back end, and answers 502 until it is there.
   * @default false
   */
  readonly optional?: boolean;
}

/** How a kind of route differs from the others. */
interface RouteKind {
  /** Whether a request may turn into a WebSocket. */
  readonly upgrades: boolean;
  /** Whether all requests of a browser go to the same replica. */
  readonly sticky: boolean;
  readonly readTimeout: Duration;
}

/**
 * Which requests go to which back end. A path that ends with a slash stands for everything below it, any other for
 * itself alone. Where several fit, the longest wins.
 *
 * @example
 * routes: [Route.http('/api/', gateway), Route.webSocket('/ws', sockets), Route.socketIo('/socket.io/', sockets)]
 */
export class Route {
  /** Requests and answers. Nothing becomes a WebSocket. */
  static http(path: string, target: IHttpService, options: RouteOptions = {}): Route {
    return new Route(path, target, { upgrades: false, sticky: false, readTimeout: Duration.minutes(1) }, options);
  }

  /** Requests and WebSockets, which may be idle for long. */
  static webSocket(path: string, target: IHttpService, options: RouteOptions = {}): Route {
    return new Route(path, target, { upgrades: true, sticky: false, readTimeout: Duration.hours(1) }, options);
  }

  /**
   * Socket.IO, which starts with a series of requests before it becomes a WebSocket. A cookie brings all requests of a
   * browser to the same replica. A client that keeps no cookies works with one replica, or with
   * `transports: ['websocket']`.
   * @param path as client and server have it in `path`: by default `/socket.io/`
   */
  static socketIo(path: string, target: IHttpService, options: RouteOptions = {}): Route {
    return new Route(path, target, { upgrades: true, sticky: true, readTimeout: Duration.hours(1) }, options);
  }

  readonly upgrades: boolean;
  readonly sticky: boolean;
  readonly stripPath: boolean;
  readonly readTimeout: Duration;
  private readonly optional: boolean;

  private constructor(
    readonly path: string,
    readonly target: IHttpService,
    kind: RouteKind,
    options: RouteOptions,
  ) {
    const where = `the route ${path}`;
    checkTarget(target, where);
    this.upgrades = kind.upgrades;
    this.sticky = kind.sticky;
    const { stripPath = false, optional = false } = options;
    checkBoolean(stripPath, 'stripPath', where);
    checkBoolean(optional, 'optional', where);
    this.stripPath = stripPath;
    this.readTimeout = options.readTimeout ?? kind.readTimeout;
    this.optional = optional;
  }

  /**
   * What the proxy needs of the back end: start order and names to resolve; its address is in the configuration. Asked
   * of the endpoint: the connection of a server may come with a user or a token, which the proxy has no use for.
   */
  connection(): Connection {
    const { from, within, startAfter, extraHosts } = this.target.endpoint.hostAndPort().connection();
    const waitsFor = this.optional ? [] : startAfter;
    return { from, within, environment: {}, secrets: {}, startAfter: waitsFor, extraHosts };
  }
}

/** @throws TradingStackError for what is created further down, and for what has no HTTP interface: a job, a text */
function checkTarget(target: unknown, where: string): void {
  if (typeof target === 'object' && target !== null && 'endpoint' in target) return;
  throw invalidValue(where, 'what it leads to', target, 'a service of the stack, or an ExternalEndpoint');
}

/** @throws TradingStackError for what only plain JavaScript can give: `{ path: '/api/', target: backend }` */
export function checkRoute(given: unknown, property: string, where: string): void {
  if (!isA(Route, given)) throw wrongSpelling(where, property, given, "routes: [Route.http('/api/', backend)]");
}

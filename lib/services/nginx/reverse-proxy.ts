import { Construct } from 'constructs';
import { lt } from 'semver';
import { TradingStackError } from '../../errors';
import { checkOptions, each, listeningOn, type OptionShapes, required } from '../../options/options';
import { Platform } from '../../platform/platform';
import { warn } from '../../platform/warnings';
import type { Connection, IConnectable } from '../../workload/connections/connection';
import { Endpoint, variablesFor } from '../../workload/connections/endpoint';
import type { IMonitored, MetricsSource } from '../../workload/connections/monitored';
import { HealthCheck } from '../../workload/health/health-check';
import { Image } from '../../workload/images/image';
import { UpdatePolicy } from '../../workload/policies/update-policy';
import { ConfigFile } from '../../workload/storage/config-file';
import { Cpu } from '../../workload/units/cpu';
import { Duration } from '../../workload/units/duration';
import { Size } from '../../workload/units/size';
import { Workload } from '../../workload/workload';
import { WORKLOAD_OPTIONS, type WorkloadOptions } from '../../workload/workload-props';
import { NGINX_HEALTH_PATH, NGINX_PORT, NGINX_STATUS_PORT, nginxConfiguration, type NginxPage } from './configuration';
import { nginxMetrics } from './metrics';
import { Route } from './route';

/** Options that every nginx takes, including those of every workload. */
export interface NginxOptions extends WorkloadOptions {
  /**
   * Largest body of a request; a larger one is answered with 413.
   * @default Size.mebibytes(1)
   */
  readonly maxBodySize?: Size;
  /**
   * Headers of every response, such as a `Content-Security-Policy`. An empty value removes a header.
   * @default - `X-Content-Type-Options: nosniff`, `X-Frame-Options: DENY`, `Referrer-Policy: strict-origin-when-cross-origin`
   */
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * Whether clients connect over HTTPS to something in front of it that terminates TLS. Back ends then get `https` in
   * `X-Forwarded-Proto`, for redirects, links and `Secure` cookies; the header of a client is not trusted. The proxy itself
   * speaks HTTP in either case.
   * @default false
   */
  readonly clientsUseHttps?: boolean;
  /**
   * Prefix of a consumer's variables: `PROXY` makes `PROXY_URL`.
   * @default - the id in upper case
   */
  readonly envPrefix?: string;
}

/** How the options that every nginx takes are checked. */
export const NGINX_OPTIONS: OptionShapes<NginxOptions> = {
  ...WORKLOAD_OPTIONS,
  maxBodySize: Size,
  headers: each('string'),
  clientsUseHttps: 'boolean',
  envPrefix: 'string',
};

/** Properties of a {@link ReverseProxy}. */
export interface ReverseProxyProps extends NginxOptions {
  /** Which requests go to which back end; at least one. */
  readonly routes: readonly Route[];
  /**
   * An nginx of 1.29.6 or later.
   * @default Image.fromRegistry('nginxinc/nginx-unprivileged:1.30-alpine-slim')
   */
  readonly image?: Image;
}

const OPTIONS: OptionShapes<ReverseProxyProps> = { ...NGINX_OPTIONS, routes: required([Route]), image: Image };

/**
 * nginx in front of HTTP services: one port for all of them, including WebSocket and Socket.IO. It listens on 8080 and
 * runs without root. It finds replaced or scaled back ends within seconds, without a restart. It starts after its back
 * ends, except those that are `Dependency.optional`.
 *
 * @example
 * new ReverseProxy(stack, 'proxy', {
 *   routes: [Route.http('/api/', gateway), Route.webSocket('/ws', sockets)],
 *   ports: [PublishedPort.loopback(8080)],
 * });
 */
export class ReverseProxy extends Construct implements IConnectable, IMonitored {
  readonly workload: Workload;
  /** HTTP, port 8080. */
  readonly endpoint: Endpoint;
  readonly metrics: MetricsSource;
  private readonly routes: readonly Route[];

  /**
   * @param page the page of a subclass for paths without a route
   * @throws TradingStackError for an invalid option, two routes with one path, and an nginx that is too old
   */
  constructor(scope: Construct, id: string, props: ReverseProxyProps, page?: NginxPage) {
    super(scope, id);
    const { path: where } = this.node;
    checkOptions(props, listeningOn(OPTIONS, NGINX_PORT), where);
    const { routes, headers = {}, maxBodySize = Size.mebibytes(1), clientsUseHttps = false } = props;
    this.routes = routes;
    this.warnOfLostSockets();
    const image = props.image ?? Image.fromRegistry('nginxinc/nginx-unprivileged:1.30-alpine-slim');
    if (routes.length === 0 && page === undefined) {
      throw new TradingStackError('missing-option', where, 'routes is empty', "Add a route: Route.http('/', backend)");
    }
    this.refuseOldNginx(image);
    const cpus = props.resources?.cpus ?? Cpu.cores(1);
    const configuration = nginxConfiguration({
      where,
      routes,
      page: page ?? null,
      // As many as the CPU limit allows: nginx's own `auto` counts the processors of the host.
      workers: Math.ceil(cpus.toMillis() / 1000),
      maxBodySize,
      headers,
      clientsUseHttps,
    });

    this.workload = new Workload(
      this,
      'Default',
      { ...props, image, updatePolicy: props.updatePolicy ?? UpdatePolicy.startFirstIfPossible() },
      {
        uses: routes,
        knownPorts: [NGINX_PORT, NGINX_STATUS_PORT],
        files: [ConfigFile.fromText('/etc/nginx/nginx.conf', configuration)],
        commandCarries: 'the start of nginx',
        minimum: { memory: Size.mebibytes(16) },
        defaults: {
          healthCheck: HealthCheck.http(NGINX_PORT, { path: NGINX_HEALTH_PATH, interval: Duration.seconds(5) }),
          resources: { cpus, memory: Size.mebibytes(128) },
          // The user of the unprivileged image; the official one starts as root, and would lack the capability to switch.
          runAs: '101:101',
          readOnlyRootFilesystem: true,
        },
      },
    );

    this.endpoint = new Endpoint(this, {
      scheme: 'http',
      host: this.workload.host,
      port: NGINX_PORT,
      envPrefix: props.envPrefix ?? variablesFor(id),
      startAfter: this.workload.addresses,
    });
    this.metrics = nginxMetrics(id, this.workload);
  }

  connection(): Connection {
    return this.endpoint.connection();
  }

  /** A proxy behind this one may serve WebSockets that an HTTP route of this one blocks. */
  private warnOfLostSockets(): void {
    for (const { path, target, upgrades } of this.routes) {
      if (upgrades || !(target instanceof ReverseProxy)) continue;
      const isLost = (inner: Route): boolean =>
        inner.upgrades &&
        inner.path.startsWith(path) &&
        !this.routes.some((route) => route.upgrades && inner.path.startsWith(route.path));
      const lost = target.routes.find(isLost);
      if (lost === undefined) continue;
      warn(this, 'websocket-blocked', `the route ${path} blocks ${lost.path} of ${target.node.path}`);
    }
  }

  private refuseOldNginx(image: Image): void {
    const old = image.baseImages(Platform.of(this), this.node.path).find((name) => isOldNginx(name));
    if (old === undefined) return;
    throw new TradingStackError(
      'image-version-unsupported',
      this.node.path,
      `the image ${old} contains an nginx older than ${OLDEST_NGINX}, which lacks directives of the configuration`,
      'Use nginxinc/nginx-unprivileged:1.30-alpine-slim, as `image` or in the last FROM of the Dockerfile',
    );
  }
}

/** Has `sticky`; `add_header_inherit` came with 1.29.3 and `resolve` with 1.27.3. */
const OLDEST_NGINX = '1.29.6';

function isOldNginx(image: string): boolean {
  const name = /(?:^|\/)nginx(?:-unprivileged)?:(?<major>\d+)\.(?<minor>\d+)(?:\.(?<patch>\d+))?/;
  const version = name.exec(image)?.groups;
  if (version === undefined) return false;
  // A tag without a patch version is the newest of its line.
  const { major = '', minor = '', patch = '999' } = version;
  return lt(`${Number(major)}.${Number(minor)}.${Number(patch)}`, OLDEST_NGINX);
}

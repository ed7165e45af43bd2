import { Annotations } from 'cdktf';
import { Construct } from 'constructs';
import { TradingStackError } from '../../errors';
import { checkBoolean, listOf } from '../../platform/plain-values';
import { Platform } from '../../platform/platform';
import { ConfigFile } from '../../workload/storage/config-file';
import type { Connection, IConnectable } from '../../workload/connections/connection';
import { checkCpu, Cpu } from '../../workload/units/cpu';
import { Duration } from '../../workload/units/duration';
import { Endpoint, variablesFor } from '../../workload/connections/endpoint';
import { HealthCheck } from '../../workload/health/health-check';
import { checkImage, Image } from '../../workload/images/image';
import type { IMonitored, MetricsPanel, MetricsSource } from '../../workload/connections/monitored';
import { checkSize, Size } from '../../workload/units/size';
import { Workload } from '../../workload/workload';
import type { WorkloadOptions } from '../../workload/workload-props';
import {
  NGINX_HEALTH_PATH,
  NGINX_PORT,
  NGINX_STATUS_PATH,
  NGINX_STATUS_PORT,
  nginxConfiguration,
  type NginxPage,
} from './configuration';
import { checkRoute, type Route } from './route';

/** What every nginx takes: its own options, and those of every workload. */
export interface NginxOptions extends WorkloadOptions {
  /**
   * Largest body of a request; a larger one is answered with 413.
   * @default Size.mebibytes(1)
   */
  readonly maxBodySize?: Size;
  /**
   * Headers of every response, such as a `Content-Security-Policy`. One without a value is left out.
   * @default - `X-Content-Type-Options: nosniff`, `X-Frame-Options: DENY`, `Referrer-Policy: strict-origin-when-cross-origin`
   */
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * Whether clients reach it over HTTPS, which something before it ends: then back ends are told so, in
   * `X-Forwarded-Proto`, for redirects, `Secure` cookies and the addresses that they give others. It takes no client's
   * word for it. It speaks HTTP itself in either case.
   * @default false
   */
  readonly clientsUseHttps?: boolean;
  /**
   * Start of the names of a consumer's variables: `PROXY` makes `PROXY_URL`.
   * @default - the id in capitals
   */
  readonly envPrefix?: string;
}

/** Properties of a {@link ReverseProxy}. */
export interface ReverseProxyProps extends NginxOptions {
  /** Which requests go where. */
  readonly routes: readonly Route[];
  /**
   * An nginx of 1.29.6 or later.
   * @default Image.fromRegistry('nginxinc/nginx-unprivileged:1.30-alpine-slim')
   */
  readonly image?: Image;
}

/**
 * nginx in front of HTTP services: one port for all of them, WebSocket and Socket.IO included. It listens on 8080,
 * without root. Back ends that are replaced, or of which there are more or fewer, are found within seconds while nginx
 * runs on. It starts after them, unless the route is `optional`.
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
   * @param page what a subclass shows where no route leads elsewhere
   * @throws TradingStackError for routes that contradict each other, for what nginx would read as something else, and
   *   for an image with an nginx that is too old
   */
  constructor(scope: Construct, id: string, props: ReverseProxyProps, page?: NginxPage) {
    super(scope, id);
    const { routes, headers = {}, maxBodySize = Size.mebibytes(1), clientsUseHttps = false } = props;
    const { path: where } = this.node;
    checkRoutes(routes, 'routes', where);
    this.routes = routes;
    this.warnOfLostSockets();
    checkSize(maxBodySize, 'maxBodySize', where);
    checkBoolean(clientsUseHttps, 'clientsUseHttps', where);
    const image = checkImage(props.image ?? Image.fromRegistry('nginxinc/nginx-unprivileged:1.30-alpine-slim'), where);
    if (routes.length === 0 && page === undefined) {
      throw new TradingStackError('invalid-value', where, 'it has no route', 'Give it one: Route.http(...)');
    }
    this.refuseOldNginx(image);
    const cpus = checkCpu(props.resources?.cpus, 'resources.cpus', where) ?? Cpu.cores(1);
    const configuration = nginxConfiguration({
      where,
      routes,
      page: page ?? null,
      // As many as its share can run: nginx's own `auto` counts the host's processors.
      workers: Math.ceil(cpus.toMillis() / 1000),
      maxBodySize,
      headers,
      clientsUseHttps,
    });

    this.workload = new Workload(
      this,
      'Default',
      { ...props, image },
      {
        uses: routes,
        knownPorts: [NGINX_PORT, NGINX_STATUS_PORT],
        files: [ConfigFile.fromText('/etc/nginx/nginx.conf', configuration)],
        commandCarries: 'the start of nginx',
        minimum: { memory: Size.mebibytes(16) },
        defaults: {
          healthCheck: HealthCheck.http(NGINX_PORT, { path: NGINX_HEALTH_PATH, interval: Duration.seconds(5) }),
          resources: { cpus, memory: Size.mebibytes(128) },
          // The user of the unprivileged image; the plain one would start as root, without the rights to become another.
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
    this.metrics = this.describeMetrics(id);
  }

  connection(): Connection {
    return this.endpoint.connection();
  }

  /** A proxy behind this one may have WebSockets that a route of this one does not let through. */
  private warnOfLostSockets(): void {
    for (const { path, target, upgrades } of this.routes) {
      if (upgrades || !(target instanceof ReverseProxy)) continue;
      const isLost = (inner: Route): boolean =>
        inner.upgrades &&
        inner.path.startsWith(path) &&
        !this.routes.some((route) => route.upgrades && inner.path.startsWith(route.path));
      const lost = target.routes.find(isLost);
      if (lost === undefined) continue;
      Annotations.of(this).addWarning(
        `the route ${path} leads to ${target.node.path}, which has WebSockets at ${lost.path}, and ` +
          `Route.http lets none through: write Route.webSocket('${path}', …)`,
      );
    }
  }

  private refuseOldNginx(image: Image): void {
    const old = image.baseImages(Platform.of(this), this.node.path).find((name) => isOldNginx(name));
    if (old === undefined) return;
    throw new TradingStackError(
      'invalid-value',
      this.node.path,
      `the image ${old} has an nginx older than 1.29.6, which does not know all that its configuration says`,
      "Use, or start the Dockerfile's last stage from, nginxinc/nginx-unprivileged:1.30-alpine-slim",
    );
  }

  private describeMetrics(id: string): MetricsSource {
    return {
      job: id,
      target: {
        kind: 'exporter',
        image: Image.fromRegistry('nginx/nginx-prometheus-exporter:1.5.1'),
        port: 9113,
        path: '/metrics',
        environment: { SCRAPE_URI: `http://${this.workload.host}:${NGINX_STATUS_PORT}${NGINX_STATUS_PATH}` },
        secrets: () => ({}),
        uses: [this.workload],
      },
      upQuery: 'nginx_up{job="$job"}',
      panels: NGINX_PANELS,
    };
  }
}

const checkRoutes = listOf(checkRoute);

/** nginx has `resolve` since 1.27.3, `add_header_inherit` since 1.29.3, and `sticky` since 1.29.6. */
function isOldNginx(image: string): boolean {
  const version = /(?:^|\/)nginx(?:-unprivileged)?:(?<major>\d+)\.(?<minor>\d+)(?:\.(?<patch>\d+))?/.exec(
    image,
  )?.groups;
  if (version === undefined) return false;
  // A tag without a patch is the newest of its line.
  const given = [Number(version.major), Number(version.minor), Number(version.patch ?? Infinity)];
  const [oldest, least] = [[1, 29, 6], given];
  const at = oldest.findIndex((part, index) => part !== least[index]);
  return at !== -1 && (least[at] ?? 0) < (oldest[at] ?? 0);
}

/** Metric names of the exporter: https://github.com/nginx/nginx-prometheus-exporter#exported-metrics */
const NGINX_PANELS: readonly MetricsPanel[] = [
  { title: 'Requests', query: 'rate(nginx_http_requests_total{job="$job"}[5m])', legend: 'requests', unit: 'reqps' },
  { title: 'Connections', query: 'nginx_connections_active{job="$job"}', legend: 'active', unit: 'short' },
  {
    title: 'Dropped connections',
    query: 'rate(nginx_connections_accepted{job="$job"}[5m]) - rate(nginx_connections_handled{job="$job"}[5m])',
    legend: 'a second',
    unit: 'ops',
  },
];

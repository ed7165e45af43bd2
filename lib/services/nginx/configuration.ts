import { alreadyTaken, invalidName, invalidPath, invalidValue, TradingStackError } from '../../errors';
import type { Size } from '../../workload/units/size';
import { hiddenMetrics } from './hidden-metrics';
import { checkPath, type Route } from './route';
import { routeLocation, stickyUpstreams } from './route-directives';

/** Everything that the configuration of an nginx depends on. */
export interface NginxSettings {
  /** Construct path, for messages. */
  readonly where: string;
  readonly routes: readonly Route[];
  /** `null` for none: requests without a route are answered with 404. */
  readonly page: NginxPage | null;
  readonly workers: number;
  readonly maxBodySize: Size;
  /** Headers of every response; they are added to {@link SECURITY_HEADERS} or replace them. */
  readonly headers: Readonly<Record<string, string>>;
  /** Whether a proxy in front of it terminates HTTPS. */
  readonly clientsUseHttps: boolean;
}

/** A single-page application in the image. */
export interface NginxPage {
  /** Folder of `index.html` and its assets. */
  readonly folder: string;
  /** Path of the files whose names change with their content. */
  readonly assetsPath: string;
}

export const NGINX_PORT = 8080;
/** For the status page, which is not published together with the routes. */
export const NGINX_STATUS_PORT = 8081;
export const NGINX_STATUS_PATH = '/stub_status';
export const NGINX_HEALTH_PATH = '/healthz';

/**
 * The whole `nginx.conf`. Back ends are in a variable, or in an upstream with `resolve`: both make nginx query Docker's
 * name server every two seconds, so it finds back ends that were replaced or scaled without a restart, and starts even if
 * one does not exist yet. Directives: https://nginx.org/en/docs/dirindex.html
 *
 * @throws TradingStackError for two routes with one path, and for headers that nginx would interpret as something else
 */
export function nginxConfiguration(settings: NginxSettings): string {
  const { where, routes, workers, maxBodySize, clientsUseHttps } = settings;
  checkPaths(settings);
  if (maxBodySize.toBytes() === 0) {
    throw invalidValue(where, 'maxBodySize', String(maxBodySize), 'a size above zero: nginx reads 0 as no limit');
  }
  const headers = headersOf(settings);
  return `worker_processes ${workers};
worker_shutdown_timeout 5s;
pid /tmp/nginx.pid;
# Below this level, nginx logs whole requests with their query strings, in which there may be tokens.
error_log stderr crit;

events {
    worker_connections 4096;
}

http {
    include /etc/nginx/mime.types;
    default_type application/octet-stream;
    sendfile on;
    server_tokens off;
    absolute_redirect off;

    client_body_temp_path /tmp/client_temp;
    proxy_temp_path /tmp/proxy_temp;
    fastcgi_temp_path /tmp/fastcgi_temp;
    uwsgi_temp_path /tmp/uwsgi_temp;
    scgi_temp_path /tmp/scgi_temp;

    map $request_uri $path_alone {
        "~^(?<before_query>[^?]*)" $before_query;
    }
    log_format requests '$remote_addr [$time_iso8601] "$request_method $path_alone $server_protocol" '
                        '$status $body_bytes_sent $request_time "$http_user_agent" "$upstream_addr" "$upstream_status" '
                        '"$upstream_connect_time" "$upstream_header_time"';
    access_log /dev/stdout requests;

    gzip on;
    gzip_vary on;
    gzip_proxied any;
    gzip_min_length 1024;
    gzip_types text/css text/javascript text/plain application/javascript application/json application/manifest+json image/svg+xml;

    # Only WebSocket: a client that asks for another protocol would talk to the back end past nginx.
    map $http_upgrade $websocket {
        default "";
        "~*^websocket$" websocket;
    }
    map $websocket $connection_to_backend {
        default "";
        websocket upgrade;
    }

    resolver 127.0.0.11 valid=2s ipv6=off;
    resolver_timeout 2s;
${stickyUpstreams(routes, clientsUseHttps)}
    server {
        listen ${NGINX_PORT} default_server;
        server_name _;
        client_max_body_size ${maxBodySize.toBytes()};
        large_client_header_buffers 4 ${LARGEST_HEADERS};

        add_header_inherit merge;
${headers.map(([name, value]) => `        add_header ${name} "${value}" always;\n        proxy_hide_header ${name};\n`).join('')}
        proxy_http_version 1.1;
        proxy_connect_timeout 3s;
        # The whole header of a response has to fit into the first buffer.
        proxy_buffer_size ${LARGEST_HEADERS};
        proxy_buffers 8 4k;
        proxy_busy_buffers_size ${LARGEST_HEADERS};
        # An answer that the client is slow to take waits in the back end, not in a file.
        proxy_max_temp_file_size 0;

${healthLocation(settings)}${metricsLocations(routes)}${routes.map((route) => routeLocation(route, clientsUseHttps)).join('')}${remainder(settings)}    }

    server {
        listen ${NGINX_STATUS_PORT} default_server;
        access_log off;

        location = ${NGINX_STATUS_PATH} {
            stub_status;
        }

        location / {
            return 404;
        }
    }
}
`;
}

/**
 * Room for the headers of a response, and for one header of a request. Node.js, too, refuses more than 16 KiB in both
 * directions; the defaults of nginx are a page (4 KiB) and 8 KiB, which a session in a cookie exceeds. Only the buffer for
 * headers is larger, so that a connection costs 12 KiB more.
 * Sources: https://nodejs.org/api/cli.html#--max-http-header-sizesize,
 * https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_buffer_size (and proxy_busy_buffers_size, which must
 * not be smaller), https://nginx.org/en/docs/http/ngx_http_core_module.html#large_client_header_buffers
 */
const LARGEST_HEADERS = '16k';

/** Restrictions for browsers that the user can override. */
const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'strict-origin-when-cross-origin',
};

function checkPaths({ where, routes, page }: NginxSettings): void {
  const takenBy = new Map([[NGINX_HEALTH_PATH, 'the health check']]);
  if (page !== null) {
    takenBy.set('/', 'the page itself');
    checkPath(page.assetsPath, 'assetsPath', where);
    if (!page.assetsPath.endsWith('/') || page.assetsPath === '/') {
      throw invalidPath(where, 'assetsPath', page.assetsPath, "a path that ends with a slash: '/assets/'");
    }
    takenBy.set(page.assetsPath, 'the assets of the page');
  }
  for (const { path } of routes) {
    const owner = takenBy.get(path);
    if (owner !== undefined) {
      throw alreadyTaken('route-taken', where, 'the path', path, owner, 'Use another path for the route');
    }
    takenBy.set(path, 'another route');
  }
}

function headersOf({ where, headers }: NginxSettings): [string, string][] {
  const names = new Set<string>();
  for (const [name, value] of Object.entries(headers)) {
    if (!/^[A-Za-z][A-Za-z0-9-]*$/.test(name)) {
      throw invalidName(where, 'the name of a header', name, "letters, digits and -: 'Content-Security-Policy'");
    }
    if (!/^[\x20-\x7e]*$/.test(value) || /["\\$]|^ | $/.test(value)) {
      throw invalidValue(
        where,
        `the header ${name}`,
        value,
        'printable ASCII without double quotes, backslashes and $, and without spaces around it',
      );
    }
    // nginx would send both.
    if (names.has(name.toLowerCase())) {
      const what = `the header ${name} is set twice: names of headers are not case-sensitive`;
      throw new TradingStackError('duplicate-name', where, what, 'Remove one of them');
    }
    names.add(name.toLowerCase());
  }
  const defaults = Object.entries(SECURITY_HEADERS).filter(([name]) => !names.has(name.toLowerCase()));
  return [...defaults, ...Object.entries(headers)];
}

/** With a page, nginx is healthy only if the page exists. */
function healthLocation({ page }: NginxSettings): string {
  const lines =
    page === null
      ? ['default_type text/plain;', 'return 200 "ok\\n";']
      : [`root ${page.folder};`, 'try_files /index.html =404;'];
  return `        location = ${NGINX_HEALTH_PATH} {
            access_log off;
            ${lines.join('\n            ')}
        }
`;
}

/** A route with exactly the path of the metrics opens them. */
function metricsLocations(routes: readonly Route[]): string {
  return hiddenMetrics(routes, NGINX_HEALTH_PATH)
    .map((path) => `\n        location = ${path} {\n            return 404;\n        }\n`)
    .join('');
}

function remainder({ routes, page }: NginxSettings): string {
  if (page !== null) return pageLocations(page);
  if (routes.some(({ path }) => path === '/')) return '';
  return `
        location / {
            return 404;
        }
`;
}

/** A missing asset is answered with 404: a browser would try to run the page as a script. */
function pageLocations({ folder, assetsPath }: NginxPage): string {
  return `
        location ${assetsPath} {
            root ${folder};
            try_files $uri =404;
            add_header Cache-Control "public, max-age=31536000, immutable";
        }

        location / {
            root ${folder};
            try_files $uri /index.html;
            add_header Cache-Control "no-cache";
        }
`;
}

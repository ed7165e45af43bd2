import { alreadyTaken, invalidValue, TradingStackError } from '../../errors';
import { checkTexts } from '../../platform/plain-values';
import type { Size } from '../../workload/units/size';
import { checkPath, routeLocation, stickyUpstreams } from './routes';
import type { Route } from './route';

/** What an nginx is told. */
export interface NginxSettings {
  /** Construct path, for messages. */
  readonly where: string;
  readonly routes: readonly Route[];
  /** `null` for none: what no route takes is not found. */
  readonly page: NginxPage | null;
  readonly workers: number;
  readonly maxBodySize: Size;
  /** Headers of every response, beside those of {@link SECURITY_HEADERS} or in their place. */
  readonly headers: Readonly<Record<string, string>>;
  /** Whether something before it ends HTTPS. */
  readonly clientsUseHttps: boolean;
}

/** A single-page application among the image's own files. */
export interface NginxPage {
  /** Folder of `index.html` and all that belongs to it. */
  readonly folder: string;
  /** Path of the files whose names change with their content. */
  readonly assetsPath: string;
}

export const NGINX_PORT = 8080;
/** Not published with the other one: nginx says there how busy it is. */
export const NGINX_STATUS_PORT = 8081;
export const NGINX_STATUS_PATH = '/stub_status';
export const NGINX_HEALTH_PATH = '/healthz';

/**
 * The whole `nginx.conf`. A back end stands in a variable, or in an upstream with `resolve`: both make nginx ask
 * Docker's name server again every two seconds, so a back end that was replaced, or of which there are more now, is
 * found without touching nginx, and one that is not there yet keeps nginx from nothing.
 * Directives: https://nginx.org/en/docs/dirindex.html
 *
 * @throws TradingStackError for a path, a name or a header that would say something else to nginx
 */
export function nginxConfiguration(settings: NginxSettings): string {
  const { where, routes, workers, maxBodySize, clientsUseHttps } = settings;
  checkPaths(settings);
  if (maxBodySize.toBytes() === 0) {
    throw invalidValue(where, 'maxBodySize', String(maxBodySize), 'a size above zero: nginx takes 0 for no limit');
  }
  const headers = headersOf(settings);
  return `worker_processes ${workers};
worker_shutdown_timeout 5s;
pid /tmp/nginx.pid;
error_log stderr warn;

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

    # Without query strings, in which there may be tokens.
    map $request_uri $path_alone {
        "~^(?<before_query>[^?]*)" $before_query;
    }
    log_format requests '$remote_addr [$time_iso8601] "$request_method $path_alone $server_protocol" '
                        '$status $body_bytes_sent $request_time "$http_user_agent" "$upstream_addr"';
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

        add_header_inherit merge;
${headers.map(([name, value]) => `        add_header ${name} "${value}" always;\n        proxy_hide_header ${name};\n`).join('')}
        proxy_http_version 1.1;
        proxy_connect_timeout 3s;
        # An answer that the client is slow to take waits in the back end, not in a file.
        proxy_max_temp_file_size 0;

${healthLocation(settings)}${routes.map((route) => routeLocation(route, clientsUseHttps, where)).join('')}${remainder(settings)}    }

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

/** What a browser may not do with the responses, unless the user says otherwise. */
const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'strict-origin-when-cross-origin',
};

function checkPaths({ where, routes, page }: NginxSettings): void {
  const taken = new Map([[NGINX_HEALTH_PATH, 'the health check']]);
  if (page !== null) {
    taken.set('/', 'the page itself');
    checkPath(page.assetsPath, 'assetsPath', where);
    if (!page.assetsPath.endsWith('/') || page.assetsPath === '/') {
      throw invalidValue(where, 'assetsPath', page.assetsPath, "a path with a slash at its end: '/assets/'");
    }
    taken.set(page.assetsPath, 'the assets of the page');
  }
  for (const { path } of routes) {
    checkPath(path, 'the path of a route', where);
    const by = taken.get(path);
    if (by !== undefined)
      throw alreadyTaken('invalid-value', where, 'the path', path, by, 'Give the route another path');
    taken.set(path, 'another route');
  }
}

function headersOf({ where, headers }: NginxSettings): [string, string][] {
  checkTexts(headers, 'headers', where);
  const asked = new Set<string>();
  for (const [name, value] of Object.entries(headers)) {
    if (!/^[A-Za-z][A-Za-z0-9-]*$/.test(name)) {
      throw invalidValue(where, 'the name of a header', name, "a name such as 'Content-Security-Policy'");
    }
    if (!/^[\x20-\x7e]*$/.test(value) || /["\\$]/.test(value)) {
      throw invalidValue(
        where,
        `the header ${name}`,
        value,
        'printable ASCII without double quotes, backslashes and $',
      );
    }
    // Both would be sent.
    if (asked.has(name.toLowerCase())) {
      throw new TradingStackError(
        'invalid-value',
        where,
        `the header ${name} stands twice, in two spellings`,
        'Leave one of them out',
      );
    }
    asked.add(name.toLowerCase());
  }
  const defaults = Object.entries(SECURITY_HEADERS).filter(([name]) => !asked.has(name.toLowerCase()));
  return [...defaults, ...Object.entries(headers)];
}

/** With a page, nginx is healthy if the page is there too. */
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

function remainder({ routes, page }: NginxSettings): string {
  if (page !== null) return pageLocations(page);
  if (routes.some(({ path }) => path === '/')) return '';
  return `
        location / {
            return 404;
        }
`;
}

/** An asset that is gone is not found: a browser would take the page for a script. */
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

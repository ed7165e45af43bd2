import type { Endpoint } from '../../workload/connections/endpoint';
import type { Route } from './route';

/** One upstream for each back end that needs sticky sessions. */
export function stickyUpstreams(routes: readonly Route[], clientsUseHttps: boolean): string {
  const sticky = routes.filter((route) => route.sticky).map(({ target }) => target.endpoint);
  const names = new Map(sticky.map((endpoint) => [upstreamName(endpoint), endpoint]));
  return [...names]
    .map(
      ([name, { host, port }]) => `
    upstream ${name} {
        zone ${name} 64k;
        server ${host}:${port} resolve fail_timeout=2s;
        sticky cookie ${name} path=/ httponly${clientsUseHttps ? ' secure' : ''} samesite=lax;
    }
`,
    )
    .join('');
}

/** Names in lower case: they are case-insensitive in DNS and nginx. */
function upstreamName({ host, port }: Endpoint): string {
  return `replica_of_${host.toLowerCase()}_${port}`;
}

/** The `location` of a route. */
export function routeLocation(route: Route, clientsUseHttps: boolean): string {
  const { path, target, upgrades, readTimeout } = route;
  const timeout = `${readTimeout.toMilliseconds()}ms`;
  // The rewrite is last: its `break` would end a `set` that follows.
  const pass = [...passTo(route), ...rewrite(route)];
  // A back end outside of the stack may be one of several virtual hosts, and only answers to its own name.
  const host = target.endpoint.hostAndPort().connection().within === null ? target.endpoint.authority : '$http_host';
  return `
        location ${path.endsWith('/') ? '' : '= '}${path} {
            ${pass.join('\n            ')}
            proxy_read_timeout ${timeout};
            proxy_send_timeout ${timeout};
            proxy_set_header Host ${host};
            proxy_set_header X-Real-IP $remote_addr;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_set_header X-Forwarded-Proto ${clientsUseHttps ? 'https' : '$scheme'};
            proxy_set_header X-Forwarded-Host $http_host;
            proxy_set_header Upgrade ${upgrades ? '$websocket' : '""'};
            proxy_set_header Connection ${upgrades ? '$connection_to_backend' : '""'};
        }
`;
}

/**
 * With an address in a variable, each request gets its own list of replicas, so that it can go to the next one even if the
 * list changes meanwhile; with an upstream it would be answered with 502.
 */
function passTo({ target, sticky }: Route): string[] {
  const { host, port } = target.endpoint;
  // DNS does not know a name from /etc/hosts, and its address never changes.
  const isFixed = target.endpoint
    .hostAndPort()
    .connection()
    .extraHosts.some(({ name }) => name === host);
  if (isFixed) return [`proxy_pass http://${host}:${port};`];
  if (sticky) return [`proxy_pass http://${upstreamName(target.endpoint)};`];
  return [`set $backend "${host}:${port}";`, 'proxy_pass http://$backend;'];
}

/** Replaces the path of the route with that of the endpoint, or prepends the path of the endpoint. */
function rewrite({ path, target, stripPath }: Route): string[] {
  const base = target.endpoint.path.replace(/\/$/, '');
  // With (?s) the pattern also matches a line break, which a path may contain as %0A.
  if (stripPath) return [`rewrite "(?s)^${path.replace(/\./g, '\\.')}(.*)$" ${base}/$1 break;`];
  return base === '' ? [] : [`rewrite ^ ${base}$uri break;`];
}

import { invalidValue, TradingStackError } from '../../errors';
import { checkDuration, type Duration } from '../../workload/units/duration';
import type { Endpoint } from '../../workload/connections/endpoint';
import type { Route } from './route';

/** Back ends that a browser stays at, once each, for `nginx.conf`. */
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

/** One of its own for each host and port. In small letters: to name servers, and for upstreams to nginx, it is the same. */
function upstreamName({ host, port }: Endpoint): string {
  return `replica_of_${host.toLowerCase()}_${port}`;
}

/**
 * The location of a route, for `nginx.conf`.
 * @throws TradingStackError for a back end that nginx cannot be sent to
 */
export function routeLocation(route: Route, clientsUseHttps: boolean, where: string): string {
  const { path, target, upgrades, readTimeout } = route;
  const timeout = milliseconds(readTimeout, `the readTimeout of the route ${path}`, where);
  // The rewrite is last: its `break` would end a `set` that follows.
  const pass = [...passTo(route, where), ...rewrite(route, where)];
  // Something outside of the stack knows its own name alone, or is one of several behind one address.
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
 * Where a location passes its requests to. With an address in a variable each request has its own list of replicas, so
 * that it can go to the next one even when the list changes meanwhile; an upstream answers 502 then.
 */
function passTo({ path, target, sticky }: Route, where: string): string[] {
  const { host, port, scheme } = target.endpoint;
  if (scheme !== 'http') {
    const fix = 'Name something with HTTP; what wants TLS outside of the stack is asked by a service of its own';
    throw new TradingStackError(
      'invalid-value',
      where,
      `the route ${path} leads to ${host}, which speaks ${scheme}`,
      fix,
    );
  }
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(host)) {
    throw invalidValue(where, `the host of the route ${path}`, host, 'a host name or an IPv4 address');
  }
  // A name that the container has in /etc/hosts is none for a name server, and has one address for good.
  const isFixed = target.endpoint
    .hostAndPort()
    .connection()
    .extraHosts.some(({ name }) => name === host);
  if (isFixed) return [`proxy_pass http://${host}:${port};`];
  if (sticky) return [`proxy_pass http://${upstreamName(target.endpoint)};`];
  return [`set $backend "${host}:${port}";`, 'proxy_pass http://$backend;'];
}

/** What the back end gets in place of the path: without that of the route, below that of its endpoint. */
function rewrite({ path, target, stripPath }: Route, where: string): string[] {
  const base = target.endpoint.path.replace(/\/$/, '');
  if (base !== '') checkPath(base, `the path of the endpoint of the route ${path}`, where);
  // A line break in a path, as %0A, is a character like any other.
  if (stripPath) return [`rewrite "(?s)^${path.replace(/\./g, '\\.')}(.*)$" ${base}/$1 break;`];
  return base === '' ? [] : [`rewrite ^ ${base}$uri break;`];
}

function milliseconds(duration: Duration, property: string, where: string): string {
  checkDuration(duration, property, where);
  if (duration.toMilliseconds() === 0) throw invalidValue(where, property, '0', 'a duration above zero');
  return `${duration.toMilliseconds()}ms`;
}

/** @throws TradingStackError for what is no path in a URL, or what nginx would read as something else in one */
export function checkPath(path: unknown, property: string, where: string): void {
  const reason = typeof path === 'string' ? whyNoPath(path) : 'it is no text';
  if (reason === undefined) return;
  throw new TradingStackError(
    'invalid-value',
    where,
    `${property} cannot be ${typeof path === 'string' ? `'${path}'` : String(path)}: ${reason}`,
    "Give a path with a slash at its start: '/api/' for all below it, '/ws' for itself; it may have letters, digits " +
      'and - . _ ~ @ in it',
  );
}

/** Without anything that nginx reads as an end, a block, a variable, a pattern, a comment or another path. */
function whyNoPath(path: string): string | undefined {
  if (!path.startsWith('/')) return path === '' ? 'it is empty' : `it starts with '${path.charAt(0)}'`;
  const [impossible] = /[^A-Za-z0-9._~@/-]/u.exec(path) ?? [];
  if (impossible !== undefined) return `it has ${JSON.stringify(impossible)} in it`;
  if (path.includes('//')) return 'it has nothing between two slashes';
  const [, dots] = /\/(\.{1,2})(?=\/|$)/.exec(path) ?? [];
  return dots === undefined ? undefined : `it has '${dots}' between its slashes`;
}

/** Where something is reached, as a URL starts with it. */
interface Address {
  readonly scheme: string;
  readonly host: string;
  readonly port: number;
}

/** The parts of a URL. */
interface UrlParts extends Address {
  readonly path: string | undefined;
  /** Empty for a server without users. */
  readonly user: string;
  readonly password: string | undefined;
}

/** A URL with its credentials, which a JDBC driver reads from parameters only. */
export function formatUrl({ scheme, host, port, path, user, password }: UrlParts): string {
  const authority = authorityOf({ scheme, host, port });
  if (scheme.startsWith('jdbc:')) {
    return withParameters(`${scheme}://${authority}${formatPath(path)}`, { user, password: password ?? '' });
  }
  const name = encodeURIComponent(user);
  const credentials = password === undefined ? name : `${name}:${encodeURIComponent(password)}`;
  return `${scheme}://${credentials === '' ? '' : `${credentials}@`}${authority}${formatPath(path)}`;
}

/** Host and port as in a URL: an IPv6 address in brackets, without the scheme's default port. */
export function authorityOf({ scheme, host, port }: Address): string {
  const name = host.includes(':') ? `[${host}]` : host;
  return port === DEFAULT_PORTS.get(scheme) ? name : `${name}:${port}`;
}

/** The path of a URL with its leading slash; empty for a URL without a path. */
export function formatPath(path: string | undefined): string {
  if (path === undefined || path === '') return '';
  return path.startsWith('/') ? path : `/${encodeURIComponent(path)}`;
}

/** Ports that URLs of these schemes leave out. */
const DEFAULT_PORTS: ReadonlyMap<string, number> = new Map([
  ['http', 80],
  ['https', 443],
  ['ws', 80],
  ['wss', 443],
]);

/** The URL with those of the parameters that are not empty. */
function withParameters(url: string, parameters: Readonly<Record<string, string>>): string {
  const given = Object.entries(parameters).filter(([, value]) => value !== '');
  const query = given.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&');
  if (query === '') return url;
  return `${url}${url.includes('?') ? '&' : '?'}${query}`;
}

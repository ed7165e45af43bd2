import type { Construct } from 'constructs';
import { invalidValue, TradingStackError } from '../../errors';
import { checkOptions, type OptionShapes, required } from '../../options/options';
import { Platform } from '../../platform/platform';
import type { ExtraHostSpec } from '../../platform/spec';
import { checkPort } from '../policies/published-port';
import { Secret, SecretDelivery, type SecretRecipe } from '../secrets/secret';
import type { Connection, IConnectable } from './connection';
import { authorityOf, formatPath, formatUrl } from './url';

/** Where and how something is reached over the network. */
export interface EndpointProps {
  /** First part of a URL, without a driver: `postgresql`, `redis`, `http`, `tcp`. */
  readonly scheme: string;
  /** Host name on the stack's network. */
  readonly host: string;
  readonly port: number;
  /** Prefix of the variables: `DATABASE` makes `DATABASE_URL`, `DATABASE_HOST` … */
  readonly envPrefix: string;
  /**
   * What follows host and port in a URL: a database, an index, a virtual host.
   * @default - nothing
   */
  readonly path?: string;
  /**
   * The database, index or virtual host as it is written outside a URL.
   * @default - the path
   */
  readonly name?: string;
  /** @default - none */
  readonly user?: string;
  /** @default - none */
  readonly password?: Secret;
  /** Terraform addresses of what has to be running first. */
  readonly startAfter: readonly string[];
  /**
   * Host names that a consumer has to resolve itself.
   * @default - none
   */
  readonly extraHosts?: readonly ExtraHostSpec[];
}

const ENDPOINT_PROPS: OptionShapes<EndpointProps> = {
  scheme: required('string'),
  host: required('string'),
  port: required('number'),
  envPrefix: required('string'),
  path: 'string',
  name: 'string',
  user: 'string',
  password: Secret,
  startAfter: required(['string']),
  extraHosts: [{ name: required('string'), address: required('string') }],
};

/** Options of {@link Endpoint.url}. */
export interface UrlOptions {
  /**
   * Name of the variable. `_FILE` is appended for a URL with a password that is delivered as a file.
   * @default - the endpoint's own, such as `DATABASE_URL`
   */
  readonly variable?: string;
  /**
   * Driver of the consumer's library: `asyncpg` makes `postgresql+asyncpg://`.
   * @default - none
   */
  readonly driver?: string;
  /**
   * First part of the URL instead of the endpoint's own: `db+postgresql` for the result backend of Celery, and
   * `jdbc:postgresql` for Java. A JDBC URL has user and password as parameters, as its drivers read them.
   * @default - the endpoint's own, with the driver
   */
  readonly scheme?: string;
  /**
   * What follows host and port: the index of a Redis database, a virtual host, an API's base path.
   * @default - the endpoint's own
   */
  readonly path?: string;
  /**
   * How a URL with a password reaches the consumer.
   * @default SecretDelivery.FILE
   */
  readonly delivery?: SecretDelivery;
}

const URL_OPTIONS: OptionShapes<UrlOptions> = {
  variable: 'string',
  driver: 'string',
  scheme: 'string',
  path: 'string',
  delivery: 'string',
};

/** Options of {@link Endpoint.hostAndPort}. */
export interface HostAndPortOptions {
  /** @default - the endpoint's own, such as `REDIS_HOST` */
  readonly host?: string;
  /** @default - the endpoint's own, such as `REDIS_PORT` */
  readonly port?: string;
}

const HOST_AND_PORT_OPTIONS: OptionShapes<HostAndPortOptions> = { host: 'string', port: 'string' };

/** Options of {@link Endpoint.parts}: the names of the variables. */
export interface PartsOptions extends HostAndPortOptions {
  /** @default - the endpoint's own, such as `DATABASE_NAME` */
  readonly name?: string;
  /** @default - the endpoint's own, such as `DATABASE_USER` */
  readonly user?: string;
  /**
   * `_FILE` is appended if it is delivered as a file.
   * @default - the endpoint's own, such as `DATABASE_PASSWORD`
   */
  readonly password?: string;
  /** @default SecretDelivery.FILE */
  readonly delivery?: SecretDelivery;
}

const PARTS_OPTIONS: OptionShapes<PartsOptions> = {
  ...HOST_AND_PORT_OPTIONS,
  name: 'string',
  user: 'string',
  password: 'string',
  delivery: 'string',
};

/** `feature_api` makes `FEATURE_API`, the prefix of its consumers' variables. */
export function variablesFor(id: string): string {
  return id.toUpperCase().replace(/[^A-Z0-9]/g, '_');
}

/**
 * Offers a consumer the address of something in the shape that its program reads: a URL, host and port, or all parts in
 * separate variables. Each shape can be listed in `uses`; listing the endpoint itself is the same as
 * `url()`.
 *
 * @example
 * uses: [database.endpoint.url({ driver: 'asyncpg' }), cache.endpoint.hostAndPort()]
 */
export class Endpoint implements IConnectable {
  readonly scheme: string;
  readonly host: string;
  readonly port: number;

  /** This endpoint, so that a route can lead to a second HTTP interface: `Route.http('/vnc/', desktop.socket('vnc'))`. */
  get endpoint(): this {
    return this;
  }

  /**
   * @param owner what is reached; a URL with a password becomes a secret of it
   * @throws TradingStackError for an unknown option, and if the port is out of range
   */
  constructor(
    private readonly owner: Construct,
    private readonly props: EndpointProps,
  ) {
    checkOptions(props, ENDPOINT_PROPS, owner.node.path);
    this.scheme = props.scheme;
    this.host = props.host;
    this.port = checkPort(props.port, owner.node.path);
  }

  connection(): Connection {
    return this.url().connection();
  }

  /** Host and port as in a URL: an IPv6 address in brackets, without the scheme's default port. */
  get authority(): string {
    return authorityOf(this);
  }

  /** Path of its own URL, with a leading slash; empty if it has none. */
  get path(): string {
    return formatPath(this.props.path);
  }

  /**
   * One variable with a URL.
   * @throws TradingStackError for an unknown option, if the driver is not a name, and if the scheme is invalid, or set
   *   together with a driver
   */
  url(options: UrlOptions = {}): IConnectable {
    checkOptions(options, URL_OPTIONS, this.owner.node.path);
    const { variable = `${this.props.envPrefix}_URL`, delivery = SecretDelivery.FILE } = options;
    const { password } = this.props;
    if (password === undefined) return this.connectable({ [variable]: this.formatUrl(options, undefined) }, {});
    return this.connectable({}, { [variable]: { secret: this.secretUrl(options, password), delivery } });
  }

  /**
   * Two variables, without credentials.
   * @throws TradingStackError for an unknown option
   */
  hostAndPort(options: HostAndPortOptions = {}): IConnectable {
    checkOptions(options, HOST_AND_PORT_OPTIONS, this.owner.node.path);
    return this.connectable(this.hostAndPortVariables(options), {});
  }

  /**
   * A variable for each part that the endpoint has: host, port, name, user, password.
   * @throws TradingStackError for an unknown option
   */
  parts(options: PartsOptions = {}): IConnectable {
    checkOptions(options, PARTS_OPTIONS, this.owner.node.path);
    const { envPrefix, path, name = path, user, password } = this.props;
    const environment = {
      ...this.hostAndPortVariables(options),
      ...(name !== undefined && { [options.name ?? `${envPrefix}_NAME`]: name }),
      ...(user !== undefined && { [options.user ?? `${envPrefix}_USER`]: user }),
    };
    if (password === undefined) return this.connectable(environment, {});
    const variable = options.password ?? `${envPrefix}_PASSWORD`;
    const delivery = options.delivery ?? SecretDelivery.FILE;
    return this.connectable(environment, { [variable]: { secret: password, delivery } });
  }

  private hostAndPortVariables(options: HostAndPortOptions): Record<string, string> {
    const { envPrefix } = this.props;
    return {
      [options.host ?? `${envPrefix}_HOST`]: this.host,
      [options.port ?? `${envPrefix}_PORT`]: String(this.port),
    };
  }

  private secretUrl(options: UrlOptions, password: Secret): SecretRecipe {
    const id = ['url', options.scheme, options.driver, options.path].filter(Boolean).join('_');
    return {
      owner: this.owner,
      id: id.replace(/[^A-Za-z0-9_]/g, '-'),
      key: this.formatUrl(options, ''),
      parts: { password },
      compose: (contents) => this.formatUrl(options, contents.password),
    };
  }

  private formatUrl(options: UrlOptions, password: string | undefined): string {
    const { user = '' } = this.props;
    const { path = this.props.path } = options;
    const { host, port } = this;
    return formatUrl({ scheme: this.schemeOf(options), host, port, path, user, password });
  }

  private schemeOf({ scheme, driver }: UrlOptions): string {
    const where = this.owner.node.path;
    if (driver !== undefined && !/^[a-z0-9_.-]+$/i.test(driver)) {
      throw invalidValue(where, 'driver', driver, "the name of a driver, such as 'asyncpg'");
    }
    if (scheme === undefined) return driver === undefined ? this.scheme : `${this.scheme}+${driver}`;
    if (!/^[a-z][a-z0-9+.-]*(:[a-z][a-z0-9+.-]*)*$/i.test(scheme)) {
      throw invalidValue(where, 'scheme', scheme, "the first part of a URL, without '://': 'db+postgresql'");
    }
    // Drivers compare it with case, and the credentials are in other places of such a URL.
    if (/^jdbc:/i.test(scheme) && !scheme.startsWith('jdbc:')) {
      throw invalidValue(where, 'scheme', scheme, `lower case for JDBC: 'jdbc${scheme.slice('jdbc'.length)}'`);
    }
    if (driver === undefined) return scheme;
    const fix = `Remove \`driver\`, or write it into the scheme: '${scheme}+${driver}'`;
    throw new TradingStackError('option-conflict', where, 'a URL has both `scheme` and `driver`', fix);
  }

  private connectable(environment: Connection['environment'], secrets: Connection['secrets']): IConnectable {
    const { startAfter, extraHosts = hostsFor(this.host) } = this.props;
    const within = startAfter.length > 0 ? Platform.of(this.owner).path : null;
    const from = this.owner.node.path;
    const host = within === null ? {} : { host: this.host };
    const endpoint = { host: this.host, port: this.port, protocol: this.scheme };
    const connection = { from, within, ...host, endpoint, environment, secrets, startAfter, extraHosts };
    return { connection: () => connection };
  }
}

/** Docker Desktop's name for the host; on a plain engine, `host-gateway` resolves it. */
export const HOST_OF_CONTAINERS = 'host.docker.internal';

/** What a container has to resolve by itself to connect to a host. */
export function hostsFor(host: string): ExtraHostSpec[] {
  return host === HOST_OF_CONTAINERS ? [{ name: HOST_OF_CONTAINERS, address: 'host-gateway' }] : [];
}

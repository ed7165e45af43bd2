import type { Construct } from 'constructs';
import { invalidValue } from '../../errors';
import { contentHash } from '../../platform/content-hash';
import { checkText } from '../../platform/plain-values';
import { Platform } from '../../platform/platform';
import type { Connection, IConnectable } from './connection';
import type { ExtraHostSpec } from '../../platform/spec';
import { checkPort } from '../policies/published-port';
import { Secret, SecretDelivery } from '../secrets/secret';

/** Where and how something is reached over the network. */
export interface EndpointProps {
  /** First part of a URL, without a driver: `postgresql`, `redis`, `http`, `tcp`. */
  readonly scheme: string;
  /** Name on the stack's network. */
  readonly host: string;
  readonly port: number;
  /** Start of the names of variables: `DATABASE` makes `DATABASE_URL`, `DATABASE_HOST` … */
  readonly envPrefix: string;
  /**
   * What follows host and port in a URL: a database, an index, a virtual host.
   * @default - nothing
   */
  readonly path?: string;
  /**
   * What the path means, where it stands outside of a URL.
   * @default - the path
   */
  readonly name?: string;
  /** @default - none */
  readonly user?: string;
  /** @default - none */
  readonly password?: Secret;
  /** Terraform addresses of what has to be up first. */
  readonly startAfter: readonly string[];
  /**
   * Names that a consumer has to resolve by itself.
   * @default - none
   */
  readonly extraHosts?: readonly ExtraHostSpec[];
}

/** Options of {@link Endpoint.url}. */
export interface UrlOptions {
  /**
   * Name of the variable; with a password in the URL and file delivery, `_FILE` is added to it.
   * @default - the endpoint's own, such as `DATABASE_URL`
   */
  readonly variable?: string;
  /**
   * Driver of the consumer's library: `asyncpg` makes `postgresql+asyncpg://`.
   * @default - none
   */
  readonly driver?: string;
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

/** Options of {@link Endpoint.hostAndPort}. */
export interface HostAndPortOptions {
  /** @default - the endpoint's own, such as `REDIS_HOST` */
  readonly host?: string;
  /** @default - the endpoint's own, such as `REDIS_PORT` */
  readonly port?: string;
}

/** Options of {@link Endpoint.parts}: the names of the variables. */
export interface PartsOptions extends HostAndPortOptions {
  /** @default - the endpoint's own, such as `DATABASE_NAME` */
  readonly name?: string;
  /** @default - the endpoint's own, such as `DATABASE_USER` */
  readonly user?: string;
  /**
   * With file delivery, `_FILE` is added to it.
   * @default - the endpoint's own, such as `DATABASE_PASSWORD`
   */
  readonly password?: string;
  /** @default SecretDelivery.FILE */
  readonly delivery?: SecretDelivery;
}

/** `feature_api` makes `FEATURE_API`, the start of the names of variables. */
export function variablesFor(id: string): string {
  return id.toUpperCase().replace(/[^A-Z0-9]/g, '_');
}

/**
 * The ways in which a consumer can be told where something is. Each of them goes into `uses`; an endpoint itself goes
 * there too, as a URL.
 *
 * @example
 * uses: [database.endpoint.url({ driver: 'asyncpg' }), cache.endpoint.hostAndPort()]
 */
export class Endpoint implements IConnectable {
  readonly scheme: string;
  readonly host: string;
  readonly port: number;
  private readonly secretUrls = new Map<string, Secret>();

  /**
   * @param owner what is reached; a URL with a password becomes a secret of it
   * @throws TradingStackError if the port is not one
   */
  constructor(
    private readonly owner: Construct,
    private readonly props: EndpointProps,
  ) {
    checkText(props.envPrefix, 'variables', owner.node.path);
    if (props.user !== undefined) checkText(props.user, 'user', owner.node.path);
    this.scheme = props.scheme;
    this.host = props.host;
    this.port = checkPort(props.port, owner.node.path);
  }

  connection(): Connection {
    return this.url().connection();
  }

  /** Host and port as in a URL: an IPv6 address in brackets, and no port that the scheme has anyway. */
  get authority(): string {
    const host = this.host.includes(':') ? `[${this.host}]` : this.host;
    return this.port === DEFAULT_PORTS.get(this.scheme) ? host : `${host}:${this.port}`;
  }

  /** What follows that in its own URL, with a slash at its start; empty for nothing. */
  get path(): string {
    return formatPath(this.props.path);
  }

  /** One variable with a URL. */
  url(options: UrlOptions = {}): IConnectable {
    const { variable = `${this.props.envPrefix}_URL`, delivery = SecretDelivery.FILE } = options;
    const { password } = this.props;
    if (password === undefined) return this.connectable({ [variable]: this.formatUrl(options, undefined) }, {});
    const secret = this.secretUrl(options, password);
    return this.connectable({}, { [variable]: { secret, delivery } });
  }

  /** Two variables, without credentials. */
  hostAndPort(options: HostAndPortOptions = {}): IConnectable {
    return this.connectable(this.hostAndPortVariables(options), {});
  }

  /** A variable for each part: host, port, name, user, password, as far as the endpoint has them. */
  parts(options: PartsOptions = {}): IConnectable {
    const { envPrefix: variables, path, name = path, user, password } = this.props;
    const environment = {
      ...this.hostAndPortVariables(options),
      ...(name !== undefined && { [options.name ?? `${variables}_NAME`]: name }),
      ...(user !== undefined && { [options.user ?? `${variables}_USER`]: user }),
    };
    if (password === undefined) return this.connectable(environment, {});
    const variable = options.password ?? `${variables}_PASSWORD`;
    const delivery = options.delivery ?? SecretDelivery.FILE;
    return this.connectable(environment, { [variable]: { secret: password, delivery } });
  }

  private hostAndPortVariables(options: HostAndPortOptions): Record<string, string> {
    const { envPrefix: variables } = this.props;
    return {
      [options.host ?? `${variables}_HOST`]: this.host,
      [options.port ?? `${variables}_PORT`]: String(this.port),
    };
  }

  /** Consumers that want the same URL share one secret. */
  private secretUrl(options: UrlOptions, password: Secret): Secret {
    const form = this.formatUrl(options, '');
    const existing = this.secretUrls.get(form);
    if (existing !== undefined) return existing;
    const readable = ['url', options.driver, options.path]
      .filter(Boolean)
      .join('_')
      .replace(/[^A-Za-z0-9_]/g, '-');
    const isTaken = this.owner.node.tryFindChild(readable) !== undefined;
    const secret = Secret.derived(this.owner, isTaken ? `${readable}_${contentHash(form)}` : readable, {
      parts: { password },
      compose: (contents) => this.formatUrl(options, contents.password),
    });
    this.secretUrls.set(form, secret);
    return secret;
  }

  private formatUrl(options: UrlOptions, password: string | undefined): string {
    const { scheme, user = '' } = this.props;
    const { driver, path = this.props.path } = options;
    if (driver !== undefined && !/^[a-z0-9_.-]+$/i.test(driver)) {
      throw invalidValue(this.owner.node.path, 'the driver', driver, "a driver's name, such as 'asyncpg'");
    }
    if (path !== undefined && typeof path !== 'string') {
      throw invalidValue(this.owner.node.path, 'the path', path, `a text: '${String(path)}'`);
    }
    const name = encodeURIComponent(user);
    const credentials = password === undefined ? name : `${name}:${encodeURIComponent(password)}`;
    const start = `${scheme}${driver === undefined ? '' : `+${driver}`}://`;
    return `${start}${credentials === '' ? '' : `${credentials}@`}${this.authority}${formatPath(path)}`;
  }

  private connectable(environment: Connection['environment'], secrets: Connection['secrets']): IConnectable {
    const { startAfter, extraHosts = [] } = this.props;
    const within = startAfter.length > 0 ? Platform.of(this.owner).path : null;
    const connection = { from: this.owner.node.path, within, environment, secrets, startAfter, extraHosts };
    return { connection: () => connection };
  }
}

/** Of the schemes for which everybody leaves the port out. */
const DEFAULT_PORTS: ReadonlyMap<string, number> = new Map([
  ['http', 80],
  ['https', 443],
  ['ws', 80],
  ['wss', 443],
]);

function formatPath(path: string | undefined): string {
  if (path === undefined || path === '') return '';
  return path.startsWith('/') ? path : `/${encodeURIComponent(path)}`;
}

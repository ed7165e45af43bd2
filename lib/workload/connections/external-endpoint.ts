import { Construct } from 'constructs';
import { invalidValue, TradingStackError } from '../../errors';
import { checkOptions, type OptionShapes, required } from '../../options/options';
import { isHost } from '../policies/name-resolution';
import { Secret } from '../secrets/secret';
import type { Connection, IConnectable } from './connection';
import { Endpoint, HOST_OF_CONTAINERS, variablesFor } from './endpoint';

/** Properties of an {@link ExternalEndpoint}. */
export interface ExternalEndpointProps {
  /**
   * Host name or IP address only. The other parts of a URL have options of their own.
   * @default - the machine that the containers run on
   */
  readonly host?: string;
  /** A URL leaves out the default port of its scheme: 443 for `https`, 80 for `http`. */
  readonly port: number;
  /** @default 'tcp' */
  readonly scheme?: string;
  /**
   * Prefix of a consumer's variables: `MT5_GATEWAY` makes `MT5_GATEWAY_URL`.
   * @default - the id in upper case
   */
  readonly envPrefix?: string;
  /**
   * What follows host and port in a URL.
   * @default - nothing
   */
  readonly path?: string;
  /** @default - none */
  readonly user?: string;
  /**
   * With a password, the URL becomes a secret of the stack.
   * @default - none
   */
  readonly password?: Secret;
}

const EXTERNAL_ENDPOINT_PROPS: OptionShapes<ExternalEndpointProps> = {
  host: 'string',
  port: required('number'),
  scheme: 'string',
  envPrefix: 'string',
  path: 'string',
  user: 'string',
  password: Secret,
};

/**
 * Something that the stack uses but does not run: a gateway on the host, a managed database, an exchange's paper API.
 *
 * @example
 * const gateway = new ExternalEndpoint(stack, 'mt5_gateway', { port: 5555 });
 * new StrategyRunner(stack, 'strategy_runner', { image, uses: [gateway] });
 */
export class ExternalEndpoint extends Construct implements IConnectable {
  readonly endpoint: Endpoint;

  /** @throws TradingStackError if the host, the port or the scheme is invalid */
  constructor(scope: Construct, id: string, props: ExternalEndpointProps) {
    super(scope, id);
    checkOptions(props, EXTERNAL_ENDPOINT_PROPS, this.node.path);
    const { host, port, scheme = 'tcp', path, user, password } = props;
    if (host !== undefined && !isHost(host)) throw notAHost(this.node.path, host);
    if (!/^[A-Za-z][A-Za-z0-9+.-]*$/.test(scheme)) {
      throw invalidValue(this.node.path, 'scheme', scheme, "the first part of a URL, without '://': 'https'");
    }
    this.endpoint = new Endpoint(this, {
      scheme,
      port,
      host: host ?? HOST_OF_CONTAINERS,
      envPrefix: props.envPrefix ?? variablesFor(id),
      ...(path !== undefined && { path }),
      ...(user !== undefined && { user }),
      ...(password !== undefined && { password }),
      startAfter: [],
    });
  }

  connection(): Connection {
    return this.endpoint.connection();
  }
}

/** What precedes an `@` may be a password, so the error does not show it. */
function notAHost(where: string, host: string): TradingStackError {
  if (host.includes('@')) {
    return new TradingStackError(
      'invalid-host',
      where,
      'host contains a user or a password before an @',
      'Set host to the part after the @, `user` to the user, and `password` to a Secret',
    );
  }
  const url = /^(?<scheme>[a-z][a-z0-9+.-]*):\/\/(?<host>[^:/?#]*)/i.exec(host)?.groups;
  return new TradingStackError(
    'invalid-host',
    where,
    `host '${host}' is not a host name or an IP address`,
    url?.host !== undefined && isHost(url.host)
      ? `Write host: '${url.host}', scheme: '${url.scheme ?? 'tcp'}'`
      : "Set host to a host name or an IP address only, such as 'paper-api.alpaca.markets'",
  );
}

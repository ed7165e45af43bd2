import { Construct } from 'constructs';
import { invalidValue, TradingStackError, wrongSpelling } from '../../errors';
import { hasForm } from '../../platform/plain-values';
import type { Connection, IConnectable } from './connection';
import { Endpoint, variablesFor } from './endpoint';
import { isHost } from '../policies/name-resolution';
import { checkSecret, type Secret } from '../secrets/secret';

/** Properties of an {@link ExternalEndpoint}. */
export interface ExternalEndpointProps {
  /**
   * Host name or IP address alone: what else is in a URL has options of its own.
   * @default - the host that the containers run on
   */
  readonly host?: string;
  /** Left out of a URL whose scheme has it anyway: 443 of `https`, 80 of `http`. */
  readonly port: number;
  /** @default 'tcp' */
  readonly scheme?: string;
  /**
   * Start of the names of a consumer's variables: `MT5_GATEWAY` makes `MT5_GATEWAY_URL`.
   * @default - the id in capitals
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
   * With one, a URL becomes a secret of the stack.
   * @default - none
   */
  readonly password?: Secret;
}

/**
 * Something that the stack uses and does not run: a gateway on the host, a managed database, an exchange's paper API.
 *
 * @example
 * const gateway = new ExternalEndpoint(stack, 'mt5_gateway', { port: 5555 });
 * new StrategyRunner(stack, 'strategy_runner', { image, uses: [gateway] });
 */
export class ExternalEndpoint extends Construct implements IConnectable {
  readonly endpoint: Endpoint;

  /** @throws TradingStackError if host, port or scheme is none */
  constructor(scope: Construct, id: string, props: ExternalEndpointProps) {
    super(scope, id);
    const { host, port, scheme = 'tcp', path, user, password } = props;
    if (host !== undefined && !isHost(host)) throw wrongHost(this.node.path, host);
    if (!hasForm(scheme, /^[A-Za-z][A-Za-z0-9+.-]*$/)) {
      throw invalidValue(this.node.path, 'scheme', scheme, "the first part of a URL, without '://': 'https'");
    }
    if (password !== undefined) checkSecret(password, 'password', this.node.path);
    this.endpoint = new Endpoint(this, {
      scheme,
      port,
      host: host ?? HOST_OF_CONTAINERS,
      envPrefix: props.envPrefix ?? variablesFor(id),
      ...(path !== undefined && { path }),
      ...(user !== undefined && { user }),
      ...(password !== undefined && { password }),
      startAfter: [],
      extraHosts: host === undefined ? [{ name: HOST_OF_CONTAINERS, address: 'host-gateway' }] : [],
    });
  }

  connection(): Connection {
    return this.endpoint.connection();
  }
}

/** What stands before an `@` may be a password: no message shows it. */
function wrongHost(where: string, host: unknown): TradingStackError {
  if (typeof host === 'string' && /^([a-z][a-z0-9+.-]*:\/\/)?[^/]*@/i.test(host)) {
    return new TradingStackError(
      'invalid-value',
      where,
      'host has a user or a password before an @',
      'Give the host alone, the user as `user`, and the password as a Secret in `password`',
    );
  }
  const parts = typeof host === 'string' ? /^(?<scheme>[a-z][a-z0-9+.-]*):\/\/(?<rest>.*)$/i.exec(host)?.groups : null;
  const rest = parts?.rest?.replace(/[:/?#].*$/, '') ?? '';
  if (parts?.scheme === undefined || !isHost(rest)) {
    return invalidValue(where, 'host', host, "a host name or an IP address alone: 'paper-api.alpaca.markets'");
  }
  return wrongSpelling(where, 'host', host, `host: '${rest}', scheme: '${parts.scheme}'`);
}

/** The name that Docker Desktop gives the host; a plain engine maps it with `host-gateway`. */
const HOST_OF_CONTAINERS = 'host.docker.internal';

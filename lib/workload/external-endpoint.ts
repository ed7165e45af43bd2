import { Construct } from 'constructs';
import type { Connection, IConnectable } from './connection';
import { Endpoint, variablesFor } from './endpoint';
import type { Secret } from './secret';

/** Properties of an {@link ExternalEndpoint}. */
export interface ExternalEndpointProps {
  /**
   * Host name or address.
   * @default - the host that the containers run on
   */
  readonly host?: string;
  readonly port: number;
  /** @default 'tcp' */
  readonly scheme?: string;
  /**
   * Start of the names of a consumer's variables: `MT5_GATEWAY` makes `MT5_GATEWAY_URL`.
   * @default - the id in capitals
   */
  readonly variables?: string;
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

  constructor(scope: Construct, id: string, props: ExternalEndpointProps) {
    super(scope, id);
    const { host, port, scheme = 'tcp', path, user, password } = props;
    this.endpoint = new Endpoint(this, {
      scheme,
      port,
      host: host ?? HOST_OF_CONTAINERS,
      variables: props.variables ?? variablesFor(id),
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

/** The name that Docker Desktop gives the host; a plain engine maps it with `host-gateway`. */
const HOST_OF_CONTAINERS = 'host.docker.internal';

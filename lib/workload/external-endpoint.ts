import { Construct } from 'constructs';
import { checkHostName } from '../platform/naming';
import type { Connection, IConnectable } from './connection';
import { Endpoint } from './endpoint';

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
}

/**
 * Something that the stack uses and does not run: a gateway on the host, an exchange's paper API.
 *
 * @example
 * const gateway = new ExternalEndpoint(stack, 'mt5_gateway', { port: 5555 });
 * new StrategyRunner(stack, 'strategy_runner', { image, uses: [gateway] });
 */
export class ExternalEndpoint extends Construct implements IConnectable {
  readonly endpoint: Endpoint;

  constructor(scope: Construct, id: string, props: ExternalEndpointProps) {
    super(scope, id);
    const { host, port, scheme = 'tcp', path } = props;
    this.endpoint = new Endpoint(this, {
      scheme,
      port,
      host: host ?? HOST_OF_CONTAINERS,
      variables: props.variables ?? checkHostName(id, 'the id', this.node.path).toUpperCase().replace(/-/g, '_'),
      ...(path !== undefined && { path }),
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

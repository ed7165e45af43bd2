import { Construct } from 'constructs';
import { TradingStackError } from '../../errors';
import { checkOptions } from '../../options/options';
import { checkAlias, checkDockerName } from '../../platform/naming';
import { NETWORK_OPTIONS, type NetworkOptions } from '../../platform/network';
import { Platform } from '../../platform/platform';
import type { NetworkAttachmentSpec } from '../../platform/spec';

/** A network that a workload can be on: a {@link Network}, that of the stack, or one that exists on the engine. */
export interface INetwork {
  /**
   * The attachment of a workload.
   * @throws TradingStackError if the network is of another stack, or an alias is invalid
   */
  attach(platform: Platform, where: string): NetworkAttachmentSpec;
}

/** A network as a workload refers to it. */
export class NetworkReference implements INetwork {
  /** @internal */
  constructor(
    private readonly locate: (platform: Platform, where: string) => Pick<NetworkAttachmentSpec, 'id' | 'name'>,
    private readonly aliases: readonly string[] = [],
  ) {}

  /** The same network, on which the workload has further names. */
  withAliases(...aliases: readonly string[]): NetworkReference {
    return new NetworkReference(this.locate, [...this.aliases, ...aliases]);
  }

  attach(platform: Platform, where: string): NetworkAttachmentSpec {
    const aliases = this.aliases.map((alias) => checkAlias(alias, 'the alias', where));
    return { ...this.locate(platform, where), aliases };
  }
}

/**
 * A network in addition to the stack's own. A workload with `networks` joins only these; list the network of the stack
 * too if it should stay on it.
 *
 * @example
 * const market = new Network(stack, 'market', { internal: true });
 * new Workload(stack, 'feed', { image, networks: [stack.network, market] });
 * @example
 * new Workload(stack, 'web', { image, networks: [stack.network, Network.fromName('traefik')] });
 */
export class Network extends Construct implements INetwork {
  /**
   * A network that exists on the engine, and that something else manages. On a Swarm it has to be an overlay.
   * @param name of the network on the engine
   */
  static fromName(name: string): NetworkReference {
    return new NetworkReference((platform, where) => {
      checkDockerName(name, 'the name of the network', where);
      return { id: platform.existingNetwork(name), name };
    });
  }

  private readonly reference: NetworkReference;

  /** @throws TradingStackError for an unknown option, and if the name or the subnet is invalid or taken */
  constructor(scope: Construct, id: string, props: NetworkOptions = {}) {
    super(scope, id);
    checkOptions(props, NETWORK_OPTIONS, this.node.path);
    const own = Platform.of(this);
    const network = own.createNetwork(this, 'Default', { ...props, name: props.name ?? `${own.prefix}-${id}` });
    this.reference = new NetworkReference(within(own, this.node.path, network));
  }

  /** This network, on which the workload has further names. */
  withAliases(...aliases: readonly string[]): NetworkReference {
    return this.reference.withAliases(...aliases);
  }

  attach(platform: Platform, where: string): NetworkAttachmentSpec {
    return this.reference.attach(platform, where);
  }
}

/** The network of a stack. */
export function networkOf(platform: Platform): NetworkReference {
  const { network: id, networkSpec } = platform;
  return new NetworkReference(within(platform, platform.path, { id, name: networkSpec.name }));
}

type Located = Pick<NetworkAttachmentSpec, 'id' | 'name'>;

function within(own: Platform, path: string, network: Located): (platform: Platform, where: string) => Located {
  return (platform, where) => {
    if (platform === own) return network;
    throw new TradingStackError(
      'dependency-not-reachable',
      where,
      `the network ${path} belongs to another stack`,
      `Use Network.fromName('${network.name}'), and deploy that stack first`,
    );
  };
}

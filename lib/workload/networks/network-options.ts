import { type OptionShapes, required } from '../../options/options';
import type { ExtraHostSpec } from '../../platform/spec';
import type { NamespaceOwner } from './namespaces';
import type { INetwork } from './network';

/** Options of every workload for its networks, and for the names that it resolves. */
export interface WorkloadNetworkOptions {
  /** @default - none */
  readonly extraHosts?: readonly ExtraHostSpec[];
  /**
   * Name servers.
   * @default - the engine's own
   */
  readonly dns?: readonly string[];
  /**
   * Domains in which names without a dot are looked up.
   * @default - the engine's own
   */
  readonly dnsSearch?: readonly string[];
  /**
   * Options of `resolv.conf`: `ndots:1`.
   * @default - the engine's own
   */
  readonly dnsOptions?: readonly string[];
  /**
   * Networks that it is on. Everything that it uses has to be on one of them.
   * @default - the network of the stack
   */
  readonly networks?: readonly INetwork[];
  /**
   * `'host'` for the network of the host itself, `'none'` for no network, or a workload whose network it shares, such as a
   * VPN client. Its ports are then those of the host or of that workload, so it has no `ports`, `networks` or `aliases`.
   * Others reach it at `host.docker.internal`, or at the name of that workload.
   * @default - a network of its own on `networks`
   */
  readonly networkMode?: 'host' | 'none' | NamespaceOwner;
}

/** The shapes of {@link WorkloadNetworkOptions}. */
export const NETWORK_PROPS: OptionShapes<WorkloadNetworkOptions> = {
  extraHosts: [{ name: required('string'), address: required('string') }],
  dns: ['string'],
  dnsSearch: ['string'],
  dnsOptions: ['string'],
  networks: ['object'],
  networkMode: 'any',
};

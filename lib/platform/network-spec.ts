/** The network of a stack. */
export interface NetworkSpec {
  readonly name: string;
  /** `null` lets the engine choose a subnet. */
  readonly addresses: { readonly subnet: string; readonly gateway: string } | null;
  /** Without a route to the outside. */
  readonly internal: boolean;
  /** Options of its driver. */
  readonly driverOptions: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
}

/** A network that a workload is on. */
export interface NetworkAttachmentSpec {
  /** Expression: the id of the network. */
  readonly id: string;
  /** Name on the engine, for messages and reports. */
  readonly name: string;
  /** DNS names on this network in addition to those of the workload. */
  readonly aliases: readonly string[];
}

/** A namespace of the host, another mode, or that of another container, whose id is an expression. */
export type NamespaceSpec<Mode extends string> = Mode | { readonly container: string; readonly name: string };

/** What a workload shares; `null` for one of its own, as the engine creates it. */
export interface NamespacesSpec {
  readonly network: NamespaceSpec<'host' | 'none'> | null;
  readonly pid: NamespaceSpec<'host'> | null;
  readonly ipc: NamespaceSpec<'host' | 'none' | 'private' | 'shareable'> | null;
}

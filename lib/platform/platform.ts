import { TerraformBackend, type TerraformProvider, TerraformStack } from 'cdktf';
import { Construct, type IConstruct } from 'constructs';
import { noPlatform, TradingStackError } from '../errors';
import { Claims } from './claims';
import type { ContainerEngine } from './container-engine';
import { ImageRegistry } from './images/image-registry';
import { checkDockerName, hostName, previousName, SERVICE_LABEL, shownPath } from './naming';
import { claimPort, onHost } from './ports';
import { ProjectDirectory } from './project';
import { terraformId } from './terraform';
import {
  type LoggedWorkload,
  type LoggingSpec,
  type MachineSpec,
  networkNames,
  type NetworkSpec,
  type RestartSpec,
  type WorkloadSpec,
} from './spec';
import { type SecretHandle, SecretStore } from './secrets/secret-store';
import { type NetworkOptions, StackNetwork } from './network';
import { VolumeRegistry } from './volumes';
import { annotateAtSynthesis } from './warnings';

/**
 * Key in the app's context: the engine of every stack without a `host`, from the command line or from `cdktf.json`.
 */
export const HOST_CONTEXT = 'dockerHost';

/** The defaults of every workload of a stack. */
export interface PlatformDefaults {
  readonly logging: (workload: LoggedWorkload) => LoggingSpec;
  readonly restart: RestartSpec;
  readonly labels: Readonly<Record<string, string>>;
  /** What is added to the host port of every published port. */
  readonly hostPortOffset: number;
  /** Seconds between the stop signal and the kill. */
  readonly stopGracePeriodSeconds: number;
}

/** Properties of a {@link Platform}. */
export interface PlatformProps {
  readonly engine: ContainerEngine;
  /** Prefix of the name of every container, service and volume. */
  readonly prefix: string;
  readonly network: NetworkOptions;
  readonly defaults: PlatformDefaults;
  /** What the machine of the engine is declared to have; `null` without that. */
  readonly machine: MachineSpec | null;
  /** Path from the stack's output folder to the project's folder. */
  readonly projectDirectory: string;
}

/** A container, or a service with all of its replicas, for reports. */
export interface RegisteredWorkload {
  readonly spec: WorkloadSpec;
  /** Terraform address. */
  readonly address: string;
}

/** The environment of the constructs of one Terraform stack: engine, network, names and defaults. */
export class Platform extends Construct {
  /**
   * The platform of the stack that a construct is in.
   * @throws TradingStackError `outside-stack` if it is not inside a stack
   */
  static of(construct: IConstruct): Platform {
    for (const scope of [...construct.node.scopes].reverse()) {
      const platform = platformOf.get(scope);
      if (platform !== undefined) return platform;
    }
    throw noPlatform(shownPath(construct));
  }

  readonly engine: ContainerEngine;
  /** Id of the stack, as the commands take it. */
  readonly stackId: string;
  readonly prefix: string;
  readonly defaults: PlatformDefaults;
  /** What the machine of the engine is declared to have; `null` without that. */
  readonly machine: MachineSpec | null;
  readonly projectDirectory: ProjectDirectory;
  /** The folder with the secret files of the stack. */
  readonly secretStore: SecretStore;
  /** The Terraform provider, for what this library does not know: `provider.addOverride('ssh_opts', […])`. */
  readonly provider: TerraformProvider;
  /** Expression: the id of the network. */
  readonly network: string;
  readonly claims: Claims;
  readonly volumes: VolumeRegistry;
  readonly images: ImageRegistry;

  private readonly ownNetwork: StackNetwork;
  /** By the expression of their id. */
  private readonly networks = new Map<string, StackNetwork>();
  private readonly existingNetworks = new Map<string, string>();
  private readonly registered: RegisteredWorkload[] = [];
  private readonly adoptedSecrets = new Map<string, SecretHandle>();

  /** @throws TradingStackError if the stack already has a platform, or if its name or network is taken or invalid */
  constructor(scope: Construct, id: string, props: PlatformProps) {
    super(scope, id);
    this.stackId = scope.node.id;
    this.engine = props.engine.at(remoteHostOf(scope));
    this.prefix = checkDockerName(props.prefix, 'the name of the stack', scope.node.path);
    this.defaults = props.defaults;
    this.machine = props.machine;
    this.projectDirectory = new ProjectDirectory(props.projectDirectory);
    this.secretStore = new SecretStore(this.projectDirectory, this.prefix);
    this.claims = Claims.on(this.engine.host, this);
    this.volumes = new VolumeRegistry(this, this.prefix, this.engine, this.claims);
    this.images = new ImageRegistry(this, this.engine);
    this.claims.take({
      code: 'stack-taken',
      kind: 'stack name',
      value: this.prefix,
      owner: scope.node.path,
      fix: 'Set a different `name` on one of the stacks',
    });
    if (platformOf.has(scope)) {
      throw new TradingStackError(
        'duplicate-platform',
        scope.node.path,
        'it already has a platform',
        'Use the `platform` of the stack instead of creating another one',
      );
    }
    platformOf.set(scope, this);
    annotateAtSynthesis(TerraformStack.of(scope));

    this.provider = this.engine.createProvider(this, 'docker');
    this.ownNetwork = new StackNetwork(scope, props.network, {
      prefix: this.prefix,
      labels: this.defaults.labels,
      claims: this.claims,
      optionsOf: 'network.',
    });
    this.network = this.engine.createNetwork(this, 'network', this.networkSpec);
    this.networks.set(this.network, this.ownNetwork);
  }

  /** Construct path of the stack. */
  get path(): string {
    return this.node.scope?.node.path ?? '';
  }

  /** The backend of the state, if there is one already: that of the app, or otherwise the one in this scope. */
  get backend(): TerraformBackend | undefined {
    const constructs = [...(this.node.scope?.node.children ?? []), ...this.node.children];
    return constructs.find((construct) => TerraformBackend.isBackend(construct));
  }

  get networkSpec(): NetworkSpec {
    return this.ownNetwork.spec;
  }

  /** The workloads created so far, in order. */
  get workloads(): readonly RegisteredWorkload[] {
    return [...this.registered];
  }

  /**
   * Creates a further network of the stack.
   * @throws TradingStackError if its name, its Terraform address or its subnet is taken, or its name or subnet is invalid
   */
  createNetwork(scope: Construct, id: string, options: NetworkOptions): { readonly id: string; readonly name: string } {
    const { prefix, claims } = this;
    const context = { prefix, labels: this.defaults.labels, claims, optionsOf: '' } as const;
    const network = new StackNetwork(scope, options, context);
    const logicalId = terraformId(`network_${network.spec.name}`);
    claims.take({
      code: 'network-taken',
      kind: 'Terraform address',
      value: logicalId,
      owner: scope.node.path,
      fix: 'Set a different name on one of them',
      within: `networks of ${prefix}`,
    });
    const expression = this.engine.createNetwork(scope, id, network.spec, logicalId);
    this.networks.set(expression, network);
    return { id: expression, name: network.spec.name };
  }

  /** The expression of the id of a network that something else manages. */
  existingNetwork(name: string): string {
    const known = this.existingNetworks.get(name) ?? this.engine.findNetwork(this, `network-${name}`, name);
    this.existingNetworks.set(name, known);
    return known;
  }

  /**
   * Makes a secret file of this stack known to the engine.
   * @param remedy what to do where the file is missing
   * @throws TradingStackError `secret-taken` if another secret has its file or its Terraform address
   */
  secret(scope: Construct, id: string, name: string, remedy: string): SecretHandle {
    const claim = { code: 'secret-taken', owner: scope.node.path } as const;
    const fix = 'Set a different `name` on one of the secrets';
    const file = this.secretStore.pathOf(name);
    Claims.onProject(this).take({ ...claim, kind: 'secret', value: file, fix: `${fix}, or on one of the stacks` });
    this.claims.take({
      ...claim,
      kind: 'Terraform address',
      value: terraformId(name),
      fix,
      within: `secrets of ${this.prefix}`,
    });
    return this.engine.createSecret(scope, id, this.secretStore.fileOf(name, remedy));
  }

  /** Makes a secret of another stack known to the engine in this one, on the first call. */
  adoptSecret(secret: SecretHandle, owner: Platform): SecretHandle {
    // With its stack in the name, as this stack may have a secret with the same name.
    const name = `${owner.prefix}_${secret.name}`;
    const existing = this.adoptedSecrets.get(name);
    if (existing !== undefined) return existing;
    const adopted = this.engine.createSecret(this, `secret-${name}`, { ...secret, name, stack: this.prefix });
    this.adoptedSecrets.set(name, adopted);
    return adopted;
  }

  /**
   * Reserves what an instance of a workload occupies on the engine: its name, its aliases and address on the network,
   * and its host ports.
   * @throws TradingStackError if any of it is taken, or a port is published on internal networks only
   */
  reserve(spec: WorkloadSpec): void {
    const { name, path: owner } = spec;
    const sameHost = this.registered.some(({ spec: other }) => haveOneHostName(spec, other));
    const fix = sameHost ? RENAME : 'Set `name` on one of them';
    const overlaps = spec.updates?.order === 'start-first' && !this.engine.traits.carriesOutUpdates;
    for (const value of overlaps ? [name, previousName(name)] : [name]) {
      this.claims.take({ code: 'name-taken', kind: 'name', value, owner, fix });
      this.claims.take({
        code: 'name-taken',
        kind: 'Terraform address',
        value: terraformId(value),
        owner,
        fix,
        within: this.prefix,
      });
    }
    for (const alias of networkNames(spec)) {
      const value = alias.toLowerCase();
      const other = `Set \`aliases\` on one of them${alias === value ? '' : '; upper and lower case are the same'}`;
      const rename = sameHost ? RENAME : other;
      this.claims.take({ code: 'alias-taken', kind: 'alias', value, owner, fix: rename, within: this.prefix });
    }
    const isIsolated = spec.networks.every(({ id }) => this.networks.get(id)?.spec.internal === true);
    if (spec.networks.length > 0 && isIsolated && spec.ports.length > 0) {
      const what = `it publishes a port, but is only on internal networks: ${spec.networks.map((one) => one.name).join(', ')}`;
      const add = 'Add a network that is not internal to `networks`, or remove `ports`';
      throw new TradingStackError('option-conflict', spec.path, what, add);
    }
    for (const port of [...spec.ports, ...spec.hostPorts.map(onHost)]) claimPort(this.claims, spec.path, port);
    for (const { id } of spec.networks) {
      const others = this.registered.filter(({ spec: other }) => other.networks.some((network) => network.id === id));
      const before = others.reduce((sum, { spec: other }) => sum + other.replicas, 0);
      this.networks.get(id)?.reserveAddresses(before, spec);
    }
  }

  /** Records an instance of a workload for reports. */
  register(spec: WorkloadSpec, address: string): void {
    this.registered.push({ spec, address });
  }
}

function remoteHostOf(scope: Construct): string | undefined {
  const host: unknown = scope.node.tryGetContext(HOST_CONTEXT);
  return host === undefined || host === '' ? undefined : (host as string);
}

/** Whether two ids are one for Docker's DNS, and so for the variables of a consumer: `feature_api` and `feature-api`. */
function haveOneHostName({ labels: one }: WorkloadSpec, { labels: other }: WorkloadSpec): boolean {
  const [id = '', otherId = ''] = [one[SERVICE_LABEL], other[SERVICE_LABEL]];
  return id !== otherId && hostName(id).toLowerCase() === hostName(otherId).toLowerCase();
}

/** Another `name` or other `aliases` would only lead to the next error. */
const RENAME = 'Change the id of one of them: in host names, `_` becomes `-`, and upper and lower case are the same';

const platformOf = new WeakMap<IConstruct, Platform>();

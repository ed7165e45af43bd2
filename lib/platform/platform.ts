import { DockerProvider } from '@cdktf/provider-docker/lib/provider';
import { TerraformStack } from 'cdktf';
import { Construct, type IConstruct } from 'constructs';
import { alreadyTaken, noPlatform, TradingStackError } from '../errors';
import { Claims } from './claims';
import type { ContainerEngine, RegistryAccess } from './container-engine';
import { contentHash } from './content-hash';
import { checkDockerName, shownPath } from './naming';
import { claimPort } from './ports';
import { ProjectDirectory } from './project';
import { innerExpression, terraformId } from './reference';
import type {
  ImageReference,
  ImageSpec,
  LoggingSpec,
  NetworkSpec,
  RestartSpec,
  SecretHandle,
  WorkloadSpec,
} from './spec';
import { type NetworkOptions, StackNetwork } from './network';
import { VolumeRegistry } from './volumes';

/**
 * Version of the Docker provider that the output asks for. The typed bindings were made from 3.6.2, which crashes on a
 * CPU limit; 3.9.0 is the last 3.x and knows every field of 3.6.2.
 */
export const DOCKER_PROVIDER_VERSION = '3.9.0';

/**
 * File beside the secrets of a stack with a random version of each, new when the content is. A label with the versions
 * replaces a container whose secrets have changed, and tells nobody anything about them.
 */
export const SECRET_VERSIONS = '.versions.json';

/** What every workload of a stack gets unless it says otherwise. */
export interface PlatformDefaults {
  readonly logging: LoggingSpec;
  readonly restart: RestartSpec;
  readonly labels: Readonly<Record<string, string>>;
  /** Seconds between the stop signal and the kill. */
  readonly stopGracePeriodSeconds: number;
}

/** Properties of a {@link Platform}. */
export interface PlatformProps {
  readonly engine: ContainerEngine;
  /** Starts the name of every container, service and volume. */
  readonly prefix: string;
  readonly network: NetworkOptions;
  readonly defaults: PlatformDefaults;
  /** Path from the stack's output folder to the project's folder. */
  readonly projectDirectory: string;
}

/** What became of a workload on the engine, for reports: a container is one each, a service all of its replicas. */
export interface RegisteredWorkload {
  readonly spec: WorkloadSpec;
  /** Terraform address. */
  readonly address: string;
}

/** Where the constructs of one Terraform stack run: engine, network, names and defaults. */
export class Platform extends Construct {
  /**
   * The platform of the stack that a construct is in.
   * @throws TradingStackError if there is none
   */
  static of(construct: IConstruct): Platform {
    for (const scope of [...construct.node.scopes].reverse()) {
      const platform = platformOf.get(scope);
      if (platform !== undefined) return platform;
    }
    throw noPlatform(shownPath(construct));
  }

  readonly engine: ContainerEngine;
  readonly prefix: string;
  readonly defaults: PlatformDefaults;
  readonly projectDirectory: ProjectDirectory;
  /** Path of the folder that holds the secrets of the stack, from the project's folder. */
  readonly secretsDirectory: string;
  /** The Terraform provider, for what this library does not know: `provider.addOverride('ssh_opts', […])`. */
  readonly provider: DockerProvider;
  /** Expression: the id of the network. */
  readonly network: string;
  readonly claims: Claims;
  readonly volumes: VolumeRegistry;

  private readonly ownNetwork: StackNetwork;
  private readonly registered: RegisteredWorkload[] = [];
  private readonly adoptedSecrets = new Map<string, SecretHandle>();
  private readonly images = new Map<string, { spec: ImageSpec; reference: ImageReference }>();

  /** @throws TradingStackError if the stack has one already, or its name, its subnet or its secrets folder is another's */
  constructor(scope: Construct, id: string, props: PlatformProps) {
    super(scope, id);
    this.engine = props.engine;
    this.prefix = checkDockerName(props.prefix, 'the name of the stack', scope.node.path);
    this.defaults = props.defaults;
    this.projectDirectory = new ProjectDirectory(props.projectDirectory);
    this.secretsDirectory = `.secrets/${this.prefix}`;
    this.claims = Claims.on(props.engine.host, this);
    this.volumes = new VolumeRegistry(this, this.prefix, props.engine, this.claims);
    this.claims.take('stack-taken', 'stack name', this.prefix, scope.node.path, 'Give one of the stacks another name');
    if (platformOf.has(scope)) {
      throw new TradingStackError(
        'duplicate-platform',
        scope.node.path,
        'it has a platform already',
        'Create one platform in a stack',
      );
    }
    platformOf.set(scope, this);

    this.provider = this.createProvider();
    this.ownNetwork = new StackNetwork(scope, props.network, {
      prefix: this.prefix,
      labels: this.defaults.labels,
      claims: this.claims,
    });
    this.network = this.engine.createNetwork(this, 'network', this.networkSpec);
  }

  /** Construct path of the stack. */
  get path(): string {
    return this.node.scope?.node.path ?? '';
  }

  get networkSpec(): NetworkSpec {
    return this.ownNetwork.spec;
  }

  /** The workloads so far, in the order of their creation. */
  get workloads(): readonly RegisteredWorkload[] {
    return [...this.registered];
  }

  /**
   * Puts an image on the engine, once however often it is asked for.
   * @throws TradingStackError if a different build has its name
   */
  image(spec: ImageSpec, where: string): ImageReference {
    // The tag of a build is its hash: the resource keeps its address when the source changes.
    const subject = spec.build === null ? spec.name : spec.name.replace(/:[^:/]*$/, '');
    const existing = this.images.get(subject);
    if (existing === undefined) {
      const readable = `image-${subject.replace(/[^A-Za-z0-9]+/g, '-')}`;
      const isTaken = this.node.tryFindChild(readable) !== undefined;
      const id = isTaken ? `${readable}-${contentHash(subject)}` : readable;
      const reference = this.engine.createImage(this, id, spec, where);
      this.images.set(subject, { spec, reference });
      return reference;
    }
    if (existing.spec.name !== spec.name) {
      throw alreadyTaken(
        'image-name-taken',
        where,
        'image name',
        spec.name,
        'a different build',
        'Give one of the builds another name',
      );
    }
    return existing.reference;
  }

  /** Makes a secret file of this stack known to the engine. */
  secret(scope: Construct, id: string, name: string, remedy: string): SecretHandle {
    const fix = 'Give one of the secrets another name';
    const file = `${this.secretsDirectory}/${name}`;
    const rename = 'Give one of the secrets another name, or one of the stacks';
    Claims.onProject(this).take('secret-taken', 'secret', file, scope.node.path, rename);
    this.claims.take(
      'secret-taken',
      'Terraform address of a secret',
      `${this.prefix}: ${terraformId(name)}`,
      scope.node.path,
      fix,
    );
    const hostPath = this.projectDirectory.absoluteExpression(file);
    const versions = this.projectDirectory.absoluteExpression(`${this.secretsDirectory}/${SECRET_VERSIONS}`);
    const recorded = `jsondecode(file(${innerExpression(versions)}))["${name}"]`;
    const version = `\${try(${recorded}.version, "")}`;
    const isCurrent = `\${filesha256(${innerExpression(hostPath)}) == try(${recorded}.sha256, "")}`;
    return this.engine.createSecret(scope, id, { name, stack: this.prefix, hostPath, version, isCurrent, remedy });
  }

  /** Makes a secret of another stack known to the engine in this one, once however often it is asked for. */
  adoptSecret(secret: SecretHandle, owner: Platform): SecretHandle {
    // With its stack in the name: this one may have a secret of the same name.
    const name = `${owner.prefix}_${secret.name}`;
    const existing = this.adoptedSecrets.get(name);
    if (existing !== undefined) return existing;
    const { hostPath, version, isCurrent, remedy } = secret;
    const file = { name, stack: this.prefix, hostPath, version, isCurrent, remedy };
    const adopted = this.engine.createSecret(this, `secret-${name}`, file);
    this.adoptedSecrets.set(name, adopted);
    return adopted;
  }

  /**
   * Reserves what an instance of a workload takes up on the engine: its name, its aliases on the network, its host ports,
   * an address.
   * @throws TradingStackError if something of it is taken
   */
  reserve(spec: WorkloadSpec): void {
    this.claims.take('name-taken', 'name', spec.name, spec.path, 'Set `name` on one of them');
    this.claims.take(
      'name-taken',
      'Terraform address',
      `${this.prefix}: ${terraformId(spec.name)}`,
      spec.path,
      'Set `name` on one of them',
    );
    // Its own name is known on the network, too.
    for (const alias of [spec.name, ...spec.aliases]) {
      this.claims.take(
        'alias-taken',
        `alias on the network of ${this.prefix}`,
        alias,
        spec.path,
        'Set `aliases` on one of them',
      );
    }
    if (this.networkSpec.internal && spec.ports.length > 0) {
      const what = 'it publishes a port, and the network is cut off from the outside';
      throw new TradingStackError('option-conflict', spec.path, what, 'Leave `ports` out, or network.internal');
    }
    for (const port of spec.ports) claimPort(this.claims, spec.path, port);
    const before = this.registered.reduce((sum, { spec: other }) => sum + other.replicas, 0);
    this.ownNetwork.checkRoom(before, spec);
  }

  /** Remembers an instance of a workload for reports. */
  register(spec: WorkloadSpec, address: string): void {
    this.registered.push({ spec, address });
  }

  private createProvider(): DockerProvider {
    const stack = TerraformStack.of(this);
    stack.addOverride('terraform.required_providers.docker.version', DOCKER_PROVIDER_VERSION);
    const { host, registries } = this.engine;
    return new DockerProvider(this, 'docker', {
      ...(host !== undefined && { host }),
      ...(registries.length > 0 && { registryAuth: registries.map(registryAuth) }),
    });
  }
}

/** The provider refuses to push to a registry that it was told nothing of. */
function registryAuth({ address, needsLogin }: RegistryAccess): { address: string; authDisabled?: boolean } {
  return { address, ...(!needsLogin && { authDisabled: true }) };
}

const platformOf = new WeakMap<IConstruct, Platform>();

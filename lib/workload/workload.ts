import { Annotations, type TerraformResource } from 'cdktf';
import { Construct } from 'constructs';
import { programNotInImage, TradingStackError } from '../errors';
import { checkOptions } from '../options/options';
import { containerName, shownPath } from '../platform/naming';
import { Platform } from '../platform/platform';
import { addressOf } from '../platform/terraform';
import type { ImageReference, WorkloadSpec } from '../platform/spec';
import type { Connection, IConnectable } from './connections/connection';
import { HOST_OF_CONTAINERS } from './connections/endpoint';
import type { HealthCheck } from './health/health-check';
import type { Image } from './images/image';
import { endOfLife, isKnownToLack } from './images/known-images';
import { unservedPorts } from './policies/published-port';
import { checkReplicas } from './policies/replicas';
import { plainSecretsIn } from './secrets/leak-guards';
import type { ServiceDefinition } from './service-definition';
import { specify } from './specify';
import { WORKLOAD_PROPS, type WorkloadOptions, type WorkloadProps } from './workload-props';

/**
 * One program in containers. All options come together here: defaults are applied, and the engine gets its
 * specification. Services are made of workloads; use one directly for a program that has no construct of its own.
 *
 * @example
 * new Workload(stack, 'gateway', { image: Image.fromRegistry('ghcr.io/desk/gateway:2.4'), uses: [database] });
 */
export class Workload extends Construct implements IConnectable {
  /** The host name of a workload with this id and these options, before it is created. */
  static hostOf(
    scope: Construct,
    id: string,
    options: Pick<WorkloadOptions, 'aliases' | 'name' | 'networkMode'>,
  ): string {
    const { networkMode } = options;
    if (networkMode === 'host') return HOST_OF_CONTAINERS;
    if (typeof networkMode === 'object') return networkMode.host;
    const [alias] = options.aliases ?? [id];
    return alias ?? options.name ?? containerName(Platform.of(scope).prefix, id);
  }

  /** Construct path of the service that it belongs to, for messages. */
  private readonly path: string;
  /** What the engine runs. */
  readonly spec: WorkloadSpec;
  /** Its Terraform resources: one, or one for each replica on the Docker engine. */
  readonly resources: readonly TerraformResource[];
  /** Terraform addresses of the resources. */
  readonly addresses: readonly string[];
  /** Name under which others on the network reach it. */
  readonly host: string;

  /** @throws TradingStackError if an option is invalid, or the engine cannot do what it asks for */
  constructor(scope: Construct, id: string, props: WorkloadProps, service?: ServiceDefinition) {
    super(scope, id);
    this.path = shownPath(this);
    if (service === undefined) checkOptions(props, WORKLOAD_PROPS, this.path);
    const platform = Platform.of(this);
    const definition = service ?? {};
    const image = this.bindImage(platform, props, definition);
    this.spec = specify({ path: this.path, id: this.serviceId }, platform, image, props, definition);
    this.warnOfPlainSecrets(props);
    this.warnOfLostCommand(props, definition);
    this.checkPublished(props, definition);
    this.host = Workload.hostOf(this, this.serviceId, props);
    const instances = platform.engine.instancesOf(this.spec);
    checkReplicas(this.spec, instances, props.name);
    const resources: TerraformResource[] = [];
    for (const [index, instance] of instances.entries()) {
      platform.reserve(instance);
      const id = instances.length === 1 ? 'Default' : `replica-${index + 1}`;
      const resource = platform.engine.createWorkload(this, id, instance);
      platform.register(instance, addressOf(resource));
      resources.push(resource);
    }
    this.resources = resources;
    this.addresses = this.resources.map(addressOf);
  }

  /**
   * The Terraform resource, to set what this library does not support: `resource.addOverride('cpu_shares', 512)`.
   * @throws TradingStackError if each replica has a resource of its own
   */
  get resource(): TerraformResource {
    const [resource] = this.resources;
    if (resource !== undefined && this.resources.length === 1) return resource;
    throw new TradingStackError(
      'ambiguous-resource',
      this.path,
      `it has ${this.resources.length} Terraform resources, one for each replica`,
      'Use `resources`, and apply the change to each of them',
    );
  }

  /**
   * Terraform address of the resource.
   * @throws TradingStackError if each replica has a resource of its own
   */
  get address(): string {
    return addressOf(this.resource);
  }

  /** Start order only: workloads that use this one start after it. */
  connection(): Connection {
    const within = Platform.of(this).path;
    return { from: this.path, within, environment: {}, secrets: {}, startAfter: this.addresses, extraHosts: [] };
  }

  /** The workload of a service has the id `Default`, so the id of the service is used instead. */
  private get serviceId(): string {
    return this.node.id === 'Default' ? (this.node.scope?.node.id ?? this.node.id) : this.node.id;
  }

  private bindImage(platform: Platform, props: WorkloadProps, service: ServiceDefinition): ImageReference {
    const image = props.image.bind(platform, this.path);
    const bases = props.image.baseImages(platform, this.path);
    this.warnOfEndOfLife(bases);
    this.checkPrograms(bases, platform, props.image, props.healthCheck ?? service.defaults?.healthCheck);
    return image;
  }

  private warnOfPlainSecrets({ environment = {} }: WorkloadOptions): void {
    const where = 'in plain text in the plan, in the state and in docker inspect';
    for (const variable of Object.keys(this.spec.secretEnvironment)) {
      const fix = 'have the program read a file, or deliver it with SecretDelivery.EXPORTED';
      this.warn(`the secret in ${variable} is ${where}: ${fix}`);
    }
    for (const variable of plainSecretsIn(environment)) {
      const fix = 'create it with Secret.provided, and pass it in `secrets`';
      this.warn(`${variable} looks like a secret, and is ${where}: ${fix}`);
    }
  }

  private warnOfLostCommand({ command, entrypoint }: WorkloadOptions, { commandCarries }: ServiceDefinition): void {
    if (commandCarries === undefined || (command === undefined && entrypoint === undefined)) return;
    this.warn(`\`command\` or \`entrypoint\` replaces ${commandCarries}`);
  }

  private checkPublished(props: WorkloadOptions, { otherPortsOption, knownPorts = [] }: ServiceDefinition): void {
    const isSure = otherPortsOption === undefined && props.command === undefined && props.entrypoint === undefined;
    const listening = `the program listens on ${knownPorts.join(' and ')}`;
    for (const { port, replacement } of unservedPorts(this.spec.ports, knownPorts)) {
      if (isSure) {
        const what = `it publishes port ${port}, but ${listening}`;
        throw new TradingStackError('port-not-served', this.path, what, `Use ${replacement}`);
      }
      const orDeclare =
        otherPortsOption === undefined
          ? ''
          : `, or declare ${port} in ${otherPortsOption} if the program listens on it`;
      this.warn(
        `it publishes port ${port}, but as far as this library knows ${listening}: use ${replacement}${orDeclare}`,
      );
    }
  }

  private warnOfEndOfLife(images: readonly string[]): void {
    const today = new Date().toISOString().slice(0, 10);
    for (const image of images) {
      const day = endOfLife(image);
      if (day !== undefined && day <= today) {
        this.warn(`${image} has had no security fixes since ${day}: update to a supported version`);
      }
    }
  }

  private checkPrograms(
    bases: readonly string[],
    platform: Platform,
    image: Image,
    healthCheck: HealthCheck | undefined,
  ): void {
    const isMissing = (program: string): boolean =>
      bases.some((base) => isKnownToLack(base, program)) && !image.mentions(program, platform, this.path);
    for (const programs of healthCheck?.requires ?? []) {
      if (programs.every(isMissing)) throw programNotInImage(this.path, programs, bases.join(', '));
    }
  }

  private warn(message: string): void {
    Annotations.of(this).addWarning(message);
  }
}

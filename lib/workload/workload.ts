import type { TerraformResource } from 'cdktf';
import { Construct } from 'constructs';
import { programNotInImage, TradingStackError } from '../errors';
import { checkOptions } from '../options/options';
import { containerName, hostName, shownPath } from '../platform/naming';
import { Platform } from '../platform/platform';
import { addressOf } from '../platform/terraform';
import { warn } from '../platform/warnings';
import type { ImageReference, WorkloadSpec } from '../platform/spec';
import type { Connection, IConnectable } from './connections/connection';
import { HOST_OF_CONTAINERS } from './connections/endpoint';
import type { HealthCheck } from './health/health-check';
import type { Image } from './images/image';
import { knownImageOf } from './images/catalog/catalog';
import { imageWarnings } from './images/image-warnings';
import { endOfLife } from './images/support-ends';
import { unservedPorts } from './policies/published-port';
import { checkReplicas } from './policies/replicas';
import { UNPRIVILEGED } from './policies/security';
import { isolationWarnings } from './policies/isolation';
import { undecidedSecrets } from './secrets/image-secrets';
import { checkTimeZone } from './policies/time-zone';
import { withoutSignals } from './policies/signals';
import { plainSecretsIn } from './secrets/plain-secrets';
import type { ServiceDefinition } from './service-definition';
import { specify } from './specify';
import { WORKLOAD_PROPS, type WorkloadOptions, type WorkloadProps } from './workload-props';

/**
 * One program in containers. All options come together here: defaults are applied, and the engine gets its
 * specification. Services are made of workloads; use one directly for a program that has no construct of its own. It
 * then runs as its image says; `hardened: true` gives it the restrictions of an `AppService`.
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
    const [alias] = options.aliases ?? [hostName(id)];
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
    const definition = service ?? { defaults: { ...UNPRIVILEGED, hardened: false } };
    const image = this.bindImage(platform, props, definition);
    this.spec = specify({ path: this.path, id: this.serviceId }, platform, image, props, definition);
    checkTimeZone(this.spec.environment.TZ, this.path);
    this.warnOfPlainSecrets(props);
    this.warnOfLostIsolation(props, definition);
    this.warnOfLostCommand(props, definition);
    this.warnOfLostSignals(platform, props);
    // A construct knows its image, and its programs are written for this library.
    if (service === undefined) this.warnOfForeignImage(props);
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
   * The Terraform resource, to set what this library does not support: `resource.addOverride('cpu_shares', 512)`. An
   * override of a list adds to it. One item is set by its index, such as the address on the first of `networks`:
   * `resource.addOverride('networks_advanced.0.ipv4_address', '172.31.0.9')`.
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

  /** Its id, or that of the service that it belongs to: the workload of a service has the id `Default`. */
  get serviceId(): string {
    return this.node.id === 'Default' ? (this.node.scope?.node.id ?? this.node.id) : this.node.id;
  }

  private bindImage(platform: Platform, props: WorkloadProps, service: ServiceDefinition): ImageReference {
    const image = props.image.bind(platform, this.path);
    const bases = props.image.baseImages(platform, this.path);
    this.warnOfEndOfLife(bases);
    const own = service.defaults?.healthCheck;
    this.checkPrograms(bases, platform, props.image, props.healthCheck?.basedOn(own, this.path) ?? own);
    return image;
  }

  private warnOfPlainSecrets(props: WorkloadProps): void {
    for (const variable of Object.keys(this.spec.secretEnvironment)) warn(this, 'secret-in-environment', variable);
    for (const name of [...plainSecretsIn(props), ...props.image.plainSecrets()]) warn(this, 'plain-secret', name);
  }

  private warnOfLostIsolation({ bindMounts = [] }: WorkloadOptions, { holdsData = false }: ServiceDefinition): void {
    for (const { code, about } of isolationWarnings(this.spec, holdsData)) warn(this, code, about);
    for (const { code, about } of bindMounts.flatMap((mount) => mount.warnings(this.spec))) warn(this, code, about);
  }

  private warnOfForeignImage(props: WorkloadProps): void {
    for (const variable of undecidedSecrets(props.image, props)) warn(this, 'secret-delivery-unknown', variable);
    const image = knownImageOf(props.image);
    if (image === undefined) return;
    for (const { code, about } of imageWarnings(image, props, this.spec, this.serviceId)) warn(this, code, about);
  }

  private warnOfLostCommand({ command, entrypoint }: WorkloadOptions, { commandCarries }: ServiceDefinition): void {
    if (commandCarries === undefined || (command === undefined && entrypoint === undefined)) return;
    warn(this, 'command-replaced', commandCarries);
  }

  private warnOfLostSignals(platform: Platform, props: WorkloadProps): void {
    // A job is expected to end, not to be stopped.
    if (this.spec.kind === 'job') return;
    const fix = withoutSignals(props, props.image.baseImages(platform, this.path));
    if (fix !== undefined) warn(this, 'signal-not-delivered', fix);
  }

  private checkPublished(props: WorkloadOptions, { otherPortsOption, knownPorts = [] }: ServiceDefinition): void {
    const isSure = otherPortsOption === undefined && props.command === undefined && props.entrypoint === undefined;
    const listening = `the program listens on ${new Intl.ListFormat('en-GB').format(knownPorts.map(String))}`;
    // As they are written: the replacement must not contain the offset of the stack.
    const published = (props.ports ?? []).map((port) => port.toSpec());
    for (const { port, replacement } of unservedPorts(published, knownPorts)) {
      if (isSure) {
        const what = `it publishes port ${port}, but ${listening}`;
        throw new TradingStackError('port-not-served', this.path, what, `Use ${replacement}`);
      }
      const orDeclare =
        otherPortsOption === undefined
          ? ''
          : `, or declare ${port} in ${otherPortsOption} if the program listens on it`;
      warn(this, 'port-unknown', `${port}, while ${listening}: use ${replacement}${orDeclare}`);
    }
  }

  private warnOfEndOfLife(images: readonly string[]): void {
    const today = new Date().toISOString().slice(0, 10);
    for (const image of images) {
      const day = endOfLife(image);
      if (day !== undefined && day <= today) {
        warn(this, 'image-end-of-life', `${image} since ${day}`);
      }
    }
  }

  private checkPrograms(
    bases: readonly string[],
    platform: Platform,
    image: Image,
    healthCheck: HealthCheck | undefined,
  ): void {
    const isMissing = (program: string): boolean => image.lacks(program, platform, this.path);
    if (healthCheck?.isOfImage === true && image.settings(platform, this.path).hasHealthCheck === false) {
      const what = `the image (${bases.join(', ')}) has no health check of its own`;
      const fix = 'Use another HealthCheck, such as HealthCheck.http(8000), or add HEALTHCHECK to its Dockerfile';
      throw new TradingStackError('health-check-missing', this.path, what, fix);
    }
    for (const programs of healthCheck?.requires ?? []) {
      if (programs.every(isMissing)) throw programNotInImage(this.path, programs, bases.join(', '));
    }
  }
}

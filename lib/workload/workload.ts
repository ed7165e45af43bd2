import { Annotations, type TerraformResource } from 'cdktf';
import { Construct } from 'constructs';
import { programNotInImage, TradingStackError } from '../errors';
import { checkDockerName, checkAlias, containerName, shownPath } from '../platform/naming';
import { Platform } from '../platform/platform';
import { addressOf } from '../platform/terraform';
import type { ImageReference, WorkloadSpec } from '../platform/spec';
import { resolveCapabilities } from './policies/capabilities';
import { type Connection, connectionsOf, type IConnectable } from './connections/connection';
import { Cpu } from './units/cpu';
import { endOfLife } from './images/end-of-life';
import { resolveEnvironment } from './secrets/delivery';
import type { HealthCheck } from './health/health-check';
import { checkImage, type Image } from './images/image';
import { isKnownToLack } from './images/image-programs';
import { checkMountPoints } from './storage/mounts';
import { checkOptions } from './option-checks';
import { Placement } from './policies/placement';
import { plainSecretsIn } from './secrets/plain-secrets';
import { unservedPorts } from './policies/unserved-ports';
import { checkReplicas } from './policies/replicas';
import { type Resources, resolveResources } from './policies/resources';
import { RestartPolicy } from './policies/restart-policy';
import { Size } from './units/size';
import type { ServiceDefinition } from './service-defaults';
import { startTimeout, withTimeToStart } from './health/timing';
import { resolveTmpfs } from './storage/tmpfs';
import { UpdatePolicy } from './policies/update-policy';
import type { WorkloadOptions, WorkloadProps } from './workload-props';

/**
 * One program in containers: the place where everything that can be said of it comes together, defaults are applied,
 * and the engine gets its specification. Services are made of it; so can anything that has no construct of its own.
 *
 * @example
 * new Workload(stack, 'gateway', { image: Image.fromRegistry('ghcr.io/desk/gateway:2.4'), uses: [database] });
 */
export class Workload extends Construct implements IConnectable {
  /** The name under which a workload with this id and these options is reached, also before it is created. */
  static hostOf(scope: Construct, id: string, options: Pick<WorkloadOptions, 'aliases' | 'name'>): string {
    const [alias] = options.aliases ?? [id];
    return alias ?? options.name ?? containerName(Platform.of(scope).prefix, id);
  }

  /** Construct path of the service that it is, for messages. */
  private readonly path: string;
  /** What the engine was told to run. */
  readonly spec: WorkloadSpec;
  /** All Terraform resources of it: one, but on the Docker engine one for each replica. */
  readonly resources: readonly TerraformResource[];
  /** Terraform addresses of the resources. */
  readonly addresses: readonly string[];
  /** Name under which others on the network reach it. */
  readonly host: string;

  /**
   * @throws TradingStackError for anything that the engine would refuse or that could not work
   */
  constructor(scope: Construct, id: string, props: WorkloadProps, service: ServiceDefinition = {}) {
    super(scope, id);
    const platform = Platform.of(this);
    this.path = shownPath(this);
    checkOptions(props, this.path);
    const image = this.bindImage(platform, props, service);
    this.spec = this.specify(platform, image, props, service);
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
   * The Terraform resource, for what this library does not know: `resource.addOverride('cpu_shares', 512)`.
   * @throws TradingStackError if each of its replicas has a resource of its own
   */
  get resource(): TerraformResource {
    const [resource] = this.resources;
    if (resource !== undefined && this.resources.length === 1) return resource;
    throw new TradingStackError(
      'invalid-value',
      this.path,
      `it has ${this.resources.length} resources, one for each replica`,
      'Use `resources`, and do what you want with each of them',
    );
  }

  /**
   * Terraform address of the resource.
   * @throws TradingStackError if each of its replicas has a resource of its own
   */
  get address(): string {
    return addressOf(this.resource);
  }

  /** Start order alone: who uses a workload starts after it. */
  connection(): Connection {
    const within = Platform.of(this).path;
    return { from: this.path, within, environment: {}, secrets: {}, startAfter: this.addresses, extraHosts: [] };
  }

  /** A service calls its workload `Default`: the id that counts is its own. */
  private get serviceId(): string {
    return this.node.id === 'Default' ? (this.node.scope?.node.id ?? this.node.id) : this.node.id;
  }

  private bindImage(platform: Platform, props: WorkloadProps, service: ServiceDefinition): ImageReference {
    const image = checkImage(props.image, this.path).bind(platform, this.path);
    const bases = props.image.baseImages(platform, this.path);
    this.warnOfEndOfLife(bases);
    this.checkPrograms(bases, platform, props.image, props.healthCheck ?? service.defaults?.healthCheck);
    return image;
  }

  private specify(
    platform: Platform,
    image: ImageReference,
    props: WorkloadProps,
    service: ServiceDefinition,
  ): WorkloadSpec {
    const { path } = this;
    const defaults = service.defaults ?? {};
    const kind = service.kind ?? 'service';
    const engine = platform.engine.defaults[kind];
    const connections = [...connectionsOf(service.uses ?? [], path), ...connectionsOf(props.uses ?? [], path)];
    this.refuseOtherStacks(connections, platform);
    const process = resolveEnvironment(path, platform, props, service, connections);
    const files = [...(service.files ?? []), ...(props.files ?? [])].map((file) => file.bind(platform, path));
    const canBeReadOnly = files.length === 0 || engine.readOnlyRootWithFiles;
    const readOnly = props.readOnlyRootFilesystem ?? ((defaults.readOnlyRootFilesystem ?? false) && canBeReadOnly);
    const volumesOfOthers = new Set(connections.flatMap((connection) => connection.volumes ?? []));
    const volumes = [...(service.volumes ?? []), ...volumesOfOthers, ...(props.volumes ?? [])].map((mount) =>
      mount.volume.bind(platform, mount, path),
    );
    const bindMounts = (props.bindMounts ?? []).map((mount) => mount.bind(platform, path));
    const ownCheck = (props.healthCheck ?? defaults.healthCheck)?.toSpec() ?? null;
    const healthCheck = withTimeToStart(ownCheck, props.startTimeout, engine);
    const ports = platform.engine.publishedPorts(
      (props.ports ?? []).map((port) => port.toSpec()),
      path,
    );
    const replicas = props.replicas ?? 1;
    const placement = Placement.toSpec(props.placement ?? []);
    const stopGracePeriodSeconds =
      (props.stopGracePeriod ?? defaults.stopGracePeriod)?.toWholeSeconds() ?? platform.defaults.stopGracePeriodSeconds;
    const updated = { path, replicas, volumes, ports, healthCheck, placement, stopGracePeriodSeconds };
    const updates = props.updatePolicy ?? (engine.updates ? UpdatePolicy.for(updated) : undefined);

    const spec: WorkloadSpec = {
      path,
      name: checkDockerName(props.name ?? containerName(platform.prefix, this.serviceId), 'name', path),
      kind,
      replicas,
      aliases: (props.aliases ?? [this.serviceId]).map((alias) => checkAlias(alias, 'the alias', path)),
      image,
      ...process,
      labels: { ...platform.defaults.labels, [SERVICE_LABEL]: this.serviceId, ...props.labels },
      user: props.runAs ?? defaults.runAs ?? null,
      groups: props.groups ?? [],
      workingDirectory: props.workingDirectory ?? null,
      hostname: props.hostname ?? defaults.hostname ?? null,
      restart:
        kind === 'job' ? RestartPolicy.never().toSpec() : (props.restartPolicy?.toSpec() ?? platform.defaults.restart),
      stopSignal: props.stopSignal ?? null,
      stopGracePeriodSeconds,
      init: props.init ?? engine.init,
      readOnlyRootFilesystem: readOnly,
      tmpfs: resolveTmpfs(props.tmpfs ?? [], readOnly ? [...volumes, ...bindMounts] : undefined),
      volumes,
      bindMounts,
      files,
      network: platform.network,
      ports,
      extraHosts: [...connections.flatMap((connection) => connection.extraHosts), ...(props.extraHosts ?? [])],
      dns: props.dns ?? [],
      healthCheck,
      startTimeoutSeconds: startTimeout(kind, healthCheck, props.startTimeout, engine),
      resources: resolveResources(
        props.resources ?? {},
        defaults.resources ?? DEFAULT_RESOURCES,
        service.minimum,
        path,
      ),
      security: {
        addCapabilities: resolveCapabilities(props.capabilities ?? [], path),
        dropCapabilities: props.privileged === true ? [] : ['ALL'],
        noNewPrivileges: props.noNewPrivileges ?? engine.noNewPrivileges,
        privileged: props.privileged ?? false,
        options: props.securityOptions ?? [],
      },
      devices: props.devices ?? [],
      gpus: props.gpus ?? null,
      ulimits: props.ulimits ?? [],
      sysctls: props.sysctls ?? {},
      logging: props.logging?.toSpec() ?? platform.defaults.logging,
      placement,
      updates: updates?.toSpec(updated) ?? null,
      dependsOn: [...new Set(connections.flatMap((connection) => connection.startAfter))],
    };
    checkMountPoints(spec);
    this.warnOfPlainSecrets(spec, props);
    this.warnOfLostCommand(props, service);
    this.checkPublished(spec, props, service);
    return spec;
  }

  private refuseOtherStacks(connections: readonly Connection[], platform: Platform): void {
    for (const { from, within } of connections) {
      if (within === null || within === platform.path) continue;
      throw new TradingStackError(
        'invalid-value',
        this.path,
        `it uses ${from} of another stack, which is on another network and starts on its own`,
        'Publish that one where containers reach it, such as PublishedPort.on of the address of docker0, and use an ' +
          'ExternalEndpoint',
      );
    }
  }

  private warnOfPlainSecrets({ secretEnvironment }: WorkloadSpec, { environment = {} }: WorkloadOptions): void {
    const where = 'in plain text in the plan, in the state and in docker inspect';
    for (const variable of Object.keys(secretEnvironment)) {
      const fix = 'have the program read a file, or deliver it with SecretDelivery.EXPORTED';
      Annotations.of(this).addWarning(`the secret in ${variable} is ${where}: ${fix}`);
    }
    for (const variable of plainSecretsIn(environment)) {
      const fix = 'make it a Secret.provided, and give that in `secrets`';
      Annotations.of(this).addWarning(`${variable} looks like a secret, and is ${where}: ${fix}`);
    }
  }

  private warnOfLostCommand({ command, entrypoint }: WorkloadOptions, { inCommand }: ServiceDefinition): void {
    if (inCommand === undefined || (command === undefined && entrypoint === undefined)) return;
    Annotations.of(this).addWarning(`\`command\` or \`entrypoint\` takes the place of ${inCommand}`);
  }

  private checkPublished({ ports }: WorkloadSpec, props: WorkloadOptions, service: ServiceDefinition): void {
    const { furtherPorts, listensOn: known = [] } = service;
    const isSure = furtherPorts === undefined && props.command === undefined && props.entrypoint === undefined;
    for (const { port, listensOn, instead } of unservedPorts(ports, known)) {
      const what = `it publishes its port ${port}, and listens on ${listensOn}`;
      if (isSure) throw new TradingStackError('invalid-value', this.path, what, `Write ${instead}`);
      const orTell = furtherPorts === undefined ? '' : `, or name ${port} in ${furtherPorts} if the program opens it`;
      Annotations.of(this).addWarning(`${what} as far as is known: write ${instead}${orTell}`);
    }
  }

  private warnOfEndOfLife(images: readonly string[]): void {
    const today = new Date().toISOString().slice(0, 10);
    for (const image of images) {
      const day = endOfLife(image);
      if (day !== undefined && day <= today) {
        Annotations.of(this).addWarning(`${image} gets no more fixes since ${day}: move to a supported version`);
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
}

/** What any program may take unless it or its service says otherwise. */
const DEFAULT_RESOURCES: Resources = { cpus: Cpu.cores(1), memory: Size.mebibytes(512) };

/** A label that names the service, for filters: `docker ps --filter label=cdktf-trading-stack.service=db`. */
const SERVICE_LABEL = 'cdktf-trading-stack.service';

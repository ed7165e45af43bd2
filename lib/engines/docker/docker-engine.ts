import { Container } from '@cdktf/provider-docker/lib/container';
import type { TerraformProvider } from 'cdktf';
import type { Construct } from 'constructs';
import { checkOptions, type OptionShapes } from '../../options/options';
import type { ContainerEngine, EngineDefaults, RegistryAccess, SecretTransport } from '../../platform/container-engine';
import type { SecretFile, SecretHandle } from '../../platform/secrets/secret-store';
import type { ImageSpec, NetworkSpec, PlacedImage, PortSpec, WorkloadSpec } from '../../platform/spec';
import { HOST_CONTEXT } from '../../platform/platform';
import { addressOf, attributeOf, terraformId } from '../../platform/terraform';
import { withoutCreationStacks } from '../creation-stacks';
import { createImage, createNetwork, createVolume, renderNetwork, findNetwork } from '../docker-resources';
import { checkEngineHost, checkProviderVersion, createProvider, isRemoteHost } from '../provider';
import { checkPushed, pushImage } from '../pushed-image';
import { checkRegistries } from '../registries';
import { carrierOf } from './carrier';
import { checkEngineVersion, forEngineVersion } from './engine-version';
import { renderContainer } from './render-container';
import { withRestartWhenUnhealthy } from './restart-when-unhealthy';

/** Options of {@link Engine.docker}. */
export interface DockerEngineOptions {
  /**
   * Address of the engine's API: `ssh://user@host`, `tcp://host:2376`, `unix:///var/run/docker.sock`.
   * Every address but `unix://` and `npipe://` may be of another machine. Bind mounts are then paths of that machine, and
   * the commands deliver the secrets to it in volumes.
   * @default - the context key `dockerHost`, which the commands set to a remote engine that Docker's own configuration
   * selects; without it the engine that the provider finds, which has to be on this machine
   */
  readonly host?: string;
  /**
   * Registries whose images require a login, for example `ghcr.io`: that of `docker login` on the machine where
   * Terraform runs.
   * @default - none
   */
  readonly registries?: readonly string[];
  /**
   * The oldest Docker Engine that the stack has to run on: `20.10`, `25.0`, `28.5`. From 25.0 on, services are probed twice a
   * second until they are healthy, so that a deploy waits less. Set the version of the engine if it is older; a deploy
   * to an engine older than this is refused.
   * @default '25.0'
   */
  readonly engineVersion?: string;
  /**
   * Version of the Terraform provider `kreuzwerker/docker`, from 3.9.0 to 4.x. A stack can move between them in both
   * directions.
   * @default '3.9.0'
   */
  readonly providerVersion?: string;
}

const OPTIONS: OptionShapes<DockerEngineOptions> = {
  host: 'string',
  registries: ['string'],
  engineVersion: 'string',
  providerVersion: 'string',
};

/** The traits of every container. Files are copied into it, which a read-only root file system does not allow. */
export const CONTAINER_DEFAULTS: EngineDefaults = {
  init: true,
  noNewPrivileges: true,
  readOnlyRootWithFiles: false,
  updates: false,
  waitsUnprobed: false,
  stopsUnhealthy: false,
};

/** One host: every workload is a container on a bridge network. */
export class DockerEngine implements ContainerEngine {
  readonly name = 'docker';
  readonly host: string | undefined;
  readonly cluster = null;
  readonly oldestVersion: string;
  readonly defaults = { service: { ...CONTAINER_DEFAULTS, updates: true }, job: CONTAINER_DEFAULTS };
  readonly traits = {
    reservesCpu: false,
    replicasShareName: false,
    carriesOutUpdates: false,
    needsManager: false,
    hasRemoteNodes: false,
    removesFailedServices: false,
  };
  readonly registries: readonly RegistryAccess[];
  private readonly providerVersion: string;

  /** @throws TradingStackError for an unknown option, and for a host, registry or version that is invalid */
  constructor(private readonly options: DockerEngineOptions = {}) {
    checkOptions(options, OPTIONS, 'Engine.docker');
    this.host = checkEngineHost(options.host, 'Engine.docker');
    this.oldestVersion = checkEngineVersion(options.engineVersion, 'Engine.docker');
    this.providerVersion = checkProviderVersion(options.providerVersion, 'Engine.docker');
    this.registries = checkRegistries(options.registries ?? [], 'Engine.docker').map((address) => ({
      address,
      needsLogin: true,
    }));
  }

  get isRemote(): boolean {
    return isRemoteHost(this.host);
  }

  at(host: string | undefined): DockerEngine {
    const address = this.host === undefined ? checkEngineHost(host, 'cdktf.json', HOST_CONTEXT) : undefined;
    return address === undefined ? this : new DockerEngine({ ...this.options, host: address });
  }

  secretTransport(): SecretTransport {
    return this.isRemote ? 'volume' : 'file';
  }

  createProvider(scope: Construct, id: string): TerraformProvider {
    return createProvider(scope, id, this.host, this.registries, this.providerVersion);
  }

  createNetwork(scope: Construct, id: string, spec: NetworkSpec, logicalId?: string): string {
    return createNetwork(scope, id, renderNetwork(spec, { driver: 'bridge' }), logicalId);
  }

  findNetwork(scope: Construct, id: string, name: string): string {
    return findNetwork(scope, id, name);
  }

  createVolume(scope: Construct, id: string, name: string, labels: Readonly<Record<string, string>>): string {
    return createVolume(scope, id, name, labels);
  }

  createImage(scope: Construct, id: string, spec: ImageSpec, where: string): PlacedImage {
    checkPushed(spec, this.registries, 'Engine.docker', where);
    const image = createImage(scope, id, spec, this.providerVersion);
    if (spec.pushTo !== null) pushImage(scope, id, spec.name, image);
    // The id of the content: a container that refers to a tag keeps the old content when the tag moves.
    const reference = { name: spec.name, expression: attributeOf(image, 'image_id') };
    return { reference, address: addressOf(image) };
  }

  createSecret(_scope: Construct, _id: string, secret: SecretFile): SecretHandle {
    return { ...secret, object: null };
  }

  publishedPorts(ports: readonly PortSpec[]): readonly PortSpec[] {
    return ports;
  }

  /**
   * A container for each replica: `mt5-api-1`, `mt5-api-2` … They share their aliases, and Docker's DNS server answers
   * with the addresses of all of them. The only container of a workload keeps its name.
   */
  instancesOf(spec: WorkloadSpec): readonly WorkloadSpec[] {
    if (spec.replicas === 1) return [spec];
    return Array.from({ length: spec.replicas }, (_, index) => ({
      ...spec,
      name: `${spec.name}-${index + 1}`,
      replicas: 1,
    }));
  }

  /** @throws TradingStackError `unsupported-by-engine` for an option that came with a newer engine */
  createWorkload(scope: Construct, id: string, spec: WorkloadSpec): Container {
    return createContainer(scope, id, withRestartWhenUnhealthy(forEngineVersion(spec, this.oldestVersion)), this);
  }
}

/**
 * Creates the `docker_container` of a workload.
 * @throws TradingStackError if a container cannot have an option
 */
export function createContainer(scope: Construct, id: string, spec: WorkloadSpec, engine: ContainerEngine): Container {
  const hasCarrier = spec.secrets.length > 0 && engine.secretTransport(spec) === 'volume';
  const files = { areRemote: engine.isRemote, carrier: hasCarrier ? carrierOf(scope, spec) : null };
  const container = withoutCreationStacks(() => new Container(scope, id, renderContainer(spec, files)));
  container.overrideLogicalId(terraformId(spec.name));
  if (spec.resources.memoryReservationBytes !== null) {
    // The provider added it after the version that its typed bindings were generated from.
    container.addOverride('memory_reservation', spec.resources.memoryReservationBytes / 1024 ** 2);
  }
  return container;
}

import { Service, type ServiceConfig } from '@cdktf/provider-docker/lib/service';
import type { TerraformProvider, TerraformResource } from 'cdktf';
import type { Construct } from 'constructs';
import { major } from 'semver';
import { unsupported } from '../../errors';
import { checkOptions, type OptionShapes } from '../../options/options';
import type { ClusterSpec, ContainerEngine, RegistryAccess, SecretTransport } from '../../platform/container-engine';
import type { SecretFile, SecretHandle } from '../../platform/secrets/secret-store';
import type { ImageSpec, NetworkSpec, PlacedImage, PortSpec, WorkloadSpec } from '../../platform/spec';
import { HOST_CONTEXT } from '../../platform/platform';
import { addressOf, attributeOf, terraformId } from '../../platform/terraform';
import { CONTAINER_DEFAULTS, createContainer } from '../docker/docker-engine';
import { withoutCreationStacks } from '../creation-stacks';
import { createImage, createNetwork, createVolume, renderNetwork, findNetwork } from '../docker-resources';
import { checkEngineHost, checkProviderVersion, createProvider, isRemoteHost } from '../provider';
import { checkPushed, pushImage } from '../pushed-image';
import { checkRegistries } from '../registries';
import { CLUSTER_OPTIONS, clusterOf, nameInCluster, registriesOf, type SwarmClusterOptions } from './cluster';
import { checkServiceName, publishedPorts } from './limits';
import { createConfig, createSecret } from './objects';
import { checkJobPlacement, placementOf } from './placement';
import { renderService } from './render-service';

/** Options of {@link Engine.swarm}. */
export interface SwarmEngineOptions {
  /**
   * Address of a manager's API: `ssh://user@host`, `tcp://host:2376`, `unix:///var/run/docker.sock`.
   * Every address but `unix://` and `npipe://` may be of another machine. Bind mounts are then paths of the nodes, and the
   * commands deliver the secrets of jobs to the manager in volumes.
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
   * Version of the Terraform provider `kreuzwerker/docker`, from 3.9.0 to 4.x. A stack can move between them in both
   * directions.
   * @default '3.9.0'
   */
  readonly providerVersion?: string;
  /**
   * For a Swarm with several nodes. Without it a stack is for a Swarm with one.
   * @default - one node
   */
  readonly cluster?: SwarmClusterOptions;
}

const OPTIONS: OptionShapes<SwarmEngineOptions> = {
  host: 'string',
  registries: ['string'],
  providerVersion: 'string',
  cluster: CLUSTER_OPTIONS,
};

/** A Docker Swarm: every workload is a service on an overlay network, every job a container on the manager. */
export class SwarmEngine implements ContainerEngine {
  readonly name = 'swarm';
  readonly host: string | undefined;
  readonly oldestVersion = null;
  readonly cluster: ClusterSpec | null;
  readonly defaults = {
    // A service has no field for the first two. Its files are mounts, which a read-only root file system accepts.
    service: {
      init: false,
      noNewPrivileges: false,
      readOnlyRootWithFiles: true,
      updates: true,
      waitsUnprobed: true,
      stopsUnhealthy: true,
    },
    job: CONTAINER_DEFAULTS,
  };
  readonly traits = {
    reservesCpu: true,
    replicasShareName: true,
    carriesOutUpdates: true,
    needsManager: true,
    hasRemoteNodes: true,
    removesFailedServices: true,
  };
  readonly registries: readonly RegistryAccess[];
  private readonly providerVersion: string;

  /** @throws TradingStackError for an unknown option, and for a host, registry, version or label that is invalid */
  constructor(private readonly options: SwarmEngineOptions = {}) {
    checkOptions(options, OPTIONS, 'Engine.swarm');
    this.host = checkEngineHost(options.host, 'Engine.swarm');
    this.providerVersion = checkProviderVersion(options.providerVersion, 'Engine.swarm');
    this.cluster = clusterOf(options.cluster);
    this.registries = registriesOf(checkRegistries(options.registries ?? [], 'Engine.swarm'), options.cluster);
  }

  get isRemote(): boolean {
    return isRemoteHost(this.host);
  }

  at(host: string | undefined): SwarmEngine {
    const address = this.host === undefined ? checkEngineHost(host, 'cdktf.json', HOST_CONTEXT) : undefined;
    return address === undefined ? this : new SwarmEngine({ ...this.options, host: address });
  }

  /** A job is a container on the manager. */
  secretTransport({ kind }: WorkloadSpec): SecretTransport {
    if (kind === 'service') return 'object';
    return this.isRemote ? 'volume' : 'file';
  }

  createProvider(scope: Construct, id: string): TerraformProvider {
    return createProvider(scope, id, this.host, this.registries, this.providerVersion);
  }

  createNetwork(scope: Construct, id: string, spec: NetworkSpec, logicalId?: string): string {
    // Attachable, so that jobs, which are containers, reach the services.
    return createNetwork(scope, id, renderNetwork(spec, { driver: 'overlay', attachable: true }), logicalId);
  }

  findNetwork(scope: Construct, id: string, name: string): string {
    return findNetwork(scope, id, name);
  }

  createVolume(scope: Construct, id: string, name: string, labels: Readonly<Record<string, string>>): string {
    return createVolume(scope, id, name, labels);
  }

  createImage(scope: Construct, id: string, spec: ImageSpec, where: string): PlacedImage {
    checkPushed(spec, this.registries, 'Engine.swarm', where);
    const isForCluster = this.cluster !== null && spec.build !== null && spec.pushTo === null;
    const name = isForCluster ? nameInCluster(spec, this.cluster, where) : spec.name;
    if (spec.platform !== null) {
      const hint = 'Remove it, and use the digest of the image for that platform';
      throw unsupported(where, 'swarm', `the platform of the image ${spec.name}`, hint);
    }
    const image = createImage(scope, id, { ...spec, name }, this.providerVersion);
    const address = addressOf(image);
    // Every node can pull it.
    if (isForCluster || spec.pushTo !== null)
      return { reference: { name, expression: pushImage(scope, id, name, image) }, address };
    // A tag from a registry is resolved once and then differs in every plan; its digest does not. An image that is built
    // has no digest. With its id, tasks are replaced if a build without a cache leads to another image, and a rollback
    // returns to the one before.
    const digestOrName = `\${${address}.repo_digest != "" ? ${address}.repo_digest : ${address}.name}`;
    const expression = spec.build === null ? digestOrName : attributeOf(image, 'image_id');
    return { reference: { name, expression }, address };
  }

  createSecret(scope: Construct, id: string, secret: SecretFile): SecretHandle {
    return createSecret(scope, id, secret);
  }

  publishedPorts(ports: readonly PortSpec[], path: string): readonly PortSpec[] {
    return publishedPorts(ports, path);
  }

  /** With the final placement, which the checks of the nodes before a deploy need. */
  instancesOf(spec: WorkloadSpec): readonly WorkloadSpec[] {
    if (spec.kind === 'job') return [spec];
    return [{ ...spec, placement: placementOf(spec, this.cluster) }];
  }

  /** @throws TradingStackError if a Swarm cannot run it */
  createWorkload(scope: Construct, id: string, spec: WorkloadSpec): TerraformResource {
    if (spec.kind === 'job') {
      checkJobPlacement(spec, this.cluster);
      return createContainer(scope, id, spec, this);
    }
    checkServiceName(spec);
    const configs = spec.files.map((file) => createConfig(scope, spec, file));
    const { providerVersion } = this;
    const service = withoutCreationStacks(() =>
      createService(scope, id, renderService(spec, configs), providerVersion),
    );
    service.overrideLogicalId(terraformId(spec.name));
    return service;
  }
}

function createService(scope: Construct, id: string, config: ServiceConfig, providerVersion: string): Service {
  if (major(providerVersion) < 4) return new Service(scope, id, config);
  const { networksAdvanced, ...taskSpec } = config.taskSpec;
  const service = new Service(scope, id, { ...config, taskSpec });
  // From 4.0 on the provider reads the network back as `id`, so with `name` every plan replaces the service. The typed
  // bindings are older than that field.
  const networks = Array.isArray(networksAdvanced) ? networksAdvanced : [];
  service.addOverride(
    'task_spec.networks_advanced',
    networks.map(({ name, ...rest }) => ({ id: name, ...rest })),
  );
  return service;
}

import { Config } from '@cdktf/provider-docker/lib/config';
import { Image } from '@cdktf/provider-docker/lib/image';
import { Network } from '@cdktf/provider-docker/lib/network';
import { Secret } from '@cdktf/provider-docker/lib/secret';
import { Service } from '@cdktf/provider-docker/lib/service';
import { TerraformLocal, type TerraformResource, Token } from 'cdktf';
import { Construct } from 'constructs';
import type { ClusterSpec, ContainerEngine, RegistryAccess, SecretFile } from '../../platform/container-engine';
import { contentHash } from '../../platform/content-hash';
import { createVolume } from '../volume';
import { CONTAINER_DEFAULTS, createContainer } from '../docker/create-container';
import { invalidValue, TradingStackError, unsupported } from '../../errors';
import { checkEngineHost } from '../engine-host';
import { addressOf, attributeOf, innerExpression, terraformId } from '../../platform/reference';
import { checkRegistries } from '../registries';
import { renderImage } from '../image';
import { renderNetwork } from '../network';
import type {
  FileSpec,
  ImageReference,
  ImageSpec,
  NetworkSpec,
  PortSpec,
  SecretHandle,
  WorkloadSpec,
} from '../../platform/spec';
import { literal } from '../../platform/terraform-text';
import { clusterOf, registriesOf, type SwarmClusterOptions } from './cluster';
import { checkJobPlacement, placementOf } from './placement';
import { publishedPorts } from './ports';
import { pushImage } from './push-image';
import { renderService, type ServiceFile } from './render-service';

/** Options of {@link Engine.swarm}. */
export interface SwarmEngineOptions {
  /**
   * Address of a manager's API: `unix:///var/run/docker.sock`, `ssh://user@host`.
   * Mounted files, and the secrets of jobs, are read on the manager itself. With a host elsewhere a job that has any is
   * an error; where `DOCKER_HOST` names one they have to be there, as the files that a service mounts.
   * @default - what `DOCKER_HOST` says where Terraform runs, and the local socket otherwise
   */
  readonly host?: string;
  /**
   * Registries whose images need a login, for example `ghcr.io`: that of `docker login` on the machine where Terraform
   * runs.
   * @default - none
   */
  readonly registries?: readonly string[];
  /**
   * For a Swarm of several nodes. Without it a stack is for a Swarm of one.
   * @default - one node
   */
  readonly cluster?: SwarmClusterOptions;
}

/** A Docker Swarm: every workload is a service on an overlay network, every job a container on the manager. */
export class SwarmEngine implements ContainerEngine {
  readonly name = 'swarm';
  readonly host: string | undefined;
  readonly registries: readonly RegistryAccess[];
  readonly cluster: ClusterSpec | null;
  readonly defaults = {
    // A service can ask for neither of the two; its files are mounts, which a read-only root takes.
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
    needsManager: true,
    hasRemoteNodes: true,
    mountsSecretFiles: false,
    removesFailedServices: true,
  };
  readonly createVolume = createVolume;

  constructor(options: SwarmEngineOptions = {}) {
    this.host = checkEngineHost(options.host, 'Engine.swarm');
    this.cluster = clusterOf(options.cluster);
    this.registries = registriesOf(checkRegistries(options.registries ?? [], 'Engine.swarm'), options.cluster);
  }

  createNetwork(scope: Construct, id: string, spec: NetworkSpec): string {
    // Attachable, so that jobs, which are containers, reach the services.
    const network = new Network(scope, id, renderNetwork(spec, { driver: 'overlay', attachable: true }));
    return attributeOf(network, 'id');
  }

  createImage(scope: Construct, id: string, spec: ImageSpec, where: string): ImageReference {
    if (this.cluster !== null && spec.build !== null) return pushImage(scope, id, spec, this.cluster, where);
    const image = new Image(scope, id, renderImage(spec));
    const address = addressOf(image);
    // A tag from a registry is resolved once and then differs in every plan; its digest does not. An image that was
    // built here has none.
    const digestOrName = `\${${address}.repo_digest != "" ? ${address}.repo_digest : ${address}.name}`;
    return { name: spec.name, expression: spec.build === null ? digestOrName : attributeOf(image, 'name') };
  }

  createSecret(scope: Construct, id: string, secret: SecretFile): SecretHandle {
    const file = innerExpression(secret.hostPath);
    const object = new Secret(scope, id, {
      // Objects cannot change: a new content is a new object, and the old one goes when no service has it any more.
      // Everybody who reads a plan sees the name, and a hash in it would tell whether a guessed password is right.
      name: objectName(`${secret.stack}-${secret.name}`, secret.version),
      data: `\${filebase64(${file})}`,
      lifecycle: {
        createBeforeDestroy: true,
        precondition: [
          {
            condition: `\${fileexists(${file})}`,
            errorMessage: literal(`${scope.node.path}: the secret ${secret.name} is missing. ${secret.remedy}`),
          },
          {
            // Under the name of its old content Docker would refuse it.
            condition: `\${fileexists(${file}) ? ${innerExpression(secret.isCurrent)} : true}`,
            errorMessage: literal(
              `${scope.node.path}: the secret ${secret.name} has changed, and has no new version yet. ` +
                'Run the app again, which gives it one (writeSecretFiles)',
            ),
          },
        ],
      },
    });
    object.overrideLogicalId(terraformId(`secret_${secret.name}`));
    return {
      name: secret.name,
      hostPath: secret.hostPath,
      version: secret.version,
      isCurrent: secret.isCurrent,
      remedy: secret.remedy,
      object: { id: attributeOf(object, 'id'), name: attributeOf(object, 'name') },
    };
  }

  publishedPorts(ports: readonly PortSpec[], path: string): readonly PortSpec[] {
    return publishedPorts(ports, path);
  }

  /** With the placement that it really has: what looks at the nodes before a deploy wants to know. */
  instancesOf(spec: WorkloadSpec): readonly WorkloadSpec[] {
    if (spec.kind === 'job') return [spec];
    return [{ ...spec, placement: placementOf(spec, this.cluster) }];
  }

  createWorkload(scope: Construct, id: string, spec: WorkloadSpec): TerraformResource {
    if (spec.kind === 'job') {
      checkJobPlacement(spec, this.cluster);
      checkJobFiles(spec, this.host);
      return createContainer(scope, id, spec);
    }
    checkServiceName(spec);
    const files = spec.files.map((file) => createConfiguration(scope, spec, file));
    const service = new Service(scope, id, renderService(spec, files));
    service.overrideLogicalId(terraformId(spec.name));
    return service;
  }
}

/** Less than this many bytes: `MaxConfigSize`, https://pkg.go.dev/github.com/moby/swarmkit/v2/manager/controlapi */
const MAXIMUM_CONFIGURATION = 1_024_000;

function createConfiguration(scope: Construct, workload: WorkloadSpec, file: FileSpec): ServiceFile {
  checkSize(file, workload.path);
  const readable = file.path.replace(/[^A-Za-z0-9]+/g, '-').replace(/^-/, '');
  const parent = new Construct(scope, `file ${file.path.replace(/\//g, ':')}`);
  // Two paths may read the same, so the address has a hash of the path too.
  const address = terraformId(`${workload.name}_${readable}_${contentHash(file.path)}`);
  // Through a local value, so that a plan shows text where the object itself holds base64.
  const text = new TerraformLocal(parent, 'text', literal(file.content));
  text.overrideLogicalId(address);
  // A text that is complete later has no hash yet, and Terraform makes one.
  const hash = Token.isUnresolved(file.content)
    ? `\${substr(sha256(local.${address}), 0, 16)}`
    : contentHash([workload.name, file.path, file.content]);
  const object = new Config(parent, 'Default', {
    name: objectName(`${workload.name}-${readable}`, hash),
    data: `\${base64encode(local.${address})}`,
    lifecycle: { createBeforeDestroy: true },
  });
  object.overrideLogicalId(address);
  return { id: attributeOf(object, 'id'), name: attributeOf(object, 'name'), path: file.path, mode: file.mode };
}

/** Swarm allows 64 characters; the last ones, sixteen at most, tell contents apart. */
function objectName(subject: string, version: string): string {
  return `${subject.slice(0, 47)}-${version}`;
}

/** @throws TradingStackError if a container on another machine would have to mount files of this one */
function checkJobFiles({ path, secrets, bindMounts }: WorkloadSpec, host: string | undefined): void {
  if (host === undefined || /^(unix|npipe):|^(tcp|https?):\/\/(localhost|127\.0\.0\.1|\[::1\])(:|\/|$)/.test(host))
    return;
  const what = [...secrets.map(({ secret }) => `the secret ${secret.name}`), ...bindMounts.map((mount) => mount.path)];
  if (what.length === 0) return;
  throw new TradingStackError(
    'invalid-value',
    path,
    `a job of a Swarm is a container on the manager ${host}, which does not have the files of this machine: ${what.join(', ')}`,
    'Deploy from the manager itself, without `host` of Engine.swarm',
  );
}

function checkSize(file: FileSpec, path: string): void {
  const size = Buffer.byteLength(file.content);
  if (size < MAXIMUM_CONFIGURATION) return;
  const ask = `the file ${file.path} of ${size} bytes: a Swarm takes less than ${MAXIMUM_CONFIGURATION} of each`;
  throw unsupported(path, 'swarm', ask, 'Put it into the image, or mount it with BindMount');
}

/** Swarm wants names that DNS takes. */
function checkServiceName({ name, path }: WorkloadSpec): void {
  if (/^[A-Za-z0-9]([A-Za-z0-9_-]*[A-Za-z0-9])?$/.test(name)) return;
  throw invalidValue(path, 'name', name, 'letters, digits, hyphens and underscores, with a letter or digit at the end');
}

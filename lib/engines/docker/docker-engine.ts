import { Image } from '@cdktf/provider-docker/lib/image';
import { Network } from '@cdktf/provider-docker/lib/network';
import type { Construct } from 'constructs';
import type { ContainerEngine, RegistryAccess, SecretFile } from '../../platform/container-engine';
import { createVolume } from '../volume';
import { checkEngineHost, refuseSecretsElsewhere } from '../engine-host';
import { attributeOf } from '../../platform/reference';
import { checkRegistries } from '../registries';
import { renderImage } from '../image';
import { renderNetwork } from '../network';
import type { ImageReference, ImageSpec, NetworkSpec, PortSpec, SecretHandle, WorkloadSpec } from '../../platform/spec';
import { CONTAINER_DEFAULTS, createContainer } from './create-container';
import { replicasOf } from './replicas';

/** Options of {@link Engine.docker}. */
export interface DockerEngineOptions {
  /**
   * Address of the engine's API: `unix:///var/run/docker.sock`, `ssh://user@host`.
   * Secrets are files of the machine that deploys, so with an address that may be of another machine, anything but
   * `unix://` and `npipe://`, a workload that gets one is an error. Mounted files have to be on the engine's own host.
   * @default - what `DOCKER_HOST` says where Terraform runs, and the local socket otherwise
   */
  readonly host?: string;
  /**
   * Registries whose images need a login, for example `ghcr.io`: that of `docker login` on the machine where Terraform
   * runs.
   * @default - none
   */
  readonly registries?: readonly string[];
}

/** One host: every workload is a container on a bridge network. */
export class DockerEngine implements ContainerEngine {
  readonly name = 'docker';
  readonly host: string | undefined;
  readonly registries: readonly RegistryAccess[];
  readonly cluster = null;
  readonly defaults = { service: CONTAINER_DEFAULTS, job: CONTAINER_DEFAULTS };
  readonly traits = {
    reservesCpu: false,
    replicasShareName: false,
    needsManager: false,
    hasRemoteNodes: false,
    mountsSecretFiles: true,
    removesFailedServices: false,
  };
  readonly createVolume = createVolume;
  readonly createWorkload = createContainer;

  constructor(options: DockerEngineOptions = {}) {
    this.host = checkEngineHost(options.host, 'Engine.docker');
    this.registries = checkRegistries(options.registries ?? [], 'Engine.docker').map((address) => ({
      address,
      needsLogin: true,
    }));
  }

  publishedPorts(ports: readonly PortSpec[]): readonly PortSpec[] {
    return ports;
  }

  instancesOf(spec: WorkloadSpec): readonly WorkloadSpec[] {
    refuseSecretsElsewhere(spec, this.host);
    return replicasOf(spec);
  }

  createNetwork(scope: Construct, id: string, spec: NetworkSpec): string {
    return attributeOf(new Network(scope, id, renderNetwork(spec, { driver: 'bridge' })), 'id');
  }

  createImage(scope: Construct, id: string, spec: ImageSpec): ImageReference {
    const image = new Image(scope, id, renderImage(spec));
    // The id of the content: a container that names a tag keeps the old content when the tag moves.
    return { name: spec.name, expression: attributeOf(image, 'image_id') };
  }

  createSecret(_scope: Construct, _id: string, secret: SecretFile): SecretHandle {
    const { name, hostPath, version, isCurrent, remedy } = secret;
    return { name, hostPath, version, isCurrent, remedy, object: null };
  }
}

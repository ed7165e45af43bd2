import {
  type Attributes,
  blocks,
  decoded,
  entries,
  first,
  isSet,
  labelsOf,
  list,
  option,
  others,
  type Setting,
  splitAt,
  text,
  variable,
} from './attributes';
import { containerSettings, foreignLabels } from './container-settings';
import { serviceSettings } from './service-settings';

// The only file of the command line that knows the Docker provider's resource types and their attributes:
// https://registry.terraform.io/providers/kreuzwerker/docker/3.9.0/docs

/** What a resource is to the user of a stack. */
export type ResourceKind = 'workload' | 'image' | 'network' | 'volume' | 'secret' | 'config' | 'other';

const SERVICE = 'docker_service';
/** The type of the images that are pulled or built. */
export const IMAGE = 'docker_image';

const KINDS: Readonly<Record<string, ResourceKind>> = {
  docker_container: 'workload',
  [SERVICE]: 'workload',
  [IMAGE]: 'image',
  docker_registry_image: 'image',
  docker_network: 'network',
  docker_volume: 'volume',
  docker_secret: 'secret',
  docker_config: 'config',
};

export function kindOf(type: string): ResourceKind {
  return KINDS[type] ?? 'other';
}

/** What an engine tells apart by name. */
export type ObjectKind = 'container' | 'service' | 'network' | 'volume' | 'secret' | 'config';

/** The name of something on an engine, which is unique among those of its kind. */
export interface ObjectName {
  readonly kind: ObjectKind;
  readonly name: string;
}

const OBJECTS: Readonly<Record<string, ObjectKind>> = {
  docker_container: 'container',
  [SERVICE]: 'service',
  docker_network: 'network',
  docker_volume: 'volume',
  docker_secret: 'secret',
  docker_config: 'config',
};

/** What a resource is on the engine; `undefined` if it has no name there, or none that is known before the apply. */
export function engineObjectOf(type: string, { name }: Attributes): ObjectName | undefined {
  const kind = OBJECTS[type];
  return kind === undefined || typeof name !== 'string' ? undefined : { kind, name };
}

/** Whether a resource is a service of a Swarm, which restarts its tasks itself and names their containers. */
export function isSwarmService(address: string): boolean {
  return address.startsWith(`${SERVICE}.`);
}

/**
 * Path at which the engine describes the object of a resource, which is what the provider reads in a refresh.
 * @returns `undefined` if it reads more than that
 */
export function descriptionPath(type: string, { id, name }: Attributes): string | undefined {
  switch (type) {
    case 'docker_container':
      return `/containers/${text(id)}/json`;
    case IMAGE:
      return `/images/${text(name)}/json`;
    case 'docker_network':
      return `/networks/${text(id)}`;
    case 'docker_volume':
      return `/volumes/${text(name)}`;
    default:
      return undefined;
  }
}

/** Whether a Swarm service only changes because it is not known yet which image it gets. */
export function isServiceImageOnly(type: string, before: Attributes, after: Attributes, unknown: Attributes): boolean {
  const image = first(first(unknown.task_spec).container_spec).image;
  if (type !== SERVICE || image !== true || JSON.stringify(unknown).split('true').length > 2) return false;
  const others = (attributes: Attributes): string =>
    JSON.stringify(attributes, (key, value: unknown) => (key === 'image' ? undefined : value));
  return others(before) === others(after);
}

/** Whether a refresh would drop its container from the state if it does not run: every one but those of jobs. */
export function mustRun(type: string, attributes: Attributes): boolean {
  return type === 'docker_container' && attributes.must_run !== false;
}

/** The settings of a resource under the names that users know. Attributes that have none keep their own. */
export function settingsOf(type: string, attributes: Attributes): Setting[] {
  switch (type) {
    case 'docker_container':
      return containerSettings(attributes);
    case SERVICE:
      return serviceSettings(attributes);
    case IMAGE:
      return imageSettings(attributes);
    case 'docker_network':
      return networkSettings(attributes);
    case 'docker_secret':
    case 'docker_config':
      return objectSettings(type === 'docker_secret' ? 'secret' : 'file', attributes);
    default:
      return others(attributes);
  }
}

function networkSettings({ id, ipam_config, labels, scope, ...rest }: Attributes): Setting[] {
  const { subnet, gateway, ...addresses } = first(ipam_config);
  return [
    option('subnet', subnet),
    option('gateway', gateway),
    ...foreignLabels(labels),
    ...others(addresses),
    ...others(rest),
  ].filter(isSet);
}

/** Attributes of a container that its image sets if the code does not: the plan of a new container does not have them. */
const FROM_IMAGE: readonly string[] = ['user', 'working_dir'];

/** Whether a container that is replaced may lose an attribute only because the plan cannot know the image's. */
export function mayComeFromImage(attribute: string, planned: unknown): boolean {
  return FROM_IMAGE.includes(attribute) && text(planned) === '';
}

/** An object of a Swarm has its content and the version of that in its name. */
function objectSettings(group: 'secret' | 'file', { name, data, ...rest }: Attributes): Setting[] {
  return [{ group, name: '', value: decoded(data) }, ...others(rest)];
}

/** The value of a label of a container. */
export function labelOf(attributes: Attributes, name: string): string {
  return labelsOf(attributes.labels).find(([label]) => label === name)?.[1] ?? '';
}

/** Names of the volumes that a container or service mounts. */
export function volumesIn(attributes: unknown): string[] {
  const { volumes, task_spec } = (attributes ?? {}) as Attributes;
  const mounts = blocks(first(first(task_spec).container_spec).mounts);
  return [
    ...blocks(volumes).map(({ volume_name }) => text(volume_name)),
    ...mounts.filter(({ type }) => type === 'volume').map(({ source }) => text(source)),
  ].filter((name) => name !== '');
}

/** The limits of a container or a Swarm service, over all replicas; `null` without a limit. */
export interface Limits {
  readonly cpuMillis: number | null;
  readonly memoryBytes: number | null;
}

/** `undefined` for a job, and for everything else that is not a service. */
export function limitsOf(type: string, attributes: Attributes): Limits | undefined {
  const positive = (value: number): number | null => (value > 0 ? value : null);
  if (type === SERVICE) {
    const { nano_cpus, memory_bytes } = first(first(first(attributes.task_spec).resources).limits);
    const replicas = Number(first(first(attributes.mode).replicated).replicas ?? 1);
    return {
      cpuMillis: positive((Number(nano_cpus ?? 0) / 1e6) * replicas),
      memoryBytes: positive(Number(memory_bytes ?? 0) * replicas),
    };
  }
  const { attach, cpu_quota, cpu_period, memory } = attributes;
  if (type !== 'docker_container' || attach === true) return undefined;
  return {
    cpuMillis: positive((1000 * Number(cpu_quota ?? 0)) / Number(cpu_period ?? 1)),
    memoryBytes: positive(Number(memory ?? 0) * 1024 ** 2),
  };
}

/** What a container has apart from the files of its image. */
export interface ContainerFiles {
  /** Its id. */
  readonly container: string;
  /** Where volumes, folders of the host and file systems in memory are mounted. */
  readonly mounts: readonly string[];
  /** Files that were put into it when it was created. */
  readonly uploads: readonly string[];
}

/** `undefined` for everything else than a container that can write to its root file system. */
export function containerFilesOf(type: string, attributes: Attributes): ContainerFiles | undefined {
  const { id, read_only, volumes, mounts, tmpfs, upload } = attributes;
  if (type !== 'docker_container' || read_only === true || text(id) === '') return undefined;
  return {
    container: text(id),
    mounts: [
      ...blocks(volumes).map(({ container_path }) => text(container_path)),
      ...blocks(mounts).map(({ target }) => text(target)),
      ...entries(tmpfs).map(([path]) => path),
    ].filter((path) => path !== ''),
    uploads: blocks(upload).map(({ file }) => text(file)),
  };
}

/** The values of secrets in a resource's attributes: objects of a Swarm, and variables. */
export function secretValuesIn(
  type: string,
  attributes: Attributes,
  isSecretVariable: (name: string, value: string) => boolean,
): string[] {
  if (type === 'docker_secret') return [decoded(attributes.data)];
  return variablesIn(type, attributes)
    .filter(([name, value]) => isSecretVariable(name, value))
    .map(([, value]) => value);
}

/** Variables and labels of a container, and arguments of a build. */
function variablesIn(type: string, attributes: Attributes): [string, string][] {
  if (type === IMAGE) return entries(first(attributes.build).build_args);
  if (kindOf(type) !== 'workload') return [];
  if (type === SERVICE) return entries(first(first(attributes.task_spec).container_spec).env);
  return [...list(attributes.env).map((line) => splitAt(line, '=')), ...labelsOf(attributes.labels)];
}

/** An image that a resource gets from a registry, or sends to it. */
export interface ImageTransfer {
  readonly image: string;
  readonly isPush: boolean;
}

/** `undefined` for an image that is built, and for other resources. */
export function imageTransferOf(type: string, attributes: Attributes): ImageTransfer | undefined {
  const image = text(attributes.name);
  if (type === 'docker_registry_image') return { image, isPush: true };
  return type !== IMAGE || blocks(attributes.build).length > 0 || isBuiltBefore(attributes)
    ? undefined
    : { image, isPush: false };
}

/** Whether an image was built by an earlier deploy, which a rollback goes back to. It is on the engine already. */
export function isBuiltBefore(attributes: Attributes): boolean {
  return blocks(attributes.build).length === 0 && contentOf(attributes) !== undefined;
}

/** The hash of what an image is built from; `undefined` for one that is pulled. */
export function contentOf({ triggers }: Attributes): string | undefined {
  return entries(triggers).find(([name]) => name === 'content')?.[1];
}

/** How an image is built; `undefined` for one that is pulled. */
export interface Build {
  readonly name: string;
  /** Path from Terraform's working directory. */
  readonly context: string;
  /** Path from the context, or from Terraform's working directory. */
  readonly dockerfile: string;
  readonly target: string;
  readonly platform: string;
  readonly buildArgs: readonly (readonly [string, string])[];
  /** A hash of everything that the image is built from. */
  readonly content: string;
}

export function buildOf(attributes: Attributes): Build | undefined {
  const [build] = blocks(attributes.build);
  if (build === undefined) return undefined;
  return {
    name: text(attributes.name),
    context: text(build.context),
    dockerfile: text(build.dockerfile),
    target: text(build.target),
    platform: text(build.platform),
    buildArgs: entries(build.build_args),
    content: contentOf(attributes) ?? '',
  };
}

function imageSettings({ build, triggers, name, image_id, repo_digest, id, ...rest }: Attributes): Setting[] {
  const { context, dockerfile, target, build_args, platform, ...unusual } = first(build);
  return [
    option('Dockerfile', dockerfile),
    option('target', target),
    option('platform', platform),
    ...entries(build_args).map(([argument, value]) => variable(argument, value)),
    ...others(unusual),
    ...others(rest),
  ].filter(isSet);
}

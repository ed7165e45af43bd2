import { IMAGE } from '../plan/resources';
import type { Configuration } from '../synthesis/configuration';
import type { DeployedContent, RecordedImage } from './deploy-record';

type Resources = NonNullable<Configuration['resource']>;
type Resource = Resources[string][string];

/** The images that a configuration pulls or builds. */
export function imagesIn({ resource = {} }: Configuration): Pick<RecordedImage, 'address' | 'name' | 'isBuilt'>[] {
  return Object.entries(resource[IMAGE] ?? {}).map(([id, { name, build }]) => ({
    address: `${IMAGE}.${id}`,
    name: String(name),
    isBuilt: build !== undefined,
  }));
}

/**
 * The configuration that leads back to a deploy.
 * @param today the one of the code as it is: the state and the engine stay where they are
 * @param failed ids of the containers of jobs that have failed, by the addresses of the jobs
 */
export function configurationFor(
  content: DeployedContent,
  today: Configuration,
  failed: ReadonlyMap<string, string> = new Map(),
): Configuration {
  const { configuration, workloads, images } = content;
  const resource = mapResources(configuration.resource ?? {}, (one, address) => {
    if (address.startsWith(`${IMAGE}.`)) return withoutBuild(one);
    const isJob = workloads.some((workload) => workload.address === address && workload.spec.kind === 'job');
    return isJob ? withoutRun(one, failed.get(address)) : one;
  });
  const { backend: _backend, cloud: _cloud, ...terraform } = configuration.terraform;
  const { backend, cloud } = today.terraform;
  return withImages(
    {
      ...configuration,
      provider: { ...configuration.provider, ...today.provider },
      terraform: { ...terraform, ...(backend !== undefined && { backend }), ...(cloud !== undefined && { cloud }) },
      resource,
    },
    images,
  );
}

function mapResources(resources: Resources, change: (resource: Resource, address: string) => Resource): Resources {
  return Object.fromEntries(
    Object.entries(resources).map(([type, ofType]) => [
      type,
      Object.fromEntries(Object.entries(ofType).map(([id, one]) => [id, change(one, `${type}.${id}`)])),
    ]),
  );
}

/** The folder has other files by now. The provider uses the image that the engine has under the name. */
function withoutBuild({ build: _build, ...image }: Resource): Resource {
  return image;
}

/** A job that has run in a later version must not run again in an earlier one: a migration does not go back. */
function withoutRun(job: Resource, failed: string | undefined): Resource {
  const { postcondition = [], ...lifecycle } = (job.lifecycle ?? {}) as {
    readonly postcondition?: readonly Condition[];
  };
  // Terraform also checks what it does not change: a failed migration of the later version would stop the rollback.
  const tolerant = postcondition.map((one) =>
    failed === undefined ? one : { ...one, condition: `\${self.id == "${failed}" || ${inner(one.condition)}}` },
  );
  return {
    ...job,
    lifecycle: { ...lifecycle, ...(tolerant.length > 0 && { postcondition: tolerant }), ignore_changes: 'all' },
  };
}

interface Condition {
  readonly condition: string;
}

/** The expression in a template. */
function inner(template: string): string {
  return template.replace(/^\$\{(.*)\}$/s, '$1');
}

/** The images themselves instead of their names, which may belong to others by now. So the plan knows what it leads to. */
function withImages(configuration: Configuration, images: readonly RecordedImage[]): Configuration {
  const values = new Map(images.flatMap((image) => Object.entries(literalsOf(image))));
  const text = JSON.stringify(configuration).replace(
    new RegExp(`\\b${IMAGE}\\.[\\w-]+\\.(image_id|repo_digest)\\b`, 'g'),
    // Within a string of JSON.
    (reference) => JSON.stringify(values.get(reference) ?? reference).slice(1, -1),
  );
  return JSON.parse(text) as Configuration;
}

/** Expressions, by the references that they replace. */
function literalsOf({ address, id, digest }: RecordedImage): Record<string, string> {
  return { [`${address}.image_id`]: JSON.stringify(id), [`${address}.repo_digest`]: JSON.stringify(digest ?? '') };
}

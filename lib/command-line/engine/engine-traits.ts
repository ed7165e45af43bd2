import type { RegisteredWorkload } from '../../internal';

// What the commands have to know of the resources that an engine creates.

/** Whether the resource is a service whose tasks the engine starts anew by itself, under names of its own. */
export function hasTasks({ address }: RegisteredWorkload): boolean {
  return address.startsWith('docker_service.');
}

/** The command that starts what runs anew. */
export function restartCommand(workload: RegisteredWorkload): string {
  const { name } = workload.spec;
  return hasTasks(workload) ? `docker service update --force ${name}` : `docker restart ${name}`;
}

/** Whether a resource of this type is something that runs: a container or service. */
export function isWorkloadType(type: string): boolean {
  return type === 'docker_container' || type === 'docker_service';
}

/** Names of the volumes that a container or service has, by its attributes in a Terraform plan. */
export function volumesIn(attributes: unknown): string[] {
  const { volumes, task_spec } = (attributes ?? {}) as {
    readonly volumes?: readonly { readonly volume_name?: string | null }[];
    readonly task_spec?: readonly {
      readonly container_spec?: readonly { readonly mounts?: readonly { type: string; source?: string | null }[] }[];
    }[];
  };
  const mounts = (task_spec ?? []).flatMap(({ container_spec = [] }) =>
    container_spec.flatMap((one) => one.mounts ?? []),
  );
  return [
    ...(volumes ?? []).map(({ volume_name }) => volume_name),
    ...mounts.filter(({ type }) => type === 'volume').map(({ source }) => source),
  ].filter((name) => name !== undefined && name !== null && name !== '') as string[];
}

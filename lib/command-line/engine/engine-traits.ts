import type { RegisteredWorkload } from '../../internal';
import { isSwarmService } from '../plan/resources';

// What the commands have to know of the resources that an engine creates.

/** Whether the resource is a service whose tasks the engine starts anew by itself, under names of its own. */
export function hasTasks({ address }: RegisteredWorkload): boolean {
  return isSwarmService(address);
}

/** The command that starts what runs anew. */
export function restartCommand(workload: RegisteredWorkload): string {
  const { name } = workload.spec;
  return hasTasks(workload) ? `docker service update --force ${name}` : `docker restart ${name}`;
}

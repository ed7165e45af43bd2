import type { RegisteredWorkload, TradingStack } from '../../index';
import { isSwarmService } from '../plan/resources';

// What the commands have to know of an engine that the constructs do not. A new engine has its answers here.

/** Whether the engine has to be a manager of a Swarm. */
export function needsManager(stack: TradingStack): boolean {
  return isOnSwarm(stack);
}

/** Whether containers, and so volumes, can be on machines that cannot be looked at from here. */
export function canHaveOtherNodes(stack: TradingStack): boolean {
  return isOnSwarm(stack);
}

/** Whether its services mount the secret files of the machine that deploys; a Swarm gets theirs through its API. */
export function mountsSecretFiles(stack: TradingStack): boolean {
  return !isOnSwarm(stack);
}

/** Whether the provider removes what does not come up in time, so that nobody can read its log. */
export function removesWhatFails(stack: TradingStack): boolean {
  return isOnSwarm(stack);
}

/** Whether the resource is a service whose tasks the engine starts anew by itself, under names of its own. */
export function hasTasks({ address }: RegisteredWorkload): boolean {
  return isSwarmService(address);
}

/** The command that starts what runs anew. */
export function restartCommand(workload: RegisteredWorkload): string {
  const { name } = workload.spec;
  return hasTasks(workload) ? `docker service update --force ${name}` : `docker restart ${name}`;
}

function isOnSwarm({ platform }: TradingStack): boolean {
  return platform.engine.name === 'swarm';
}

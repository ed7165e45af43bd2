import type { RegisteredWorkload, TradingStack } from '../index';

// What the commands have to know of an engine that the constructs do not. A new engine has its answers here.

/** Whether the engine has to be a manager of a Swarm. */
export function needsManager(stack: TradingStack): boolean {
  return isOnSwarm(stack);
}

/** Whether containers, and so volumes, can be on machines that cannot be looked at from here. */
export function canHaveOtherNodes(stack: TradingStack): boolean {
  return isOnSwarm(stack);
}

/** Whether the provider removes what does not come up in time, so that nobody can read its log. */
export function removesWhatFails(stack: TradingStack): boolean {
  return isOnSwarm(stack);
}

/** Whether the resource is a service whose tasks the engine starts anew by itself, under names of its own. */
export function hasTasks({ address }: RegisteredWorkload): boolean {
  return address.startsWith('docker_service.');
}

/** Whether a resource of this type is something that runs: a container or service. */
export function isWorkloadType(type: string): boolean {
  return type === 'docker_container' || type === 'docker_service';
}

function isOnSwarm({ platform }: TradingStack): boolean {
  return platform.engine.name === 'swarm';
}

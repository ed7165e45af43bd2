import type { TradingStack } from '../../index';
import type { DockerApi } from '../engine/docker-api';
import { type ContainerSummary, namesOf } from '../engine/responses';
import { CommandError, type Problem } from '../output/output';
import type { Change } from '../plan/changes';
import { ownerOf } from './names';

/**
 * Checks that no container of another owner is connected to a network that the plan removes. Docker would refuse to remove
 * it, after everything else is gone, and the provider only reports a timeout.
 * @throws CommandError with the containers, and how to disconnect them
 */
export async function checkNetworkUsers(
  changes: readonly Change[],
  stack: TradingStack,
  docker: DockerApi,
): Promise<void> {
  const removed = changes.filter(
    ({ kind, action }) => kind === 'network' && (action === 'delete' || action === 'replace'),
  );
  const problems: Problem[] = [];
  for (const { before } of removed) {
    const network = String(before?.name);
    const containers = await docker.containersOn(network);
    const others = containers.filter(({ Labels }) => ownerOf({ labels: Labels }, stack) !== 'this stack');
    if (others.length > 0) problems.push({ code: 'network-in-use', message: describe(network, others, docker) });
  }
  if (problems.length > 0) throw CommandError.fromProblems(problems);
}

function describe(network: string, users: readonly ContainerSummary[], docker: DockerApi): string {
  const { command } = docker.address;
  const { services, containers } = namesOf(users);
  const names = [
    ...containers.map((name) => `the container ${name}`),
    ...services.map((service) => `the service ${service}`),
  ];
  const fixes = [
    ...containers.map((name) => `${command} network disconnect ${network} ${name}`),
    ...services.map((service) => `${command} service update --network-rm ${network} ${service}`),
  ];
  return (
    `The network ${network} cannot be removed while others than the stack are connected to it: ${names.join(', ')}. ` +
    `Disconnect them, and run the command again: ${fixes.join(' && ')}`
  );
}

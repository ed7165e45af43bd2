import type { TradingStack } from '../../index';
import type { DockerApi } from '../engine/docker-api';
import { describeState, hasTasks, isOf, statesOf, type WorkloadState } from '../engine/workload-state';
import { CommandError } from '../output/output';
import { workloadsNamed } from './services';

/**
 * The id of a running container of a service; of several replicas the first.
 * @throws CommandError `unknown-service`, or `service-not-running` also for a service that runs on another node of a Swarm
 */
export async function runningContainer(stack: TradingStack, service: string, docker: DockerApi): Promise<string> {
  const workloads = workloadsNamed(stack, [service]);
  const running = (await docker.containers()).filter(({ State }) => State === 'running');
  const found = workloads.flatMap((workload) => running.find((container) => isOf(container, workload)) ?? []);
  const [first] = found;
  if (first !== undefined) return first.Id;
  const [state] = await statesOf(workloads.slice(0, 1), docker);
  throw new CommandError('service-not-running', state === undefined ? '' : await describe(state, stack, docker));
}

async function describe(state: WorkloadState, stack: TradingStack, docker: DockerApi): Promise<string> {
  const { name } = state.workload.spec;
  const nodes = hasTasks(state.workload) ? await nodesOf(name, docker) : [];
  if (nodes.length > 0) {
    return (
      `${name} runs on ${nodes.join(', ')}, and commands run only in containers of the engine that is asked. Set ` +
      `DOCKER_HOST to that node: DOCKER_HOST=ssh://${nodes[0] ?? ''}`
    );
  }
  const log = `npm run logs -- ${stack.node.id} ${name} --tail 20`;
  return `${name} is not running (${describeState(state)}). Its log may say why: ${log}`;
}

/** Host names of the nodes with running tasks. */
async function nodesOf(service: string, docker: DockerApi): Promise<string[]> {
  const tasks = (await docker.tasks(service)).filter(({ Status }) => Status.State === 'running');
  const nodes = await docker.nodes();
  return nodes
    .filter(({ ID }) => tasks.some(({ NodeID }) => NodeID === ID))
    .map(({ Description }) => Description.Hostname);
}

import type { App } from 'cdktf';
import type { CommandContext } from '../../context';
import { execute } from '../../engine/exec';
import { deployedEngine } from '../../state/deployed-engine';
import { stackNamed } from '../../synthesis/stacks';
import { runningContainer } from '../../services/containers';
import { requiredArgument } from '../required-argument';
import { consoleOf, serversOf } from './clients';

/** Starts the client of a server in its container, with its user and password, and returns the exit code of the client. */
export async function openConsole(
  app: App,
  name: string | undefined,
  service: string | undefined,
  words: readonly string[],
  { environment, terminal }: CommandContext,
): Promise<number> {
  const stack = stackNamed(app, name);
  const known = serversOf(stack).map(({ workload }) => workload.serviceId);
  const example = (one: string): string => `console -- ${stack.node.id} ${one}`;
  const id = requiredArgument(service, { kind: 'service', known, example }, stack);
  const command = consoleOf(stack, id, words);
  const docker = await deployedEngine(app, stack, environment);
  return execute(await runningContainer(stack, id, docker), command, docker, terminal);
}

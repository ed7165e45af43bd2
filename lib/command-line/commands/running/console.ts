import type { App } from 'cdktf';
import type { CommandContext } from '../../context';
import { execute } from '../../engine/exec';
import { dockerOf } from '../../engine/of-stack';
import { stackNamed } from '../../synthesis/stacks';
import { consoleOf } from './clients';
import { runningContainer } from '../../services/containers';

/** Starts the client of a server in its container, with its user and password, and returns the exit code of the client. */
export async function openConsole(
  app: App,
  name: string,
  service: string,
  words: readonly string[],
  { environment, terminal }: CommandContext,
): Promise<number> {
  const stack = stackNamed(app, name);
  const command = consoleOf(stack, service, words);
  const docker = dockerOf(stack, environment);
  return execute(await runningContainer(stack, service, docker), command, docker, terminal);
}

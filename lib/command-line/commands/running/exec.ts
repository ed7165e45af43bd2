import type { App } from 'cdktf';
import type { CommandContext } from '../../context';
import { execute } from '../../engine/exec';
import { dockerOf } from '../../engine/of-stack';
import { stackNamed } from '../../synthesis/stacks';
import { runningContainer } from '../../services/containers';

/** Runs a command in the container of a service, and returns its exit code. */
export async function exec(
  app: App,
  name: string,
  service: string,
  command: readonly string[],
  { environment, terminal }: CommandContext,
): Promise<number> {
  const stack = stackNamed(app, name);
  const docker = dockerOf(stack, environment);
  return execute(await runningContainer(stack, service, docker), command, docker, terminal);
}

import type { App } from 'cdktf';
import type { CommandContext } from '../../context';
import { execute } from '../../engine/exec';
import { CommandError, ExitCode } from '../../output/output';
import { deployedEngine } from '../../state/deployed-engine';
import { stackNamed } from '../../synthesis/stacks';
import { runningContainer } from '../../services/containers';
import { workloadsNamed } from '../../services/services';
import { requiredService } from '../required-argument';

/**
 * Runs a command in the container of a service, and returns its exit code.
 * @throws CommandError `usage` without a service or a command
 */
export async function exec(
  app: App,
  name: string | undefined,
  service: string | undefined,
  command: readonly string[],
  { environment, terminal }: CommandContext,
): Promise<number> {
  const stack = stackNamed(app, name);
  const example = (one: string): string => `exec -- ${stack.node.id} ${one} -- sh`;
  const id = requiredService(service, example, stack);
  workloadsNamed(stack, [id]);
  if (command.length === 0) {
    const message = `Which command of ${id}? Pass it after two dashes, for example a shell: npm run ${example(id)}`;
    throw new CommandError('usage', message, ExitCode.REFUSED);
  }
  const docker = await deployedEngine(app, stack, environment);
  return execute(await runningContainer(stack, id, docker), command, docker, terminal);
}

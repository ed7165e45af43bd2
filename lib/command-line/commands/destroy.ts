import type { App } from 'cdktf';
import type { TradingStack } from '../../index';
import { checkCanConfirm } from './confirm';
import type { CommandContext } from '../context';
import { DockerApi, DockerApiError } from '../engine/docker-api';
import { engineAddress } from '../engine/address';
import { beforeAnyChange, CommandError, ExitCode } from '../output/output';
import { prepare } from './prepare';
import { printChanges } from '../output/report';
import { stackNamed } from '../terraform/stacks';
import { changedByPlan } from '../engine/stopped';
import type { Plan } from '../terraform/terraform';
import { remainingVolumes, type UnseenVolume, unseenVolumes } from '../preflight/volumes';
import { statesOf, stoppedServices } from '../engine/workload-state';

interface DestroyChoices {
  readonly yes: boolean;
  /** Whether Terraform's whole plan is shown, and not only what goes. */
  readonly verbose: boolean;
  /** Whether the kept volumes go too. */
  readonly volumes: boolean;
}

/** Removes the stack, after showing what goes. Its data goes only when that was asked for by name. */
export async function destroy(
  app: App,
  name: string | undefined,
  choices: DestroyChoices,
  context: CommandContext,
): Promise<number> {
  const { output } = context;
  const stack = stackNamed(app, name);
  checkCanConfirm(choices.yes, context);
  if (choices.volumes) checkVolumesCanBeRemoved(stack, context);
  const { docker, terraform } = await prepare(app, stack, { secrets: false, start: false }, context);
  const stopped = docker === undefined ? [] : stoppedServices(await statesOf(stack.platform.workloads, docker));
  const isGone = await beforeAnyChange(
    terraform.plan({ destroy: true, hidden: !choices.verbose }, (plan) => carryOut(plan, stack, choices, context)),
    () => changedByPlan(stopped, docker),
  );
  // Who stopped it does not want the volumes to go too.
  if (!isGone || terraform.wasInterrupted)
    throw new CommandError('destroy-failed', `The destroy of ${stack.node.id} failed. Run it again to continue.`);
  output.heading(`${stack.node.id} is not deployed any more.`);

  if (docker === undefined) output.say('Its kept volumes are on the engine still.');
  else await handleVolumes(stack, docker, choices, context);
  return ExitCode.DONE;
}

/** @throws CommandError if only Terraform can reach the engine, which would be found out too late */
function checkVolumesCanBeRemoved({ platform }: TradingStack, { environment }: CommandContext): void {
  const address = engineAddress(platform.engine.host, environment);
  if (DockerApi.at(address) !== undefined) return;
  throw new CommandError(
    'engine-unreachable',
    `The volumes cannot be removed from here: only Terraform can reach the engine at ${address.text}. ` +
      'Destroy without --volumes, and remove them there with `docker volume rm`.',
    ExitCode.REFUSED,
  );
}

async function carryOut(
  plan: Plan,
  stack: TradingStack,
  { yes, verbose }: DestroyChoices,
  { output, confirm }: CommandContext,
): Promise<boolean> {
  if (plan.isEmpty) return true;
  printChanges(await plan.changes(), stack, output);
  if (!verbose) output.say('\n--verbose shows the whole plan.');
  if (!yes) await confirm('Destroy all of this?', 'it stays.');
  return (await plan.apply()).succeeded;
}

/** @throws CommandError if they were to be removed, and some of them may be left */
async function handleVolumes(
  stack: TradingStack,
  docker: DockerApi,
  choices: DestroyChoices,
  { output, confirm }: CommandContext,
): Promise<void> {
  const volumes = await remainingVolumes(stack, docker);
  const unseen = describeUnseen(await unseenVolumes(stack, docker));
  if (!choices.volumes) {
    if (volumes.length > 0) {
      output.say(`These volumes stay, with their data, and the next deploy finds them: ${volumes.join(', ')}`);
      output.say(`To remove them too: docker volume rm ${volumes.join(' ')}`);
    }
    for (const line of unseen) output.say(line);
    return;
  }
  if (volumes.length > 0 && !choices.yes)
    await confirm(`Remove these volumes with all their data: ${volumes.join(', ')}?`, 'the volumes stay.');
  for (const volume of volumes) {
    await remove(volume, docker);
    output.say(`Removed the volume ${volume}.`);
  }
  if (unseen.length > 0) throw new CommandError('volume-not-removed', unseen.join('\n'));
}

function describeUnseen(unseen: readonly UnseenVolume[]): string[] {
  return unseen.map(
    ({ volume, nodes }) =>
      `The volume ${volume} may be on ${nodes.join(' or ')}, where it cannot be looked at from here. To remove it with ` +
      `its data, on that node: docker volume rm ${volume}`,
  );
}

async function remove(volume: string, docker: DockerApi): Promise<void> {
  try {
    await docker.removeVolume(volume);
  } catch (error) {
    if (!(error instanceof DockerApiError)) throw error;
    throw new CommandError('volume-not-removed', `The volume ${volume} could not be removed: ${error.reason}`);
  }
}

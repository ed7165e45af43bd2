import type { App } from 'cdktf';
import type { CommandContext } from '../context';
import { jobsToRepeat } from '../engine/log-tail';
import { beforeAnyChange } from '../output/output';
import { prepare } from './prepare';
import { printChanges } from '../output/report';
import { stackNamed } from '../terraform/stacks';
import { warnOfEmptyVolumes } from '../preflight/volumes';
import { statesOf, stoppedServices } from '../engine/workload-state';

/** Shows what a deploy would change, and returns whether there is anything. */
export async function diff(app: App, name: string | undefined, context: CommandContext): Promise<boolean> {
  const { output } = context;
  const stack = stackNamed(app, name);
  const { docker, terraform } = await prepare(app, stack, { secrets: true, start: false }, context);
  const states = docker === undefined ? [] : await statesOf(stack.platform.workloads, docker);
  const stopped = stoppedServices(states);
  if (stopped.length > 0) {
    const names = stopped.map(({ workload }) => workload.spec.name).join(', ');
    output.say(
      `Not running: ${names}. The plan is made with -refresh=false, as the provider removes a stopped container, with ` +
        'its logs, when it looks at it.',
    );
  }
  const replace = [...jobsToRepeat(states, output), ...stopped.map(({ workload }) => workload.address)];
  const refresh = stopped.length === 0;
  const compared = terraform.plan({ replace, refresh }, async (plan) => {
    if (plan.isEmpty) return false;
    const changes = await plan.changes();
    printChanges(changes, stack, output);
    await warnOfEmptyVolumes(changes, stack, docker, output);
    return true;
  });
  return beforeAnyChange(compared);
}

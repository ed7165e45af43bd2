import type { App } from 'cdktf';
import type { CommandContext } from '../context';
import { jobsToRepeat } from '../engine/log-tail';
import { statesOf, stoppedServices } from '../engine/workload-state';
import { changeSummary } from '../output/change-summary';
import { beforeAnyChange } from '../output/output';
import { Names, printLeftOvers } from '../preflight/names';
import { printPlan } from '../output/plan-report';
import { FAILED_BEFORE } from './deploy';
import type { PlannedChanges } from '../plan/changes';
import { describeChanges } from '../plan/details';
import { prepare } from './prepare';
import { reportUnsavedFiles, unsavedFiles, warnOfUnsavedFiles } from '../preflight/unsaved-files';
import { warnOfEmptyVolumes } from '../preflight/volumes';
import { lostNetworks, printLostNetworks, reportLostNetworks } from '../rollout/lost-networks';
import { CommandLock } from '../state/command-lock';
import { outputOf, stackNamed } from '../synthesis/stacks';

/** Shows what a deploy would change, and returns whether it would change anything. */
export async function diff(
  app: App,
  name: string | undefined,
  { verbose, markdown }: { readonly verbose: boolean; readonly markdown: boolean },
  context: CommandContext,
): Promise<boolean> {
  const { output } = context;
  const stack = stackNamed(app, name);
  // Its steps would fail if this command wrote another configuration, and the plan would be about something unfinished.
  new CommandLock(outputOf(app, stack), stack).check();
  const { docker, terraform, removesStopped } = await prepare(app, stack, { secrets: true, start: false }, context);
  const states = await statesOf(stack.platform.workloads, docker);
  const stopped = stoppedServices(states);
  if (stopped.length > 0) {
    const names = stopped.map(({ workload }) => workload.spec.name).join(', ');
    const why = removesStopped
      ? 'The plan is made with -refresh=false, because a refresh would make the provider remove stopped containers with ' +
        'their logs.'
      : 'The plan is made with -refresh=false and replaces stopped containers; a deploy starts them again.';
    output.say(`Not running: ${names}. ${why}`);
  }
  const reasons = new Map([
    ...jobsToRepeat(states, output).map((address) => [address, FAILED_BEFORE] as const),
    ...stopped.map(({ workload }) => [workload.address, 'it is not running'] as const),
  ]);
  const options = { replace: [...reasons.keys()], refresh: stopped.length === 0, locks: false };
  const compared = terraform.plan(options, async (plan) => {
    const lost = lostNetworks(states);
    const planned = plan.isEmpty && !terraform.journal.exists ? NOTHING : await plan.read();
    const asked = unsavedFiles(planned.changes, stack, docker);
    const names = new Names({ stack, planned, docker, terraform });
    const leftOvers = await names.leftOvers();
    if (plan.isEmpty && leftOvers.length === 0 && lost.length === 0) {
      if (output.isJson) output.document({ stack: stack.node.id, outcome: 'unchanged', changes: [] });
      if (markdown) await output.write(changeSummary([], planned, stack));
      output.heading(`Nothing to change: ${stack.node.id} is up to date.`);
      return false;
    }
    if (verbose) await plan.printText();
    const reports = describeChanges(planned.changes, { stack, planned, terraform, reasons });
    if (!plan.isEmpty) printPlan(reports, stack, output);
    if (markdown) await output.write(changeSummary(reports, planned, stack));
    printLostNetworks(lost, planned.changes, output);
    printLeftOvers(leftOvers, output);
    await names.check(leftOvers);
    await warnOfEmptyVolumes(planned.changes, stack, docker, output);
    const unsaved = await asked;
    warnOfUnsavedFiles(unsaved, docker, output);
    if (output.isJson) {
      const removed = leftOvers.map(({ kind, name }) => ({ kind, name }));
      output.document({
        stack: stack.node.id,
        outcome: 'changes',
        changes: reports,
        leftOvers: removed,
        unsavedFiles: reportUnsavedFiles(unsaved),
        restarts: reportLostNetworks(lost),
      });
    }
    return true;
  });
  return beforeAnyChange(compared);
}

const NOTHING: PlannedChanges = { changes: [], imageNames: new Map(), contentTagged: new Set(), state: [], gone: [] };

import type { TradingStack } from '../../index';
import { previousName } from '../../internal';
import type { CommandContext } from '../context';
import { STEP_TITLES, type Step } from './steps';
import type { FailedStart, StartWatch } from './start-watch';
import type { Round, StoppedStarts, Turns } from './turns';
import { buildingAgain, type Rebuild } from '../images/rebuild';
import { pushedVersion } from '../images/versions';
import { CommandError, ExitCode, type Problem } from '../output/output';
import { printPlan } from '../output/plan-report';
import {
  type Change,
  disruptive,
  isHeldByOthers,
  isMadeOnEngine,
  jobAddresses,
  removalOfReplaced,
  type PlannedChanges,
  resourceName,
  unconfirmed,
} from '../plan/changes';
import { describeChanges } from '../plan/details';
import type { Plan } from '../terraform/plan';
import type { PlanOptions } from '../terraform/plan-options';
import type { Terraform } from '../terraform/terraform';

/** The step at which a deploy stopped early. */
export interface Failure extends StoppedStarts {
  readonly step: Step;
  /** Why the step was not started; `null` if it failed halfway. */
  readonly reason: Problem | null;
  /** The changes that Terraform's errors are about. */
  readonly changes: readonly Change[];
  /** Names of services that ran before and may have been stopped or changed. */
  readonly touched: readonly string[];
  /** The containers because of which the step was ended. */
  readonly starts: readonly FailedStart[];
  /** Terraform's errors. */
  readonly errors: readonly string[];
  /** Names of services that have been replaced before. */
  readonly replaced: readonly string[];
}

/** What a deploy needs. */
export interface RolloutProps {
  readonly stack: TradingStack;
  readonly terraform: Terraform;
  readonly context: CommandContext;
  /** Whether changes that were not in the plan are applied without a question. */
  readonly yes: boolean;
  readonly starts: StartWatch;
  /** Replaces services without downtime. */
  readonly turns: Turns;
  /** Addresses of the jobs to run again although nothing about them changed, with the reasons. */
  readonly repeat: ReadonlyMap<string, string>;
  /** The images to build again although nothing about them changed. */
  readonly rebuild: Rebuild;
  /** Throws a `CommandError` if one of the versions, which are built by then, must not be pushed. */
  readonly checkPushes: (changes: readonly Change[]) => Promise<void>;
}

/**
 * Carries out a plan that was confirmed. Terraform removes a container that is replaced before it builds the image of
 * the new one, and before it runs a job that the new one waits for. If services run that would be down if these fail,
 * images and jobs are applied first. Services that can be replaced without downtime follow, and the rest comes last.
 */
export class Rollout {
  private readonly jobs: ReadonlySet<string>;
  private confirmed: readonly Change[] = [];
  private touched: readonly string[] = [];
  private readonly replaced = new Set<string>();
  private hasApplied = false;

  constructor(private readonly props: RolloutProps) {
    this.jobs = jobAddresses(props.stack);
  }

  /**
   * @param changes those of the plan
   * @returns `undefined` if all of it was carried out
   * @throws CommandError if the first step was refused, so that nothing was changed
   */
  async carryOut(plan: Plan, changes: readonly Change[]): Promise<Failure | undefined> {
    this.confirmed = changes;
    const made = changes.filter(({ action }) => action !== 'delete');
    const isPush = (change: Change): boolean => pushedVersion(change) !== undefined;
    const pushes = made.filter(isPush).map(({ address }) => address);
    const images = made.filter((change) => isMadeOnEngine(change) && !isPush(change)).map(({ address }) => address);
    const jobs = made.map(({ address }) => address).filter((address) => this.jobs.has(address));
    const hasTurns = this.props.turns.rounds(changes).length > 0;
    const harmsNothing = this.touchedBy(changes).length === 0 || images.length + jobs.length === 0;
    if (!hasTurns && pushes.length === 0 && harmsNothing) {
      return failureIn(await this.attempt('rest', () => this.apply('rest', plan, changes)));
    }
    if (images.length > 0) {
      const failure = failureIn(await this.step('images', { targets: images, ...buildingAgain(this.props.rebuild) }));
      if (failure !== undefined) return failure;
    }
    if (pushes.length > 0) {
      const failure = failureIn(await this.step('pushes', { targets: pushes }));
      if (failure !== undefined) return failure;
    }
    let replace = [...this.props.repeat.keys()];
    if (jobs.length > 0) {
      const outcome = await this.step('jobs', { targets: jobs, replace });
      if (failureIn(outcome) !== undefined) return failureIn(outcome);
      // The jobs have already run again.
      if (outcome === 'done') replace = [];
    }
    const failure = await this.takeTurns(changes);
    if (failure !== undefined) return failure;
    return failureIn(await this.step('rest', { replace }));
  }

  /** Replaces the services that stay available, one batch of replicas after another. */
  private async takeTurns(planned: readonly Change[]): Promise<Failure | undefined> {
    const { turns, context, terraform } = this.props;
    let changes = planned;
    let rounds = turns.rounds(changes);
    if (rounds.length === 0) return undefined;
    context.output.heading(`\n${STEP_TITLES.turns}`);
    if (rounds.flat().some(({ change }) => change.dependsOnImage)) {
      // Now that the images are there, it is known which services get another one.
      const targets = rounds.flat().map(({ workload }) => workload.address);
      const outcome = await this.attempt('turns', () =>
        terraform.plan({ targets, isStep: true }, async (plan): Promise<Outcome> => {
          const current = plan.isEmpty ? [] : (await plan.read()).changes;
          // A plan with targets leaves out what is no longer in the configuration, such as previous containers.
          changes = [...current, ...planned.filter(({ action }) => action === 'delete')];
          return 'done';
        }),
      );
      if (failureIn(outcome) !== undefined) return failureIn(outcome);
      rounds = turns.rounds(changes);
    }
    let leaving: readonly string[] = [];
    for (const round of rounds) {
      if (leaving.length > 0) await this.delayBefore(round);
      const before = leaving;
      const failure = failureIn(
        await this.attempt('turns', async () => {
          const previous = await turns.begin(round, changes);
          this.hasApplied = true;
          const targets = [...before, ...round.map(({ workload }) => workload.address)];
          leaving = previous;
          this.confirmed = [...this.confirmed, ...round.map(({ change }) => removalOfReplaced(change))];
          return this.applyTargets('turns', { targets });
        }),
      );
      if (failure !== undefined) {
        const stopped = await turns.stopFailed(round);
        if (failure.reason === null && !terraform.wasInterrupted) await this.removeReplaced(round, before);
        return { ...failure, ...stopped };
      }
      turns.end();
      for (const { workload } of round) this.replaced.add(workload.spec.name);
    }
    return undefined;
  }

  /**
   * Removes the previous containers that are no longer needed although a round has failed: otherwise both versions of
   * these services would serve until the next deploy.
   * @param before those of the round before
   */
  private async removeReplaced(round: Round, before: readonly string[]): Promise<void> {
    const { turns, terraform } = this.props;
    // A refresh would remove the containers that have failed, with their logs.
    const options = { isStep: true, refresh: false };
    try {
      const healthy = await turns.healthyIn(round);
      const incomplete =
        healthy.length === 0
          ? []
          : await terraform.plan({ ...options, targets: healthy }, async (plan) =>
              plan.isEmpty ? [] : (await plan.read()).changes.map(({ address }) => address),
            );
      const previous = healthy.filter((address) => !incomplete.includes(address)).map(previousName);
      const targets = [...before, ...previous];
      if (targets.length === 0) return;
      await terraform.plan({ ...options, targets }, async (plan) => {
        if (plan.isEmpty) return;
        const { changes } = await plan.read();
        if (changes.some(({ address }) => !targets.includes(address))) return;
        turns.end();
        await turns.beforeRemoving(changes);
        await plan.apply();
      });
    } catch (error) {
      // The report names the previous containers that still run, and the next deploy removes them.
      if (!(error instanceof CommandError)) throw error;
    }
  }

  private async delayBefore(round: Round): Promise<void> {
    const delays = round.map(({ workload }) => workload.spec.updates?.delayMilliseconds ?? 0);
    await this.props.context.pause(Math.max(...delays));
  }

  private applyTargets(step: Step, options: PlanOptions): Promise<Outcome> {
    return this.props.terraform.plan({ ...options, isStep: true }, async (plan) => {
      if (plan.isEmpty) return 'done';
      const planned = await plan.read();
      await this.askAgain(planned);
      return this.apply(step, plan, planned.changes);
    });
  }

  /** Plans a part again with the values that are known by now, and applies it. */
  private step(step: Step, options: PlanOptions): Promise<Outcome> {
    const { terraform, context } = this.props;
    context.output.heading(`\n${STEP_TITLES[step]}`);
    return this.attempt(step, () =>
      terraform.plan({ ...options, isStep: true }, async (plan) => {
        if (plan.isEmpty) {
          if (step === 'rest') this.tellSpared([]);
          return 'done';
        }
        const planned = await plan.read();
        const { changes } = planned;
        if (step === 'jobs' && changes.some(isHeldByOthers)) {
          context.output.say(
            'The jobs need a network or a volume that is replaced and that other containers use, so they run with the rest.',
          );
          return 'held';
        }
        if (step === 'rest') this.tellSpared(changes);
        if (step === 'pushes') await this.props.checkPushes(changes);
        await this.askAgain(planned);
        return this.apply(step, plan, changes);
      }),
    );
  }

  /** Reports the services that are not replaced after all, because their image did not change. */
  private tellSpared(changes: readonly Change[]): void {
    const { context, stack } = this.props;
    const spared = this.confirmed
      .filter(({ dependsOnImage, address }) => dependsOnImage && !this.jobs.has(address))
      .filter(({ address }) => !changes.some((change) => change.address === address))
      .map((change) => resourceName(change, stack.platform.workloads))
      .filter((name) => !this.replaced.has(name));
    if (spared.length > 0)
      context.output.say(
        `The image did not change: ${spared.join(', ')} ${spared.length === 1 ? 'keeps' : 'keep'} running.`,
      );
  }

  /** A refusal before anything was applied refuses the whole deploy; after that it is a failure. */
  private async attempt(step: Step, work: () => Promise<Outcome>): Promise<Outcome> {
    try {
      return await work();
    } catch (error) {
      const isRefusal = error instanceof CommandError && error.exitCode === ExitCode.REFUSED;
      if (!(error instanceof CommandError) || (isRefusal && !this.hasApplied)) throw error;
      return this.failure(step, error, [], error.errors);
    }
  }

  private async askAgain(planned: PlannedChanges): Promise<void> {
    const { context, stack, terraform, repeat, rebuild, yes } = this.props;
    const added = unconfirmed(this.confirmed, planned.changes);
    if (added.length === 0) return;
    context.output.warn('\nThese changes were not in the plan above: something has changed since it was made.');
    const reasons = new Map([...repeat, ...rebuild.reasons]);
    printPlan(describeChanges(added, { stack, planned, terraform, reasons }), stack, context.output);
    if (!yes) await context.confirm('Apply these changes too?', 'the rest of the plan is not applied.');
    this.confirmed = [...this.confirmed, ...added];
  }

  private async apply(step: Step, plan: Plan, changes: readonly Change[]): Promise<Outcome> {
    const { starts, turns } = this.props;
    await turns.beforeRemoving(changes);
    const { succeeded, failedAddresses, errors } = await starts.during((stop) => plan.apply(stop));
    this.hasApplied = true;
    this.touched = [...new Set([...this.touched, ...this.touchedBy(changes)])];
    if (succeeded && starts.failures.length === 0) return 'done';
    const failed = changes.filter(({ address }) => failedAddresses.includes(address));
    return this.failure(step, null, failed, errors);
  }

  private failure(step: Step, reason: Problem | null, changes: readonly Change[], errors: readonly string[]): Failure {
    const { touched, props } = this;
    const starts = reason === null ? props.starts.failures : [];
    const replaced = [...this.replaced];
    return { step, reason, changes, touched, replaced, stopped: [], notStopped: [], starts, errors };
  }

  private touchedBy(changes: readonly Change[]): string[] {
    return disruptive(changes, this.jobs).map((change) => resourceName(change, this.props.stack.platform.workloads));
  }
}

/** How a step ended: `held` if it has to wait for the rest. */
type Outcome = 'done' | 'held' | Failure;

function failureIn(outcome: Outcome): Failure | undefined {
  return typeof outcome === 'string' ? undefined : outcome;
}

import type { TradingStack } from '../../index';
import { beyond, type Change, interrupting, jobAddresses, nameOf } from './changes';
import type { CommandContext } from '../context';
import type { CrashLoops } from './crash-loops';
import { CommandError, ExitCode } from '../output/output';
import { printChanges } from '../output/report';
import type { Plan, PlanOptions, Terraform } from '../terraform/terraform';

/** A part of a deploy that is carried out by itself. */
export type Step = 'images' | 'jobs' | 'rest';

/** The step that a deploy ended with, too early. */
export interface Failure {
  readonly step: Step;
  /** Why nothing of the step was carried out; `null` if it failed in its midst. */
  readonly reason: string | null;
  /** Those of its changes that Terraform names in its errors. */
  readonly changes: readonly Change[];
  /** Names of what ran before and may not any more, or not as it did. */
  readonly touched: readonly string[];
}

/** What a deploy is carried out with. */
export interface RolloutProps {
  readonly stack: TradingStack;
  readonly terraform: Terraform;
  readonly context: CommandContext;
  /** Whether what was not in the plan is applied without a question. */
  readonly yes: boolean;
  readonly crashLoops: CrashLoops;
  /** Addresses of the jobs that are to run again although nothing about them changed. */
  readonly replace: readonly string[];
}

const FIRST_WORDS: Readonly<Record<Step, string>> = {
  images: 'Images before the rest (terraform -target): what runs stays up if one cannot be built or pulled.',
  jobs: 'Jobs before the services (terraform -target): what runs stays up if one fails.',
  rest: 'The rest.',
};

/**
 * Carries out a plan that was confirmed. Terraform removes the container that is replaced before it builds the image of
 * the new one, and before it runs a job that the new one waits for. Where something runs that would be down if these
 * fail, they are carried out before anything else.
 */
export class Rollout {
  private readonly jobs: ReadonlySet<string>;
  private confirmed: readonly Change[] = [];
  private touched: readonly string[] = [];
  private isBegun = false;

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
    const images = made.filter(({ type }) => type === 'docker_image').map(({ address }) => address);
    const jobs = made.map(({ address }) => address).filter((address) => this.jobs.has(address));
    if (this.touchedBy(changes).length === 0 || images.length + jobs.length === 0) {
      return failureIn(await this.attempt('rest', () => this.apply('rest', plan, changes)));
    }
    if (images.length > 0) {
      const failure = failureIn(await this.step('images', { targets: images }));
      if (failure !== undefined) return failure;
    }
    let { replace } = this.props;
    if (jobs.length > 0) {
      const outcome = await this.step('jobs', { targets: jobs, replace });
      if (failureIn(outcome) !== undefined) return failureIn(outcome);
      // Once is enough.
      if (outcome === 'done') replace = [];
    }
    return failureIn(await this.step('rest', { replace }));
  }

  /** Plans a part anew, as Terraform wants it, and carries it out. */
  private step(step: Step, options: PlanOptions): Promise<Outcome> {
    this.props.context.output.heading(`\n${FIRST_WORDS[step]}`);
    return this.attempt(step, () =>
      this.props.terraform.plan({ ...options, quiet: true }, async (plan) => {
        const changes = plan.isEmpty ? [] : await plan.changes();
        if (step === 'jobs' && changes.some(isHeldByOthers)) {
          this.props.context.output.say(
            'They need a network or a volume that is replaced, and what else uses it: they run with the rest.',
          );
          return 'held';
        }
        await this.askAgain(changes);
        return plan.isEmpty ? 'done' : this.apply(step, plan, changes);
      }),
    );
  }

  /** What was refused before anything was applied is a refusal of the deploy; later the deploy has failed. */
  private async attempt(step: Step, work: () => Promise<Outcome>): Promise<Outcome> {
    try {
      return await work();
    } catch (error) {
      const isRefusal = error instanceof CommandError && error.exitCode === ExitCode.REFUSED;
      if (!(error instanceof CommandError) || (isRefusal && !this.isBegun)) throw error;
      return { step, reason: error.message, changes: [], touched: this.touched };
    }
  }

  private async askAgain(changes: readonly Change[]): Promise<void> {
    const { context, stack, yes } = this.props;
    const { output } = context;
    const added = beyond(this.confirmed, changes);
    if (added.length === 0) return;
    output.warn('\nThis was not in the plan above, as something has changed since:');
    printChanges(added, stack, output);
    if (!yes) await context.confirm('Apply these changes too?', 'what is left of the plan is not applied.');
    this.confirmed = [...this.confirmed, ...added];
  }

  private async apply(step: Step, plan: Plan, changes: readonly Change[]): Promise<Outcome> {
    const { succeeded, blamed } = await this.props.crashLoops.during(plan.apply());
    this.isBegun = true;
    this.touched = [...new Set([...this.touched, ...this.touchedBy(changes)])];
    if (succeeded) return 'done';
    const failed = changes.filter(({ address }) => blamed.includes(address));
    return { step, reason: null, changes: failed, touched: this.touched };
  }

  private touchedBy(changes: readonly Change[]): string[] {
    return interrupting(changes, this.jobs).map((change) => nameOf(change, this.props.stack.platform.workloads));
  }
}

/** How a step ended: `held` if it has to wait for the rest. */
type Outcome = 'done' | 'held' | Failure;

function failureIn(outcome: Outcome): Failure | undefined {
  return typeof outcome === 'string' ? undefined : outcome;
}

/** A network or volume cannot be removed while containers that are no part of the step have it. */
function isHeldByOthers({ type, action }: Change): boolean {
  return ['docker_network', 'docker_volume'].includes(type) && action !== 'create' && action !== 'update';
}

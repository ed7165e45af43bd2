import type { TradingStack } from '../index';
import { beyond, type Change, interrupting, jobAddresses, nameOf, printChanges } from './changes';
import { confirm } from './confirm';
import type { Output } from './output';
import type { Plan, PlanOptions, Terraform } from './terraform';

/** A part of a deploy that is carried out by itself. */
export type Step = 'images' | 'jobs' | 'rest';

/** How carrying out a plan ended. */
export interface Ending {
  /** The step that failed; `null` if none did. */
  readonly failed: Step | null;
  /** What that step was about to change. */
  readonly changes: readonly Change[];
  /** Names of what ran before and may not any more, or not as it did. */
  readonly touched: readonly string[];
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
  private confirmed: readonly Change[];
  private readonly jobs: ReadonlySet<string>;

  constructor(
    private readonly stack: TradingStack,
    private readonly terraform: Terraform,
    private readonly plan: Plan,
    changes: readonly Change[],
    private readonly options: {
      readonly yes: boolean;
      /** Addresses of the jobs that are to run again although nothing about them changed. */
      readonly replace: readonly string[];
    },
    private readonly output: Output,
  ) {
    this.confirmed = changes;
    this.jobs = jobAddresses(stack);
  }

  async run(): Promise<Ending> {
    const { confirmed, options, plan } = this;
    const made = confirmed.filter(({ action }) => action !== 'delete');
    const images = made.filter(({ type }) => type === 'docker_image').map(({ address }) => address);
    const jobs = made.map(({ address }) => address).filter((address) => this.jobs.has(address));
    if (this.touchedBy(confirmed).length === 0 || images.length + jobs.length === 0) {
      return this.apply('rest', plan, confirmed);
    }
    if (images.length > 0) {
      const ending = await this.step('images', { targets: images });
      if (ending?.failed) return ending;
    }
    let { replace } = options;
    if (jobs.length > 0) {
      const ending = await this.step('jobs', { targets: jobs, replace });
      if (ending?.failed) return ending;
      // Once is enough.
      if (ending !== undefined) replace = [];
    }
    return (await this.step('rest', { replace })) ?? DONE;
  }

  /** Plans a part anew, as Terraform wants it, and carries it out; `undefined` if it has to wait for the rest. */
  private step(step: Step, options: PlanOptions): Promise<Ending | undefined> {
    this.output.heading(`\n${FIRST_WORDS[step]}`);
    return this.terraform.plan({ ...options, quiet: true }, async (plan) => {
      const changes = plan.isEmpty ? [] : await plan.changes();
      if (step === 'jobs' && changes.some(isHeldByOthers)) {
        this.output.say(
          'They need a network or a volume that is replaced, and what else uses it: they run with the rest.',
        );
        return undefined;
      }
      await this.askAgain(changes);
      return plan.isEmpty ? DONE : this.apply(step, plan, changes);
    });
  }

  private async askAgain(changes: readonly Change[]): Promise<void> {
    const added = beyond(this.confirmed, changes);
    if (added.length === 0) return;
    this.output.warn('\nThis was not in the plan above, as something has changed since:');
    printChanges(added, this.stack, this.output);
    if (!this.options.yes) await confirm('Apply these changes too?', 'what is left of the plan is not applied.');
    this.confirmed = [...this.confirmed, ...added];
  }

  private async apply(step: Step, plan: Plan, changes: readonly Change[]): Promise<Ending> {
    if (await plan.apply()) return DONE;
    return { failed: step, changes, touched: this.touchedBy(changes) };
  }

  private touchedBy(changes: readonly Change[]): string[] {
    return interrupting(changes, this.jobs).map((change) => nameOf(change, this.stack.platform.workloads));
  }
}

const DONE: Ending = { failed: null, changes: [], touched: [] };

/** A network or volume cannot be removed while containers that are no part of the step have it. */
function isHeldByOthers({ type, action }: Change): boolean {
  return ['docker_network', 'docker_volume'].includes(type) && action !== 'create' && action !== 'update';
}

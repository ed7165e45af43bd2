import type { Output } from '../output/output';
import type { ApplyEvent, Subject } from './messages';

/** Anything that takes longer is announced before it is done. */
const SLOW_MILLISECONDS = 2000;

const DOING: Readonly<Record<Subject['kind'], Readonly<Record<string, string>>>> = {
  service: { create: 'starting', update: 'updating', delete: 'stopping' },
  job: { create: 'running', update: 'updating', delete: 'removing the previous run' },
  image: { create: 'building or pulling' },
  other: { create: 'creating', update: 'updating', delete: 'removing' },
};

const DONE: Readonly<Record<Subject['kind'], Readonly<Record<string, string>>>> = {
  service: { create: 'started', update: 'updated', delete: 'stopped and removed' },
  job: { create: 'ended', update: 'updated', delete: 'previous run removed' },
  image: { create: 'ready' },
  other: { create: 'created', update: 'updated', delete: 'removed' },
};

/** Shows the progress of an apply. */
export class Progress {
  private readonly running = new Map<string, { readonly event: ApplyEvent; readonly timer: NodeJS.Timeout }>();

  private readonly ended: Promise<void>[] = [];

  /** @param exitCodeOf the exit code of a job that has ended: to Terraform, one that failed is complete as well */
  constructor(
    private readonly output: Output,
    private readonly nameAt: (address: string) => Subject,
    private readonly exitCodeOf: (name: string) => Promise<number | undefined>,
  ) {}

  handle(event: ApplyEvent): void {
    const { stage, address } = event;
    if (stage === 'start') this.start(event);
    else if (stage === 'progress') this.repeat(event);
    else {
      clearTimeout(this.running.get(address)?.timer);
      this.running.delete(address);
      if (stage === 'complete') this.complete(event);
    }
  }

  /** Stops the announcements, once the ends of all jobs are shown. */
  async stop(): Promise<void> {
    for (const { timer } of this.running.values()) clearTimeout(timer);
    this.running.clear();
    await Promise.all(this.ended);
  }

  /** The work in progress, for a line that is overwritten repeatedly. */
  describeRunning(): string {
    const names = [...this.running.keys()].map((address) => this.nameAt(address).name);
    const [first, second, third, ...others] = names;
    const shown = [first, second, third].filter((name) => name !== undefined).join(', ');
    if (shown === '') return 'terraform apply';
    return others.length === 0 ? shown : `${shown} and ${others.length} more`;
  }

  private start(event: ApplyEvent): void {
    const timer = setTimeout(() => {
      this.announce(event, '');
    }, SLOW_MILLISECONDS);
    timer.unref();
    this.running.set(event.address, { event, timer });
  }

  private repeat(event: ApplyEvent): void {
    this.announce(event, ` ${Math.round(event.elapsed)} s`);
  }

  /** A terminal has a line that counts the seconds instead. */
  private announce({ address, action }: ApplyEvent, elapsed: string): void {
    if (process.stderr.isTTY) return;
    const { name, kind } = this.nameAt(address);
    this.output.say(`${name}: ${DOING[kind][action] ?? action} …${elapsed}`);
  }

  private complete({ address, action, elapsed }: ApplyEvent): void {
    const { name, kind } = this.nameAt(address);
    // It stays on the engine.
    if (kind === 'image' && action === 'delete') return;
    const isQuick = elapsed * 1000 < SLOW_MILLISECONDS;
    // A new stack has dozens of objects that are created instantly.
    if (isQuick && kind === 'other') return;
    const time = isQuick ? '' : ` (${Math.round(elapsed)} s)`;
    if (kind === 'job' && action === 'create') this.ended.push(this.showEnd(name, time));
    else this.output.say(`${name}: ${DONE[kind][action] ?? action}${time}`);
  }

  private async showEnd(name: string, time: string): Promise<void> {
    const exitCode = await this.exitCodeOf(name).catch(() => undefined);
    const end = exitCode === undefined ? DONE.job.create : exitCode === 0 ? 'finished' : 'failed';
    this.output.say(`${name}: ${end}${time}`);
  }
}

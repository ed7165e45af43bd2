import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { type Change, changesIn } from '../rollout/changes';
import type { WrittenConfiguration } from './configuration';
import { conflictIn } from './conflict';
import { given } from '../engine/address';
import { CommandError, type Output } from '../output/output';
import { inPrivateFolder } from './private-folder';
import { type ProgramEnd, type ProgramOptions, runProgram } from './process';

/** The program; the same variable as cdktf's own, so `tofu` works here where it works there. */
export function terraformBinary(): string {
  return given(process.env.TERRAFORM_BINARY_NAME) ?? 'terraform';
}

/** What there is to say when somebody wanted it to stop. */
export const INTERRUPTED = 'Interrupted.';

const ENVIRONMENT = { CHECKPOINT_DISABLE: '1', TF_IN_AUTOMATION: '1' };

/** The version of the program; `undefined` if it cannot be started. */
export async function terraformVersion(): Promise<string | undefined> {
  const lines: string[] = [];
  try {
    await start(['version', '-json'], { onOutput: (line) => lines.push(line), onError: () => undefined });
    return (JSON.parse(lines.join('\n')) as { terraform_version?: string }).terraform_version;
  } catch {
    return undefined;
  }
}

/** What to plan. */
export interface PlanOptions {
  readonly destroy?: boolean;
  /** Addresses of what to create again although nothing about it changed. */
  readonly replace?: readonly string[];
  /**
   * Whether to look at what there is, instead of relying on the state.
   * @default true
   */
  readonly refresh?: boolean;
  /** Addresses of what alone is planned, with what it depends on. */
  readonly targets?: readonly string[];
  /** Whether nothing of the plan is shown but warnings. */
  readonly hidden?: boolean;
  /** For a part of a plan that was shown as a whole: only what is being done is shown. */
  readonly quiet?: boolean;
}

/**
 * Terraform in the folder of one stack. Every command line that plans or changes something is shown before it runs.
 */
export class Terraform {
  private isInterrupted = false;

  /**
   * @param redact takes the values of secrets out of what Terraform prints
   * @param configuration what every plan is made from, or not at all
   */
  constructor(
    readonly directory: string,
    private readonly output: Output,
    private readonly redact: (text: string) => string,
    private readonly configuration: WrittenConfiguration,
  ) {}

  /** Whether somebody wanted it to stop: it plans and applies nothing more then. */
  get wasInterrupted(): boolean {
    return this.isInterrupted;
  }

  /** @throws CommandError with what Terraform said */
  async init(): Promise<void> {
    let { exitCode, said } = await this.initWith([]);
    // A provider of another version than the last time, as after an update of the library.
    if (exitCode !== 0 && said.includes('init -upgrade')) ({ exitCode, said } = await this.initWith(['-upgrade']));
    if (exitCode !== 0) throw new CommandError('terraform-failed', `${said}\nterraform init failed.`);
  }

  private async initWith(options: readonly string[]): Promise<{ exitCode: number; said: string }> {
    const lines: string[] = [];
    const keep = (line: string): void => {
      lines.push(this.redact(line));
    };
    const command = this.announce(['init', '-no-color', '-input=false', ...options]);
    const { exitCode } = await this.output.during(
      'terraform init',
      this.run(command, { onOutput: keep, onError: keep }),
    );
    return { exitCode, said: lines.join('\n').trim() };
  }

  /**
   * Shows what would change, and keeps it for as long as `use` takes.
   * @throws CommandError if there is no plan, if somebody interrupted it, or if it is of another configuration
   */
  async plan<Result>(options: PlanOptions, use: (plan: Plan) => Promise<Result>): Promise<Result> {
    // The plan holds what the environment of containers holds, so it is in a folder that others cannot read.
    return inPrivateFolder(async (folder) => {
      const file = join(folder, 'plan');
      const command = ['plan', '-input=false', '-detailed-exitcode', ...wordsOf(options), `-out=${file}`];
      this.checkNotInterrupted();
      this.configuration.checkIsOurs();
      const { exitCode } = options.quiet
        ? await this.output.during(
            'terraform plan',
            this.show(command, () => false),
          )
        : await this.show(command, options.hidden ? fromWarningsOn() : all);
      this.checkNotInterrupted();
      // From here on the plan has it.
      this.configuration.checkIsOurs();
      if (exitCode !== 0 && exitCode !== 2) throw new CommandError('terraform-failed', 'terraform plan failed.');
      return use({
        isEmpty: exitCode === 0,
        changes: () => this.changesOf(file),
        apply: () => this.apply(file, options.quiet ? isProgress : all),
      });
    });
  }

  private async apply(file: string, isShown: (line: string) => boolean): Promise<Applied> {
    this.checkNotInterrupted();
    const { exitCode, errors } = await this.show(['apply', '-input=false', file], isShown);
    return { succeeded: exitCode === 0, blamed: exitCode === 0 ? [] : errors.flatMap(addressIn) };
  }

  private async changesOf(file: string): Promise<Change[]> {
    const lines: string[] = [];
    const keep = (line: string): void => {
      lines.push(line);
    };
    const complain = (line: string): void => {
      this.output.complain(this.redact(line));
    };
    // Not shown, not redacted and not kept: it has everything that the plan has, secrets too.
    const command = [`-chdir=${this.directory}`, 'show', '-json', file];
    const { exitCode } = await this.run(command, { onOutput: keep, onError: complain });
    this.checkNotInterrupted();
    if (exitCode !== 0) throw new CommandError('terraform-failed', 'terraform show failed.');
    return changesIn(lines.join('\n'));
  }

  /**
   * @param isShown which lines of stdout are shown
   * @throws CommandError if something else is at work on the same state
   */
  private async show(
    command: readonly string[],
    isShown: (line: string) => boolean = all,
  ): Promise<{ readonly exitCode: number; readonly errors: readonly string[] }> {
    // Colors would stand before what a filter looks at.
    const color = this.output.hasColors && isShown === all ? [] : ['-no-color'];
    const [subcommand = '', ...rest] = command;
    const errors: string[] = [];
    const { exitCode } = await this.run(this.announce([subcommand, ...color, ...rest]), {
      onOutput: (line) => {
        if (isShown(line)) this.output.say(this.redact(line));
      },
      // Terraform writes what went wrong at its end, so nobody waits for it here.
      onError: (line) => errors.push(this.redact(line)),
    });
    const call = `${terraformBinary()} -chdir=${this.directory}`;
    const conflict = exitCode === 0 ? undefined : conflictIn(errors.join('\n'), call);
    if (conflict !== undefined) throw CommandError.fromProblems([conflict]);
    const said = withoutAdvice(errors.join('\n'));
    if (said !== '') this.output.complain(said);
    return { exitCode, errors };
  }

  private async run(command: readonly string[], listeners: Listeners): Promise<ProgramEnd> {
    const end = await start(command, listeners);
    this.isInterrupted ||= end.isInterrupted;
    return end;
  }

  /** Terraform may end well all the same, when what it was at was almost done. */
  private checkNotInterrupted(): void {
    if (this.isInterrupted) throw new CommandError('interrupted', INTERRUPTED);
  }

  private announce(command: readonly string[]): string[] {
    const whole = [`-chdir=${this.directory}`, ...command];
    this.output.say(this.output.colors.dim(`$ ${terraformBinary()} ${whole.join(' ')}`));
    return whole;
  }
}

/** What a plan came to. */
export interface Plan {
  readonly isEmpty: boolean;
  /** What it changes, as Terraform tells programs. */
  readonly changes: () => Promise<Change[]>;
  /**
   * Carries it out.
   * @throws CommandError if nothing of it was carried out
   */
  readonly apply: () => Promise<Applied>;
}

/** How carrying out a plan went. */
export interface Applied {
  readonly succeeded: boolean;
  /** Addresses that Terraform names in its errors. */
  readonly blamed: readonly string[];
}

type Listeners = Pick<ProgramOptions, 'onOutput' | 'onError'>;

function start(command: readonly string[], listeners: Listeners): Promise<ProgramEnd> {
  return runProgram(terraformBinary(), command, { environment: { ...process.env, ...ENVIRONMENT }, ...listeners });
}

function wordsOf({ destroy, refresh, replace = [], targets = [] }: PlanOptions): string[] {
  return [
    ...(destroy ? ['-destroy'] : []),
    ...(refresh === false ? ['-refresh=false'] : []),
    ...replace.map((address) => `-replace=${address}`),
    ...targets.map((address) => `-target=${address}`),
  ];
}

// Terraform breaks lines anywhere, and draws a line in front of each.
const ADVICE = new RegExp(
  '; to run it again unchanged, give terraform apply -replace with its address'.replaceAll(
    ' ',
    '(?:\\s|│|\u001b\\[\\d*m)+',
  ),
  'g',
);

/** Leaves out what a job that failed has to say to those who use Terraform alone: a deploy repeats such a job itself. */
function withoutAdvice(errors: string): string {
  return errors.replace(ADVICE, '');
}

function all(): boolean {
  return true;
}

/** Terraform prints its warnings below the plan. */
function fromWarningsOn(): (line: string) => boolean {
  let isBelow = false;
  return (line) => (isBelow ||= /^(│ )?Warning: /.test(line));
}

/** `docker_image.bot: Creating...`, and not the warning that a part of the plan is a part of it. */
function isProgress(line: string): boolean {
  return /^\w+\.\S+( \(deposed object \w+\))?: /.test(line);
}

/** `│   with docker_image.bot,` stands in an error, below what went wrong. */
function addressIn(line: string): string[] {
  const address = /^[│|]? *with (\S+),$/.exec(stripVTControlCharacters(line).trimEnd())?.[1];
  return address === undefined ? [] : [address];
}

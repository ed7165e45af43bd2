import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { type Change, changesIn } from './changes';
import { CommandError, type Output } from './output';

/** The program; the same variable as cdktf's own, so `tofu` works here where it works there. */
export function terraformBinary(): string {
  return process.env.TERRAFORM_BINARY_NAME ?? 'terraform';
}

const ENVIRONMENT = { CHECKPOINT_DISABLE: '1', TF_IN_AUTOMATION: '1' };

/** The version of the program; `undefined` if it cannot be started. */
export async function terraformVersion(): Promise<string | undefined> {
  const lines: string[] = [];
  try {
    await run(
      ['version', '-json'],
      (line) => lines.push(line),
      () => undefined,
    );
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
   */
  constructor(
    readonly directory: string,
    private readonly output: Output,
    private readonly redact: (text: string) => string,
  ) {}

  /** Whether somebody stopped it in the middle of something. */
  get wasInterrupted(): boolean {
    return this.isInterrupted;
  }

  /** @throws CommandError with what Terraform said */
  async init(): Promise<void> {
    let { exitCode, said } = await this.initWith([]);
    // A provider of another version than the last time, as after an update of the library.
    if (exitCode !== 0 && said.includes('init -upgrade')) ({ exitCode, said } = await this.initWith(['-upgrade']));
    if (exitCode !== 0) throw new CommandError(`${said}\nterraform init failed.`);
  }

  private async initWith(options: readonly string[]): Promise<{ exitCode: number; said: string }> {
    const lines: string[] = [];
    const keep = (line: string): void => {
      lines.push(this.redact(line));
    };
    const command = this.announce(['init', '-no-color', '-input=false', ...options]);
    const { exitCode } = await this.output.during('terraform init', run(command, keep, keep));
    return { exitCode, said: lines.join('\n').trim() };
  }

  /**
   * Shows what would change, and keeps it for as long as `use` takes.
   * @throws CommandError if there is no plan
   */
  async plan<Result>(options: PlanOptions, use: (plan: Plan) => Promise<Result>): Promise<Result> {
    // The plan holds what the environment of containers holds, so it is in a folder that others cannot read.
    const folder = await mkdtemp(join(tmpdir(), 'terraform-plan-'));
    try {
      const file = join(folder, 'plan');
      const command = ['plan', '-input=false', '-detailed-exitcode', ...wordsOf(options), `-out=${file}`];
      const exitCode = options.quiet
        ? await this.output.during(
            'terraform plan',
            this.show(command, () => false),
          )
        : await this.show(command);
      if (exitCode !== 0 && exitCode !== 2) throw new CommandError('terraform plan failed: nothing was changed.');
      return await use({
        isEmpty: exitCode === 0,
        changes: () => this.changesOf(file),
        apply: async () => (await this.show(['apply', '-input=false', file], options.quiet ? isProgress : all)) === 0,
      });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  private async changesOf(file: string): Promise<Change[]> {
    const lines: string[] = [];
    const keep = (line: string): void => {
      lines.push(line);
    };
    const complain = (line: string): void => {
      process.stderr.write(`${this.redact(line)}\n`);
    };
    // Not shown, not redacted and not kept: it has everything that the plan has, secrets too.
    const { exitCode } = await run([`-chdir=${this.directory}`, 'show', '-json', file], keep, complain);
    if (exitCode !== 0) throw new CommandError('terraform show failed: nothing was changed.');
    return changesIn(lines.join('\n'));
  }

  /**
   * @param isShown which lines of stdout are shown
   * @throws CommandError if something else is at work on the same state
   */
  private async show(command: readonly string[], isShown: (line: string) => boolean = all): Promise<number> {
    // Colors would stand before what a filter looks at.
    const color = this.output.hasColors && isShown === all ? [] : ['-no-color'];
    const [subcommand = '', ...rest] = command;
    const errors: string[] = [];
    const { exitCode, isInterrupted } = await run(
      this.announce([subcommand, ...color, ...rest]),
      (line) => {
        if (isShown(line)) this.output.say(this.redact(line));
      },
      // Terraform writes what went wrong at its end, so nobody waits for it here.
      (line) => errors.push(this.redact(line)),
    );
    this.isInterrupted ||= isInterrupted;
    const conflict = exitCode === 0 ? undefined : conflictIn(errors.join('\n'), this.directory);
    if (conflict !== undefined) throw new CommandError(conflict);
    for (const line of errors) process.stderr.write(`${line}\n`);
    return exitCode;
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
  /** Carries it out; whether that worked. */
  readonly apply: () => Promise<boolean>;
}

function wordsOf({ destroy, refresh, replace = [], targets = [] }: PlanOptions): string[] {
  return [
    ...(destroy ? ['-destroy'] : []),
    ...(refresh === false ? ['-refresh=false'] : []),
    ...replace.map((address) => `-replace=${address}`),
    ...targets.map((address) => `-target=${address}`),
  ];
}

function all(): boolean {
  return true;
}

/** `docker_image.bot: Creating...`, and not the warning that a part of the plan is a part of it. */
function isProgress(line: string): boolean {
  return /^\w+\.\S+( \(deposed object \w+\))?: /.test(line);
}

/**
 * What to say when another Terraform works on the same state, or has since the plan was made; `undefined` if nothing of
 * that kind was the reason.
 */
function conflictIn(errors: string, directory: string): string | undefined {
  if (errors.includes('Saved plan is stale')) {
    return (
      'Another deploy of this stack ended after this plan was made, so the plan fits no more and was not applied. ' +
      'Run the command again.'
    );
  }
  if (!errors.includes('Error acquiring the state lock')) return undefined;
  const fieldOf = (name: string): string => new RegExp(`\\b${name}: +(.*)`).exec(errors)?.[1]?.trim() ?? 'unknown';
  return (
    `Another deploy of this stack is under way: ${fieldOf('Who')} has held the lock of its state since ` +
    `${fieldOf('Created')} (${fieldOf('Operation')}). Run the command again when that one has ended. If there is none, it ` +
    'was killed, and its lock stays until it is removed: ' +
    `${terraformBinary()} -chdir=${directory} force-unlock ${fieldOf('ID')}`
  );
}

type Listener = (line: string) => void;

interface Ending {
  readonly exitCode: number;
  readonly isInterrupted: boolean;
}

/** Runs Terraform to its end. */
async function run(command: readonly string[], onOutput: Listener, onError: Listener): Promise<Ending> {
  const child = spawn(terraformBinary(), command, {
    env: { ...process.env, ...ENVIRONMENT },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let isInterrupted = false;
  // A terminal sends the interrupt to Terraform too, which then stops in good order; we wait for that.
  const wait = (): void => {
    isInterrupted = true;
  };
  const passOn = (): void => {
    isInterrupted = true;
    child.kill('SIGTERM');
  };
  process.on('SIGINT', wait).on('SIGTERM', passOn);
  try {
    const ended = new Promise<number>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code) => {
        resolve(code ?? 1);
      });
    });
    const [exitCode] = await Promise.all([ended, eachLine(child.stdout, onOutput), eachLine(child.stderr, onError)]);
    return { exitCode, isInterrupted };
  } finally {
    process.off('SIGINT', wait).off('SIGTERM', passOn);
  }
}

async function eachLine(stream: Readable, listener: Listener): Promise<void> {
  for await (const line of createInterface({ input: stream })) listener(line);
}

import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
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
}

/** Terraform in the folder of one stack. Every command line is shown before it runs. */
export class Terraform {
  /**
   * @param redact takes the values of secrets out of what Terraform prints
   */
  constructor(
    private readonly directory: string,
    private readonly output: Output,
    private readonly redact: (text: string) => string,
  ) {}

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
    const exitCode = await this.output.during('terraform init', run(command, keep, keep));
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
      const replace = (options.replace ?? []).map((address) => `-replace=${address}`);
      const destroy = options.destroy ? ['-destroy'] : [];
      const refresh = options.refresh === false ? ['-refresh=false'] : [];
      const exitCode = await this.show([
        'plan',
        '-input=false',
        '-detailed-exitcode',
        ...destroy,
        ...refresh,
        ...replace,
        `-out=${file}`,
      ]);
      if (exitCode !== 0 && exitCode !== 2) throw new CommandError('terraform plan failed: nothing was changed.');
      return await use({ isEmpty: exitCode === 0, apply: () => this.apply(file) });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  private async apply(file: string): Promise<boolean> {
    return (await this.show(['apply', '-input=false', file])) === 0;
  }

  private show(command: readonly string[]): Promise<number> {
    const color = this.output.hasColors ? [] : ['-no-color'];
    const [subcommand = '', ...rest] = command;
    return run(
      this.announce([subcommand, ...color, ...rest]),
      (line) => {
        this.output.say(this.redact(line));
      },
      (line) => process.stderr.write(`${this.redact(line)}\n`),
    );
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
  /** Carries it out; whether that worked. */
  readonly apply: () => Promise<boolean>;
}

type Listener = (line: string) => void;

/** Runs Terraform and returns its exit code. */
async function run(command: readonly string[], onOutput: Listener, onError: Listener): Promise<number> {
  const child = spawn(terraformBinary(), command, {
    env: { ...process.env, ...ENVIRONMENT },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  // A terminal sends the interrupt to Terraform too, which then stops in good order; we wait for that.
  const wait = (): void => undefined;
  const passOn = (): void => {
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
    return exitCode;
  } finally {
    process.off('SIGINT', wait).off('SIGTERM', passOn);
  }
}

async function eachLine(stream: Readable, listener: Listener): Promise<void> {
  for await (const line of createInterface({ input: stream })) listener(line);
}

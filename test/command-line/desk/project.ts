import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { App } from 'cdktf';
import { Cpu, Size, type TradingStack } from '../../../lib';
import { runCommand, systemContext } from '../../../lib/command-line/commands';
import type { CommandContext } from '../../../lib/command-line/context';
import { fastClock } from './clock';
import { runInProcess, TERRAFORM } from './in-process';
import { addProblem, createCluster, createDesk, createPlainDesk, createScalable } from './desk';

/** The visible result of a command. */
export interface Outcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A change that Terraform has to make. */
export interface FakeChange {
  readonly actions: readonly string[];
  readonly before?: unknown;
  readonly after?: unknown;
  /** `true` for each attribute that is only known after the apply. */
  readonly unknown?: unknown;
  readonly replacePaths?: readonly (readonly string[])[];
  /** Terraform's reason for the action. */
  readonly reason?: string;
  /** Addresses that are changed before it, even if only this one is targeted. */
  readonly needs?: readonly string[];
  readonly fails?: boolean;
  /** The attributes of what a refresh did not find on the engine. */
  readonly gone?: unknown;
  /** Addresses that need no change any more once it is done. */
  readonly removes?: readonly string[];
  /** Changes that become necessary once it is done. */
  readonly thenAdds?: Readonly<Record<string, FakeChange>>;
}

type Environment = Readonly<Record<string, string>>;

/** A project folder for the desk. By default no engine answers. */
export class DeskProject {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), 'desk-project-')));

  /**
   * Runs a command of the desk in this process.
   * @param problem what is added to the desk; see addProblem
   * @param context replaces parts of the command's context
   */
  async run(
    command: readonly string[],
    environment: Environment = {},
    problem = '',
    context: Partial<CommandContext> = {},
  ): Promise<Outcome> {
    const before = { env: process.env, folder: process.cwd() };
    const stdout = capture(process.stdout);
    const stderr = capture(process.stderr);
    process.env = this.environment(environment);
    process.chdir(this.folder);
    try {
      const createApp = (): App => {
        const stack = create(problem);
        addProblem(stack, problem);
        return App.of(stack);
      };
      const exitCode = await runCommand(['node', 'stack', ...command], createApp, (output) => ({
        ...systemContext(output),
        isInteractive: false,
        // Other programs on this machine may have the desk's ports.
        probePort: () => Promise.resolve(undefined),
        runProgram: runInProcess,
        ...fastClock(),
        ...context,
      }));
      return { exitCode, stdout: stdout.text(), stderr: stderr.text() };
    } finally {
      process.env = before.env;
      process.chdir(before.folder);
      stdout.stop();
      stderr.stop();
    }
  }

  /**
   * Runs a command of the desk as a program.
   * @param stdout whether it is read
   */
  runProgram(
    command: readonly string[],
    environment: Environment = {},
    stdout: 'read' | 'closed' = 'read',
  ): Promise<Outcome> {
    const program = ['-r', require.resolve('../../setup/swc-register.js'), join(__dirname, 'stack.ts')];
    const env = this.environment(environment);
    return new Promise((resolve) => {
      const options = { cwd: this.folder, env };
      const child = execFile(process.execPath, [...program, ...command], options, (error, output, stderr) => {
        // There is no exit code if a signal ended it.
        resolve({ exitCode: error === null ? 0 : Number(error.code ?? 128), stdout: output, stderr });
      });
      child.stdin?.end();
      if (stdout === 'closed') child.stdout?.destroy();
    });
  }

  /** The remaining changes of Terraform; see terraform.js. */
  set changes(changes: Readonly<Record<string, FakeChange>>) {
    this.write('terraform.changes', JSON.stringify(changes));
  }

  /** Addresses of the remaining changes of Terraform. */
  get changesLeft(): string[] {
    return Object.keys(JSON.parse(this.read('terraform.changes') ?? '{}') as object);
  }

  /** The Terraform commands so far, without the options for their folder, output and locks. */
  get terraformCommands(): string[] {
    const lines = (this.read('terraform.trace') ?? '').split('\n').filter((line) => line !== '');
    return lines.map((line) =>
      line
        .split(' ')
        .filter((word) => !/^(-chdir=|-no-color|-input=|-lock|-detailed-exitcode|-out=|\/)/.test(word))
        .join(' ')
        .replace(/^(plan|apply) -json/, '$1'),
    );
  }

  /** The Terraform commands that have options about locks. */
  get lockOptions(): string[] {
    return (
      this.read('terraform.trace')
        ?.match(/\b(plan|apply|mv) .*?-lock\S+/g)
        ?.map((line) => line.replace(/ .* /, ' ')) ?? []
    );
  }

  get terraformFolders(): string[] {
    return this.read('terraform.trace')?.match(/(?<=-chdir=)\S+/g) ?? [];
  }

  write(file: string, content: string): void {
    mkdirSync(dirname(join(this.folder, file)), { recursive: true });
    writeFileSync(join(this.folder, file), content);
  }

  read(file: string): string | undefined {
    const path = join(this.folder, file);
    return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }

  private environment(additions: Environment): Environment {
    const { PATH = '', HOME = '' } = process.env;
    return {
      PATH,
      HOME,
      DOCKER_HOST: `unix://${this.folder}/no.sock`,
      TERRAFORM_BINARY_NAME: TERRAFORM,
      CHANGES_FILE: join(this.folder, 'terraform.changes'),
      TRACE_FILE: join(this.folder, 'terraform.trace'),
      ...additions,
    };
  }
}

function create(problem: string): TradingStack {
  if (problem.startsWith('cluster')) return createCluster();
  if (problem === 'scalable') return createScalable();
  if (problem === 'machine') {
    return createDesk({ machine: { cpus: Cpu.cores(8), memory: Size.gibibytes(16) } });
  }
  return problem === 'plain' ? createPlainDesk() : createDesk();
}

/** Captures what is written to a stream. */
function capture(stream: NodeJS.WriteStream): { text: () => string; stop: () => void } {
  const pieces: string[] = [];
  const spy = jest.spyOn(stream, 'write').mockImplementation((piece) => {
    pieces.push(String(piece));
    return true;
  });
  return {
    text: () => pieces.join(''),
    stop: () => {
      spy.mockRestore();
    },
  };
}

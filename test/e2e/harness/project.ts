/** A private copy of this repository that tests may edit, move and deploy from. */
import { cp, mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { terraformBinary } from './prerequisites';
import { mustRun, type Outcome, run } from './run';

const REPOSITORY = resolve(__dirname, '../../..');

/** The engine that the copied app deploys to. */
export type EngineName = 'docker' | 'swarm';

export class Project {
  /**
   * Copies all files that git tracks or does not ignore; `node_modules` is a link.
   * @param variables environment variables that programs get in addition to those of this process, such as `DOCKER_HOST`
   */
  static async copy(engine: EngineName, variables: Readonly<Record<string, string>> = {}): Promise<Project> {
    const folder = join(await mkdtemp(join(tmpdir(), 'trading-stack-project-')), 'checkout');
    const listed = await mustRun('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
      cwd: REPOSITORY,
    });
    for (const file of listed.split('\0').filter((name) => name !== '')) {
      await mkdir(dirname(join(folder, file)), { recursive: true });
      await cp(join(REPOSITORY, file), join(folder, file));
    }
    await symlink(join(REPOSITORY, 'node_modules'), join(folder, 'node_modules'));
    return new Project(folder, engine, variables);
  }

  private constructor(
    private folder: string,
    private readonly engine: EngineName,
    private readonly variables: Readonly<Record<string, string>>,
  ) {}

  /** Path of a file of the project. */
  path(file: string): string {
    return join(this.folder, file);
  }

  /** Content of a file of the project. */
  read(file: string): Promise<string> {
    return readFile(this.path(file), 'utf8');
  }

  /** Writes a file of the project. */
  async write(file: string, content: string): Promise<void> {
    await mkdir(dirname(this.path(file)), { recursive: true });
    await writeFile(this.path(file), content);
  }

  /** Replaces a string that occurs in the file exactly once. */
  async edit(file: string, from: string, to: string): Promise<void> {
    const before = await this.read(file);
    if (before.split(from).length !== 2) throw new Error(`'${from}' does not occur exactly once in ${file}`);
    await writeFile(
      this.path(file),
      before.replace(from, () => to),
    );
  }

  /** Moves the whole checkout to another folder. */
  async move(): Promise<void> {
    const target = `${this.folder}-moved`;
    await rename(this.folder, target);
    this.folder = target;
  }

  async remove(): Promise<void> {
    await rm(dirname(this.folder), { recursive: true, force: true });
  }

  /** Runs `npm run <script> -- <args>`, as a user would. */
  script(name: string, ...args: string[]): Promise<Outcome> {
    return run('npm', ['run', '--silent', name, '--', ...args], { cwd: this.folder, env: this.environment() });
  }

  /** Deploys a stack; if that fails, throws an error with the output. */
  async deploy(stack: string, ...options: string[]): Promise<string> {
    const outcome = await this.script('deploy', stack, '--yes', ...options);
    if (outcome.code !== 0)
      throw new Error(`deploy exited with ${outcome.code}:\n${outcome.stdout}\n${outcome.stderr}`);
    return outcome.stdout;
  }

  /** Destroys a stack with its data; if that fails, throws an error with the output. */
  async destroy(stack: string): Promise<void> {
    const outcome = await this.script('destroy', stack, '--yes', '--volumes');
    if (outcome.code !== 0)
      throw new Error(`destroy exited with ${outcome.code}:\n${outcome.stdout}\n${outcome.stderr}`);
  }

  /** What Terraform would change after a new synthesis; an empty list if nothing. */
  async plannedChanges(stack: string): Promise<string[]> {
    const synthesis = await this.script('synth', stack);
    if (synthesis.code !== 0) throw new Error(`synth exited with ${synthesis.code}:\n${synthesis.stderr}`);
    await this.terraform(stack, 'init', '-input=false', '-no-color');
    await this.terraform(stack, 'plan', '-input=false', '-no-color', '-out=review.plan');
    const plan = JSON.parse(await this.terraform(stack, 'show', '-json', 'review.plan')) as {
      resource_changes?: { address: string; change: { actions: string[] } }[];
    };
    return (plan.resource_changes ?? [])
      .filter(({ change }) => change.actions.join() !== 'no-op')
      .map(({ address, change }) => `${change.actions.join(' and ')} ${address}`);
  }

  /** Runs Terraform in the output folder of a stack and returns its output. */
  terraform(stack: string, ...args: string[]): Promise<string> {
    return mustRun(terraformBinary(), args, { cwd: this.path(`cdktf.out/stacks/${stack}`), env: this.environment() });
  }

  /** Runs a program in the project's folder. */
  run(program: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Outcome> {
    return run(program, args, { cwd: this.folder, env: { ...this.environment(), ...env } });
  }

  /** Runs a program in a folder of the project. */
  runIn(
    folder: string,
    program: string,
    args: readonly string[],
    env: Readonly<Record<string, string>>,
  ): Promise<Outcome> {
    return run(program, args, { cwd: this.path(folder), env: { ...this.environment(), ...env } });
  }

  private environment(): Record<string, string> {
    return { CHECKPOINT_DISABLE: '1', NO_COLOR: '1', TRADING_ENGINE: this.engine, ...this.variables };
  }
}

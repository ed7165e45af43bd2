/** The commands of a runbook, as a person copies them from it, and what each of them has to print. */
import type { Project } from './project';

/**
 * When a command is run: those that only read at any time, a `change` in the order of the runbook, and those that go back
 * only after several deploys.
 */
export type Stage = 'deploy' | 'read' | 'change' | 'rotate' | 'go back' | 'destroy' | 'destroy data';

interface Command {
  readonly form: RegExp;
  readonly stage: Stage;
  readonly prints: RegExp;
}

/** Every kind of command that a runbook may have. */
const COMMANDS: readonly Command[] = [
  command('deploy', 'deploy \\S+', / is deployed\.$/m),
  command('read', 'status \\S+', /^SERVICE +STATE/m),
  command('read', 'logs \\S+ --since 15m', /^.*\d{2}:\d{2}:\d{2}/m),
  command('read', 'doctor \\S+', /Docker/),
  command('read', 'exec \\S+ \\S+ -- df -h', /^Filesystem .*Mounted on$/m),
  command('read', 'diff \\S+', / is up to date\.$/m),
  command('read', 'synth \\S+', /^Terraform configuration: cdktf\.out/m),
  command('read', 'secrets \\S+', /^SECRET +SOURCE/m),
  command('read', 'backups \\S+', /^/m),
  // Prints nothing when no alert fires.
  command('read', 'exec \\S+ \\S+ -- promtool query instant \\S+ .*', /^\s*$|^ALERTS\{.*alertstate="firing"/),
  command('read', 'exec \\S+ \\S+ -- amtool \\S+ alert query', /^Alertname/m),
  command('read', 'exec \\S+ \\S+ -- amtool \\S+ silence query', /^ID +Matchers/m),
  command('read', 'exec \\S+ \\S+ -- amtool \\S+ silence add .*', /^[0-9a-f-]{36}$/m),
  command('read', 'console \\S+ \\S+ -- -c .* FROM pg_stat_activity.*', /^ *pid +\| +usename/m),
  command('read', 'console \\S+ \\S+ -- -c .* FROM pg_database.*', /^ *datname +\| +pg_size_pretty/m),
  command('read', 'console \\S+ \\S+ -- INFO memory', /^used_memory:\d/m),
  command('read', 'console \\S+ \\S+ -- INFO clients', /^connected_clients:\d/m),
  command('read', 'console \\S+ \\S+ -- list_queues .*', /^name\s+messages\s+consumers$/m),
  command('read', 'console \\S+ \\S+ -- list_connections .*', /^\S+\s+\S+\s+running$/m),
  command('read', 'console \\S+ \\S+ -- bucket list', /^ID\s+Name\s+Retention/m),
  command('change', 'backup \\S+', /is complete/),
  command('change', 'restore \\S+ \\S+ latest', /^Started /m),
  command('read', 'deploys \\S+', /^DEPLOY +TIME/m),
  command('read', 'images \\S+', /^IMAGE +ID/m),
  command('rotate', 'rotate \\S+ \\S+', / has been rotated\.$/m),
  command('go back', 'rollback \\S+', /^Back to deploy /m),
  command('go back', 'images \\S+ --prune', /^Nothing to remove: | freed\.$/m),
  command('destroy', 'destroy \\S+', / is no longer deployed\.$/m),
  command('destroy data', 'destroy \\S+ --volumes', / is no longer deployed\.$/m),
];

function command(stage: Stage, words: string, prints: RegExp): Command {
  return { form: new RegExp(`^npm run ${words.replace(' ', ' -- ')}$`), stage, prints };
}

/** A row of the first tables: `| see what runs | `npm run status -- desk` |`. */
const ROW = /^\| [^|]* \| (`+) ?(npm run .*?) ?\1 \|$/gm;

/** The runbook of a stack, and which of its commands have been run. */
export class Runbook {
  /** Of the commands that any runbook has begun to run. */
  private static readonly begun = new Set<Command>();

  /** Whether a command of the same form was run, maybe for another stack. */
  static wasFormRun(line: string): boolean {
    return Runbook.begun.has(commandOf(line));
  }

  private readonly left: Map<string, Command>;

  /** Writes the runbook as a person would, and reads it. */
  static async write(project: Project, stack: string): Promise<Runbook> {
    const { code, stderr } = await project.script('synth', stack);
    if (code !== 0) throw new Error(`synth exited with ${code}:\n${stderr}`);
    return new Runbook(project, await project.read(`cdktf.out/stacks/${stack}/runbook.md`));
  }

  private constructor(
    private readonly project: Project,
    text: string,
  ) {
    const lines = [...text.matchAll(ROW)].map(([, , line = '']) => line.replaceAll('\\|', '|'));
    if (lines.length === 0) throw new Error(`The runbook has no commands:\n${text}`);
    this.left = new Map(lines.map((line) => [line, commandOf(line)]));
  }

  /** The commands that have not been run. */
  notRun(stage?: Stage): string[] {
    return [...this.left].filter(([, one]) => stage === undefined || one.stage === stage).map(([line]) => line);
  }

  /**
   * Runs the commands of a stage one after another.
   * @throws Error with all that went wrong
   */
  async runAll(stage: Stage): Promise<void> {
    await this.runEach(this.notRun(stage));
  }

  /**
   * Runs the commands of a stage of whose form no runbook has run one.
   * @throws Error with all that went wrong
   */
  async runNew(stage: Stage): Promise<void> {
    await this.runEach(this.notRun(stage), (line) => !Runbook.wasFormRun(line));
  }

  private async runEach(lines: readonly string[], isWanted: (line: string) => boolean = () => true): Promise<void> {
    const problems: string[] = [];
    for (const line of lines) {
      // Asked only now, as another runbook may run its commands at the same time.
      if (!isWanted(line)) continue;
      await this.run(line).catch((error: unknown) => problems.push((error as Error).message));
    }
    if (problems.length > 0) throw new Error(problems.join('\n'));
  }

  /**
   * Runs a command in a shell, with the confirmation that it asks for.
   * @returns its output
   * @throws Error if it fails, or prints something else than a command of its kind
   */
  async run(line: string): Promise<string> {
    const known = commandOf(line);
    Runbook.begun.add(known);
    const asks = known.stage !== 'read' && !/^npm run backup /.test(line);
    const confirmed = asks ? `${line} --yes` : line;
    // Without npm's own lines.
    const silent = { npm_config_loglevel: 'silent' };
    const { code, stdout, stderr } = await this.project.run('sh', ['-c', confirmed], silent);
    if (code !== 0 || !known.prints.test(stdout)) {
      throw new Error(`\`${confirmed}\` exited with ${code}, and ${known.prints} was expected:\n${stdout}\n${stderr}`);
    }
    this.left.delete(line);
    return stdout;
  }
}

function commandOf(line: string): Command {
  const known = COMMANDS.find(({ form }) => form.test(line));
  if (known !== undefined) return known;
  throw new Error(
    `A runbook has \`${line}\`, which no test runs. Add when it is run, and what it prints, to COMMANDS in ${__filename}.`,
  );
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { App } from 'cdktf';
import { Command, CommanderError, Option } from 'commander';
import { TradingStackError } from '../index';
import { collectErrors } from '../internal';
import { addBackupCommands } from './commands/backups/commands';
import { changes } from './commands/changes';
import { confirm } from './commands/confirm';
import { deploy } from './commands/deploy';
import { destroy } from './commands/destroy';
import { diff } from './commands/diff';
import { addHistoryCommands } from './commands/history/commands';
import { type CommandRunner, NEW_SECRETS, OPTIONAL_STACK } from './commands/runner';
import { addRunningCommands } from './commands/running/commands';
import { addSecretCommands } from './commands/secrets/commands';
import { synth } from './commands/synth';
import type { CommandContext } from './context';
import { nonEmpty } from './connection/address';
import { withAppContext } from './connection/app-context';
import { failureOf } from './output/failure';
import { examples } from './output/examples';
import { CommandError, describeProblem, documentOf, ExitCode, Output } from './output/output';
import { probePort } from './preflight/ports';
import { runProgram } from './terraform/process';

// Two folders above this one in `lib` and in `dist`.
const { version } = JSON.parse(readFileSync(join(__dirname, '../../package.json'), 'utf8')) as { version: string };

interface Flags {
  readonly yes?: boolean;
  readonly json?: boolean;
  readonly markdown?: boolean;
  readonly verbose?: boolean;
  readonly newSecrets?: boolean;
  readonly pull?: boolean;
  /** Of `--no-cache`. */
  readonly cache?: boolean;
  readonly overwrite?: boolean;
  readonly volumes?: boolean;
  readonly reason?: string;
  readonly detailedExitcode?: boolean;
}

const EXIT_CODES = `
Exit codes: 0 success, 1 failure, 2 usage error or not confirmed (1 with --detailed-exitcode).
In npm scripts, options come after two dashes: npm run <script> -- <stack> --yes`;

const DETAILED_EXITCODE = "use Terraform's exit codes: 0 no changes, 1 failure, 2 changes";
const VERBOSE = "show Terraform's own description of the plan too";
const VERBOSE_DEPLOY = `${VERBOSE}, and acknowledged warnings with their reasons`;

/** The context of a command that runs as a program. */
export function systemContext(output: Output): CommandContext {
  return {
    output,
    environment: process.env,
    terminal: process,
    isInteractive: process.stdin.isTTY,
    confirm,
    pause: async (milliseconds, signal) => {
      // Aborting only ends the pause.
      await setTimeout(milliseconds, undefined, { signal }).catch(() => undefined);
    },
    now: () => Date.now(),
    runProgram,
    probePort,
  };
}

/** Runs the command that the arguments name and returns its exit code. */
export async function runCommand(
  argv: readonly string[],
  createApp: () => App,
  createContext: (output: Output) => CommandContext = systemContext,
): Promise<number> {
  let exitCode: number = ExitCode.DONE;
  let output: Output | undefined;
  const contextFor = ({ json, markdown = false }: Flags): CommandContext => {
    output = new Output(json, json === true || markdown);
    return createContext(output);
  };
  const build = ({ environment }: CommandContext): App =>
    withLongTraces(() => withAllErrors(() => withAppContext(createApp, environment)));
  const program = new Command()
    .description(
      'Synthesizes, compares, deploys and destroys the stacks of this project, and shows and operates what runs.',
    )
    .addHelpText('after', EXIT_CODES)
    .configureOutput({
      outputError: (message, write) => {
        write(`${describeProblem({ code: 'usage', message: message.trimEnd() })}\n`);
      },
    })
    .configureHelp({ commandUsage })
    .version(version)
    .enablePositionalOptions()
    .exitOverride();

  program
    .command('synth')
    .description('write the Terraform configuration and the secret files, and show the services of each stack')
    .argument('[stack]', 'name of the stack; all stacks by default')
    .option('--new-secrets', NEW_SECRETS)
    .option('--verbose', 'show acknowledged warnings with their reasons too, and long lists completely')
    .option('--json', 'print one JSON document')
    .addHelpText('after', examples('synth', 'synth -- desk', 'synth -- --json'))
    .action(async (name: string | undefined, flags: Flags) => {
      const context = contextFor(flags);
      const { newSecrets = false, verbose = false } = flags;
      exitCode = await synth(build(context), name, { newSecrets, verbose }, context);
    });

  program
    .command('diff')
    .description('show what a deploy would change')
    .argument('[stack]', OPTIONAL_STACK)
    .option('--verbose', VERBOSE)
    .option('--detailed-exitcode', DETAILED_EXITCODE)
    .option('--json', 'print the changes as one JSON document; everything else goes to stderr')
    .addOption(
      new Option('--markdown', 'print the changes for a comment; everything else goes to stderr').conflicts('json'),
    )
    .addHelpText('after', examples('diff -- desk', 'diff -- desk --json --detailed-exitcode'))
    .action(async (name: string | undefined, flags: Flags) => {
      const { verbose = false, markdown = false } = flags;
      const context = contextFor(flags);
      const changed = await diff(build(context), name, { verbose, markdown }, context);
      exitCode = changed && flags.detailedExitcode ? 2 : ExitCode.DONE;
    });

  program
    .command('changes')
    .description('compare the configuration with that of another version of the project, as Markdown; needs no engine')
    .argument('<base>', 'folder that `synth` has written in a checkout of the other version, such as ../base/cdktf.out')
    .argument('[stack]', 'name of the stack; all stacks by default')
    .option('--detailed-exitcode', DETAILED_EXITCODE)
    .option('--json', 'print one JSON document')
    .addHelpText('after', examples('changes -- ../base/cdktf.out', 'changes -- ../base/cdktf.out desk --json'))
    .action(async (base: string, name: string | undefined, flags: Flags) => {
      const context = contextFor({ ...flags, markdown: true });
      const changed = await changes(build(context), base, name, context);
      exitCode = changed && flags.detailedExitcode ? 2 : ExitCode.DONE;
    });

  program
    .command('deploy')
    .description('check the requirements, show the changes, ask for confirmation, and apply them')
    .argument('[stack]', OPTIONAL_STACK)
    .option('--yes', 'do not ask for confirmation')
    .option('--verbose', VERBOSE_DEPLOY)
    .option('--new-secrets', NEW_SECRETS)
    .option('--pull', 'pull the images and the base images of builds again, and build on these')
    .option('--no-cache', 'build the images again without the build cache')
    .option('--overwrite', 'push images although their registry has the same version with other content')
    .option('--reason <text>', 'why, for the list of deploys; what changes by default')
    .option('--json', 'print the outcome as one JSON document; everything else goes to stderr')
    .addHelpText(
      'after',
      examples('deploy -- desk', 'deploy -- desk --pull', "deploy -- desk --reason 'lower risk limits' --yes --json"),
    )
    .action(async (name: string | undefined, flags: Flags) => {
      const { yes = false, verbose = false, newSecrets = false, pull = false, cache = true, overwrite = false } = flags;
      const context = contextFor(flags);
      const options = { yes, verbose, newSecrets, pull, noCache: !cache, overwrite, reason: flags.reason };
      exitCode = await deploy(build(context), name, options, context);
    });

  program
    .command('destroy')
    .description('show what will be removed, ask for confirmation, and remove the stack; retained volumes are kept')
    .argument('[stack]', OPTIONAL_STACK)
    .option('--yes', 'do not ask for confirmation')
    .option('--verbose', VERBOSE)
    .option('--volumes', 'remove the retained volumes of the stack too, with all their data')
    .addHelpText('after', examples('destroy -- desk', 'destroy -- desk --volumes'))
    .action(async (name: string | undefined, flags: Flags) => {
      const { yes = false, verbose = false, volumes = false } = flags;
      const context = contextFor(flags);
      exitCode = await destroy(build(context), name, { yes, verbose, volumes }, context);
    });

  const runner: CommandRunner = {
    run: async (flags, work) => {
      const context = contextFor(flags);
      exitCode = await work(build(context), context);
    },
  };
  addSecretCommands(program, runner);
  addRunningCommands(program, runner);
  addBackupCommands(program, runner);
  addHistoryCommands(program, runner);

  try {
    await program.parseAsync(withCommand(argv));
    return exitCode;
  } catch (error) {
    // Terraform's exit code 2 means that there are changes.
    const refused = argv.includes('--detailed-exitcode') ? ExitCode.FAILED : ExitCode.REFUSED;
    // A command with a usage error has no context. The option of a program that `exec` runs does not count.
    return explain(error, refused, output ?? new Output(argv.includes('--json')));
  }
}

/** As an npm script of the project, which is named after the command. */
function commandUsage(command: Command): string {
  return command.parent === null
    ? 'npm run <command> -- [stack] [options]'
    : `npm run ${command.name()} -- ${command.usage()}`;
}

/** The `app` of a `cdktf.json` has to synthesize: cdktf runs it without arguments, and passes the folder for the output. */
function withCommand(argv: readonly string[]): readonly string[] {
  const isRunByCdktf = nonEmpty(process.env.CDKTF_OUTDIR) !== undefined;
  return argv.length <= 2 && isRunByCdktf ? [...argv, 'synth'] : argv;
}

/** There may be many frames of constructors of this library and of cdktf between an error and the user's line. */
function withLongTraces<Result>(work: () => Result): Result {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 50;
  try {
    return work();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/**
 * Creates the app and continues after errors that allow it, so that all of them are shown.
 * @throws CommandError with all of these errors, including the one that stopped it
 */
function withAllErrors(createApp: () => App): App {
  const errors: TradingStackError[] = [];
  try {
    const app = collectErrors(createApp, errors);
    if (errors.length === 0) return app;
  } catch (error) {
    if (errors.length === 0) throw error;
    // An unexpected error is probably a consequence of the others.
    if (error instanceof TradingStackError) errors.push(error);
  }
  throw CommandError.fromProblems(errors.flatMap((error) => failureOf(error)?.problems ?? []));
}

/**
 * Prints an error, unless Commander already has, and returns its exit code.
 * @param refused the exit code for usage errors and for questions that were not confirmed
 */
function explain(error: unknown, refused: ExitCode, output: Output): ExitCode {
  if (error instanceof CommanderError && error.exitCode === 0) return ExitCode.DONE;
  const failure = failureOf(error);
  const isRefusal = failure?.exitCode === ExitCode.REFUSED;
  // Programs that read stdout as JSON get a document no matter how the command ended.
  if (output.isJson) {
    const content = failure === undefined ? { code: null, message: traceOf(error) } : documentOf(failure.problems);
    output.document({ outcome: isRefusal ? 'refused' : 'failed', ...content });
  }
  if (!(error instanceof CommanderError)) {
    output.problem(failure === undefined ? traceOf(error) : failure.problems.map(describeProblem).join('\n'));
  }
  return isRefusal ? refused : ExitCode.FAILED;
}

function traceOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

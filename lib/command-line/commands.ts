import type { App } from 'cdktf';
import { Command, CommanderError } from 'commander';
import { TradingStackError } from '../index';
import { deploy } from './commands/deploy';
import { destroy } from './commands/destroy';
import { diff } from './commands/diff';
import { CommandError, ExitCode, Output } from './output/output';
import { placeOf } from './output/user-frame';
import { synth } from './commands/synth';

interface Flags {
  readonly yes?: boolean;
  readonly json?: boolean;
  readonly verbose?: boolean;
  readonly newSecrets?: boolean;
  readonly volumes?: boolean;
  readonly detailedExitcode?: boolean;
}

const EXIT_CODES = `
Exit codes: 0 done, 1 failed, 2 used wrongly or not confirmed (1 too with --detailed-exitcode).
Through a script of npm, options come after two dashes: npm run <script> -- <stack> --yes`;

const VERBOSE = 'show the whole plan of Terraform, and not its summary alone';
const NEW_SECRETS = 'make missing passwords also where there may be data that cannot be seen from here';

/** Runs the command that the arguments name and returns its exit code. */
export async function runCommand(argv: readonly string[], createApp: () => App): Promise<number> {
  let exitCode: number = ExitCode.DONE;
  // Between an error of the library and the line that it is about there may be many of its own.
  Error.stackTraceLimit = 50;
  const program = new Command()
    .description('Synthesizes, compares, deploys and destroys the stacks of this project.')
    .addHelpText('after', EXIT_CODES)
    .exitOverride();

  program
    .command('synth')
    .description('write the Terraform configuration and the secret files, and show what the stacks consist of')
    .argument('[stack]', 'name of the stack; all of them without it')
    .option('--new-secrets', NEW_SECRETS)
    .option('--json', 'print one JSON document')
    .action(async (name: string | undefined, flags: Flags) => {
      const choices = { newSecrets: flags.newSecrets ?? false };
      exitCode = await synth(createApp(), name, choices, new Output(flags.json));
    });

  program
    .command('diff')
    .description('show what a deploy would change')
    .argument('[stack]', 'name of the stack; may be left out where there is one')
    .option('--detailed-exitcode', "Terraform's own exit codes: 0 no changes, 1 failed, 2 changes")
    .action(async (name: string | undefined, flags: Flags) => {
      const changed = await diff(createApp(), name, new Output());
      exitCode = changed && flags.detailedExitcode ? 2 : ExitCode.DONE;
    });

  program
    .command('deploy')
    .description('check what it needs, show what changes, ask, and bring the stack up')
    .argument('[stack]', 'name of the stack; may be left out where there is one')
    .option('--yes', 'do not ask')
    .option('--verbose', VERBOSE)
    .option('--new-secrets', NEW_SECRETS)
    .option('--json', 'print the outcome as one JSON document; everything else goes to stderr')
    .action(async (name: string | undefined, flags: Flags) => {
      const { yes = false, verbose = false, newSecrets = false } = flags;
      exitCode = await deploy(createApp(), name, { yes, verbose, newSecrets }, new Output(flags.json));
    });

  program
    .command('destroy')
    .description('show what goes, ask, and remove the stack; its kept volumes stay')
    .argument('[stack]', 'name of the stack; may be left out where there is one')
    .option('--yes', 'do not ask')
    .option('--verbose', VERBOSE)
    .option('--volumes', 'remove the kept volumes too, data and all')
    .action(async (name: string | undefined, flags: Flags) => {
      const { yes = false, verbose = false, volumes = false } = flags;
      exitCode = await destroy(createApp(), name, { yes, verbose, volumes }, new Output());
    });

  try {
    await program.parseAsync(argv);
    return exitCode;
  } catch (error) {
    // Terraform's 2 means that there are changes.
    const refused = argv.includes('--detailed-exitcode') ? ExitCode.FAILED : ExitCode.REFUSED;
    return explain(error, refused, new Output(argv.includes('--json')));
  }
}

/**
 * Prints an error where that has not been done, and returns the exit code that goes with it.
 * @param refused the code for what was used wrongly or not confirmed
 */
function explain(error: unknown, refused: ExitCode, output: Output): number {
  if (error instanceof CommanderError && error.exitCode === 0) return ExitCode.DONE;
  const isRefusal =
    error instanceof CommanderError || (error instanceof CommandError && error.exitCode === ExitCode.REFUSED);
  const message = messageOf(error);
  // Whoever reads stdout as JSON finds a document there, however the command ended.
  if (output.isJson) output.document({ outcome: isRefusal ? 'refused' : 'failed', message });
  // Commander has printed what it found wrong.
  if (!(error instanceof CommanderError)) output.problem(`${message}${placeIn(error)}`);
  return isRefusal ? refused : ExitCode.FAILED;
}

/** A value such as a port is refused where it is made, which has no construct path yet. */
function placeIn(error: unknown): string {
  const place = error instanceof TradingStackError ? placeOf(error) : undefined;
  return place === undefined ? '' : `\n  at ${place}`;
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // Raised on purpose, with all that there is to know in the message.
  const isOurs = [TradingStackError, CommandError, CommanderError].some((type) => error instanceof type);
  return isOurs ? error.message : (error.stack ?? error.message);
}

import type { App } from 'cdktf';
import { type Command, InvalidArgumentError } from 'commander';
import type { CommandContext } from '../../context';
import { examples } from '../../output/examples';
import { logs } from './logs';

interface JsonFlag {
  readonly json?: boolean;
}

interface LogsFlags extends JsonFlag {
  readonly follow?: boolean;
  readonly since?: number | Date;
  readonly tail?: number;
}

/** How a command is run. */
export interface CommandRunner {
  /** Runs the work on the app, and sets the exit code to its result. */
  readonly run: (flags: JsonFlag, work: (app: App, context: CommandContext) => Promise<number>) => Promise<void>;
}

const STACK = 'name of the stack';

/** Adds the commands for what is deployed. */
export function addRunningCommands(program: Command, { run }: CommandRunner): void {
  program
    .command('logs')
    .description('show the logs of all services and jobs as one, in the order of time')
    .argument('<stack>', STACK)
    .argument('[services...]', 'ids of services, or the names of their containers; all by default')
    .option('--follow', 'continue with what is printed, also by containers that are started later, until Ctrl-C')
    .option(
      '--since <time>',
      'only what was printed since a time, or in the last seconds, minutes, hours or days',
      since,
    )
    .option('--tail <lines>', 'only the last lines of each container', wholeNumber)
    .option('--json', 'print each line as a JSON document with its service, time, stream and text')
    .addHelpText(
      'after',
      examples(
        'logs -- desk --since 10m',
        'logs -- desk api db --follow --tail 20',
        'logs -- desk --since 2026-01-31T09:00:00Z',
      ),
    )
    .action(async (name: string, services: readonly string[], flags: LogsFlags) => {
      const { follow = false, since: from, tail } = flags;
      await run(flags, (app, context) => logs(app, name, services, { follow, since: from, tail }, context));
    });
}

const MILLISECONDS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** @returns how long ago in milliseconds, or the time */
function since(text: string): number | Date {
  const [, amount, unit = ''] = /^(\d+)([smhd])$/.exec(text) ?? [];
  if (amount !== undefined) return Number(amount) * (MILLISECONDS[unit] ?? 0);
  const time = new Date(text);
  if (/^\d{4}-/.test(text) && !Number.isNaN(time.getTime())) return time;
  throw new InvalidArgumentError(
    "Use a number with a unit, such as 30s, 10m, 2h or 1d, or a time, such as '2026-01-31T09:00:00Z'.",
  );
}

function wholeNumber(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Use a whole number, such as 100.');
}

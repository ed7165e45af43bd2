import { type Command, InvalidArgumentError } from 'commander';
import { examples } from '../../output/examples';
import { type CommandRunner, type JsonFlag, OPTIONAL_STACK } from '../runner';
import { backup, backups } from './backups';
import { restore } from './restore';

interface RestoreFlags extends JsonFlag {
  readonly yes?: boolean;
  readonly at?: Date;
}

const SERVICE = 'id of the server, such as db; all by default';

/** Adds the commands for backups. */
export function addBackupCommands(program: Command, { run }: CommandRunner): void {
  program
    .command('backup')
    .description('make a backup now, of one service or of all that have one')
    .argument('[stack]', OPTIONAL_STACK)
    .argument('[service]', SERVICE)
    .addHelpText('after', examples('backup -- desk', 'backup -- desk db'))
    .action(async (name: string | undefined, service: string | undefined, flags: JsonFlag) => {
      await run(flags, (app, context) => backup(app, name, service, context));
    });

  program
    .command('backups')
    .description('list the backups, of one service or of all that have one')
    .argument('[stack]', OPTIONAL_STACK)
    .argument('[service]', SERVICE)
    .option('--json', 'print one JSON document')
    .addHelpText('after', examples('backups -- desk', 'backups -- desk db --json'))
    .action(async (name: string | undefined, service: string | undefined, flags: JsonFlag) => {
      await run(flags, (app, context) => backups(app, name, service, context));
    });

  program
    .command('restore')
    .description('ask for confirmation, stop what uses a server, restore a backup of it, and start everything again')
    .argument('[stack]', 'name of the stack')
    .argument('[service]', 'id of the server, such as db')
    .argument('[backup]', 'id of the backup, as `backups` lists it, or latest; with --at the one that reaches the time')
    .usage('[options] <stack> <service> [backup]')
    .option(
      '--at <time>',
      'restore the server as it was at a time, which `backups` lists as one of those',
      timeWithZone,
    )
    .option('--yes', 'do not ask for confirmation')
    .addHelpText(
      'after',
      examples(
        'restore -- desk db latest',
        'restore -- desk db 1f3c9a70 --yes',
        'restore -- desk db --at 2026-01-31T13:59:00Z',
      ),
    )
    .action(
      async (name: string | undefined, service: string | undefined, id: string | undefined, flags: RestoreFlags) => {
        const { yes = false, at } = flags;
        await run(flags, (app, context) => restore(app, name, service, { backup: id, at, yes }, context));
      },
    );
}

/** JavaScript takes 30 February for a day in March, and 24:00 for the next day: another time than the one that was meant. */
function timeWithZone(text: string): Date {
  const [, local] = TIME_WITH_ZONE.exec(text) ?? [];
  const time = new Date(text);
  const asWritten = new Date(`${local ?? ''}Z`);
  const exists = ![time, asWritten].some((one) => Number.isNaN(one.getTime()));
  if (local !== undefined && exists && asWritten.toISOString().startsWith(local)) return time;
  throw new InvalidArgumentError(
    "Use a time that exists, with its zone, such as '2026-01-31T13:59:00Z' or '2026-01-31T14:59:00+01:00'.",
  );
}

/** With the local time to the minute. */
const TIME_WITH_ZONE = /^(\d{4}-\d\d-\d\dT\d\d:\d\d)(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d)$/;

import type { Command } from 'commander';
import { examples } from '../../output/examples';
import { type CommandRunner, type JsonFlag, OPTIONAL_STACK } from '../runner';
import { timeWithZone } from '../time-with-zone';
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
      (text: string) => timeWithZone(text),
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

import type { Command } from 'commander';
import { examples } from '../../output/examples';
import { type CommandRunner, type JsonFlag, OPTIONAL_STACK } from '../runner';
import { images, KEPT_IMAGES } from '../images/images';
import { wholeNumber } from '../whole-number';
import { deploys } from './deploys';
import { rollback } from './rollback';

interface RollbackFlags extends JsonFlag {
  readonly yes?: boolean;
  readonly verbose?: boolean;
  readonly to?: string;
  readonly reason?: string;
}

interface ImagesFlags extends JsonFlag {
  readonly yes?: boolean;
  readonly prune?: boolean;
  readonly keep?: number;
}

/** Adds the commands for earlier deploys. */
export function addHistoryCommands(program: Command, { run }: CommandRunner): void {
  program
    .command('deploys')
    .description('list the last deploys that succeeded, with their reasons, and which of them is current')
    .argument('[stack]', OPTIONAL_STACK)
    .option('--json', 'print one JSON document')
    .addHelpText('after', examples('deploys -- desk', 'deploys -- desk --json'))
    .action(async (name: string | undefined, flags: JsonFlag) => {
      await run(flags, (app, context) => deploys(app, name, context));
    });

  program
    .command('rollback')
    .description(
      'show what changes, ask for confirmation, and return to the configuration and the images of the deploy before; data, ' +
        'secrets and what jobs have done stay as they are',
    )
    .argument('[stack]', OPTIONAL_STACK)
    .option('--to <deploy>', 'id of the deploy, as `deploys` lists it')
    .option('--reason <text>', 'why, for the list of deploys')
    .option('--yes', 'do not ask for confirmation')
    .option('--verbose', "show Terraform's own description of the plan too")
    .option('--json', 'print the outcome as one JSON document; everything else goes to stderr')
    .addHelpText(
      'after',
      examples('rollback -- desk', 'rollback -- desk --to tp3k9a', "rollback -- desk --yes --reason 'rejects orders'"),
    )
    .action(async (name: string | undefined, flags: RollbackFlags) => {
      const { yes = false, verbose = false, to, reason } = flags;
      await run(flags, (app, context) => rollback(app, name, { yes, verbose, to, reason }, context));
    });

  program
    .command('images')
    .description(
      'list the images of a stack on the engine, and what needs them; with --prune, removes those that nothing needs',
    )
    .argument('[stack]', OPTIONAL_STACK)
    .option('--prune', 'remove those that neither a container nor one of the last deploys needs')
    .option(
      '--keep <deploys>',
      `with --prune, how many versions of the last deploys keep their images; ${KEPT_IMAGES} by default`,
      wholeNumber(1),
    )
    .option('--yes', 'do not ask for confirmation')
    .option('--json', 'print one JSON document')
    .addHelpText('after', examples('images -- desk', 'images -- desk --prune', 'images -- desk --prune --keep 1 --yes'))
    .action(async (name: string | undefined, flags: ImagesFlags, command: Command) => {
      const { yes = false, prune = false, keep = KEPT_IMAGES } = flags;
      if (!prune && flags.keep !== undefined) command.error("error: option '--keep' needs '--prune'");
      await run(flags, (app, context) => images(app, name, { yes, prune, keep }, context));
    });
}

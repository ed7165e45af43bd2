import type { Command } from 'commander';
import { examples } from '../../output/examples';
import { type CommandRunner, type JsonFlag, NEW_SECRETS, OPTIONAL_STACK } from '../runner';
import { rotate } from './rotate';
import { secrets } from './secrets';

interface SecretsFlags extends JsonFlag {
  readonly newSecrets?: boolean;
}

interface RotateFlags extends JsonFlag {
  readonly yes?: boolean;
}

/** Adds the commands for secrets. */
export function addSecretCommands(program: Command, { run }: CommandRunner): void {
  program
    .command('secrets')
    .description(
      'list the secrets with their source, age and consumers, and put them on a remote engine, for a deploy with cdktf or ' +
        'Terraform alone; deploy does it itself',
    )
    .argument('[stack]', OPTIONAL_STACK)
    .option('--new-secrets', NEW_SECRETS)
    .option('--json', 'print one JSON document')
    .addHelpText('after', examples('secrets -- desk', 'secrets -- desk --json'))
    .action(async (name: string | undefined, flags: SecretsFlags) => {
      await run(flags, (app, context) => secrets(app, name, { newSecrets: flags.newSecrets ?? false }, context));
    });

  program
    .command('rotate')
    .description(
      'ask for confirmation, and give a generated secret a new value: in the server that knows it, while it runs, in ' +
        'the files, and in its consumers, which are replaced',
    )
    .argument('[stack]', 'name of the stack')
    .argument('[secret]', 'name of the secret, as `secrets` lists it')
    .usage('[options] <stack> <secret>')
    .option('--yes', 'do not ask for confirmation')
    .addHelpText('after', examples('rotate -- desk db_password', 'rotate -- desk redis_password --yes'))
    .action(async (name: string | undefined, secret: string | undefined, flags: RotateFlags) => {
      await run(flags, (app, context) => rotate(app, name, secret, { yes: flags.yes ?? false }, context));
    });
}

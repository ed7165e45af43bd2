import { CommandError } from '../output/output';

/**
 * Initializes a folder. Not with `-json`, which Terraform's init only has from 1.9 on.
 * @param collect runs a Terraform command and returns what it printed
 * @throws CommandError with Terraform's output
 */
export async function initialize(
  collect: (command: readonly string[]) => Promise<{ readonly exitCode: number | null; readonly text: string }>,
): Promise<void> {
  const command = ['init', '-no-color', '-input=false'];
  let { exitCode, text } = await collect(command);
  // The version of the provider has changed, for example after an update of the library.
  if (exitCode !== 0 && text.includes('init -upgrade')) ({ exitCode, text } = await collect([...command, '-upgrade']));
  if (exitCode !== 0) throw new CommandError('terraform-failed', `${text}\nterraform init failed.`);
}

import { join } from 'node:path';
import { CommandError } from '../output/output';
import type { WrittenConfiguration } from './configuration';
import { inPrivateFolder } from './private-folder';

/**
 * Gives a resource another address in the state.
 * @param run runs Terraform and returns what it printed
 * @throws CommandError if Terraform refuses, for example because another process has locked the state
 */
export async function moveInState(
  from: string,
  to: string,
  configuration: WrittenConfiguration,
  run: (command: readonly string[]) => Promise<{ readonly exitCode: number; readonly text: string }>,
): Promise<void> {
  const { exitCode, text } = await inPrivateFolder((folder) => {
    // Terraform would leave a backup of the whole state next to it each time. Other backends do not have the option.
    const backup = configuration.hasLocalState ? [`-backup=${join(folder, 'backup')}`] : [];
    return run(['state', 'mv', ...backup, from, to]);
  });
  if (exitCode !== 0) throw new CommandError('terraform-failed', `${text}\nterraform state mv failed.`);
}

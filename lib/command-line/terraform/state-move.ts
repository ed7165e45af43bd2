import { join } from 'node:path';
import { CommandError } from '../output/output';
import { WrittenConfiguration } from './configuration';
import { inPrivateFolder } from './private-folder';
import type { Terraform } from './terraform';

/**
 * Gives a resource another address in the state.
 * @throws CommandError if Terraform refuses, for example because another process has locked the state
 */
export async function moveInState(
  from: string,
  to: string,
  terraform: Pick<Terraform, 'collect' | 'directory'>,
): Promise<void> {
  const { exitCode, text } = await inPrivateFolder((folder) => {
    // Terraform would leave a backup of the whole state next to it each time. Other backends do not have the option.
    const { hasLocalState } = new WrittenConfiguration(terraform.directory);
    const backup = hasLocalState ? [`-backup=${join(folder, 'backup')}`] : [];
    return terraform.collect(['state', 'mv', ...backup, from, to]);
  });
  if (exitCode !== 0) throw new CommandError('terraform-failed', `${text}\nterraform state mv failed.`);
}

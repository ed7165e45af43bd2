import { join } from 'node:path';
import { CommandError } from '../output/output';
import { WrittenConfiguration } from '../synthesis/configuration';
import { checkLock } from '../terraform/messages';
import { WAIT_FOR_LOCK } from '../terraform/plan-options';
import { inPrivateFolder } from '../terraform/private-folder';
import type { Terraform } from '../terraform/terraform';

/**
 * Gives a resource another address in the state.
 * @throws CommandError if another process has locked the state, or if Terraform refuses for another reason
 */
export async function moveInState(
  from: string,
  to: string,
  terraform: Pick<Terraform, 'collect' | 'directory' | 'program'>,
): Promise<void> {
  const { exitCode, text } = await inPrivateFolder((folder) => {
    // Terraform would leave a backup of the whole state next to it each time. Other backends do not have the option.
    const { localState } = new WrittenConfiguration(terraform.directory);
    const backup = localState === undefined ? [] : [`-backup=${join(folder, 'backup')}`];
    return terraform.collect(['state', 'mv', '-no-color', WAIT_FOR_LOCK, ...backup, from, to]);
  });
  if (exitCode === 0) return;
  checkLock(text, terraform.program);
  throw new CommandError('terraform-failed', `${text}\nterraform state mv failed.`);
}

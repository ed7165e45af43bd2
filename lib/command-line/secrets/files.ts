import { type TradingStack, writeSecretFiles } from '../../index';
import type { Output } from '../output/output';
import { newBackupPasswords } from '../preflight/backup-passwords';

/** Writes the secret files of a stack, and warns that new passwords of backups need a copy elsewhere. */
export function writeSecrets(stack: TradingStack, output: Output): void {
  for (const { message } of newBackupPasswords(stack, writeSecretFiles(stack).written)) output.warn(message);
}

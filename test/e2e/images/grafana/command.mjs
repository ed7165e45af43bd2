/**
 * A stand-in for the `grafana` command: `cli --homepath FOLDER admin reset-admin-password --password-from-stdin`, which
 * changes the password while the server runs.
 */
import { readFileSync } from 'node:fs';
import { ConfigurationError, resetPassword } from './settings.mjs';

const [cli, flag, , ...command] = process.argv.slice(2);
const isKnown = command.join(' ') === 'admin reset-admin-password --password-from-stdin';
if (cli !== 'cli' || flag !== '--homepath' || !isKnown) fail('this stand-in knows no other command');
try {
  const [password] = readFileSync(0, 'utf8').split('\n');
  if (password === '') fail('the password is empty');
  resetPassword(process.env, password);
  process.stdout.write('Admin password changed successfully ✔\n');
} catch (error) {
  if (!(error instanceof ConfigurationError)) throw error;
  fail(error.message);
}

function fail(reason) {
  process.stderr.write(`Error: ${reason}\n`);
  process.exit(1);
}

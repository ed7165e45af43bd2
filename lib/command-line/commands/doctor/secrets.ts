import { existsSync, statSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import { Platform, type TradingStack } from '../../../index';
import { secretsUnder } from '../../../internal';
import { quoted } from '../../output/quoted';
import { listedSecrets } from '../../secrets/listing';
import { rotatableSecrets } from '../../secrets/rotatable';
import { type Finding, ok, warning } from './finding';

const DAY_SECONDS = 86_400;

/**
 * A convention: people who knew a password leave, and copies of it stay. The recommendation for most keys of programs is
 * one to two years: NIST SP 800-57 Part 1 Rev. 5, table 1, https://doi.org/10.6028/NIST.SP.800-57pt1r5.
 */
const MOST_DAYS = 365;

/** Whether the secret files are readable for others, and whether a password is old. */
export function secretFindings(stack: TradingStack, now: number): Finding[] {
  return [openFinding(stack), ...ageFindings(stack, now)];
}

/** Containers that do not run as root read the files, so only the folders keep others out. */
function openFinding(stack: TradingStack): Finding {
  const files = [...secretsUnder(stack)].map((secret) => Platform.of(secret).projectDirectory.locate(secret.file));
  const folders = [...new Set(files.map(dirname))].filter((folder) => existsSync(folder));
  const open = folders.filter((folder) => [folder, dirname(folder)].every((one) => (statSync(one).mode & 0o077) !== 0));
  if (open.length === 0) return ok('No other user of this machine can read the secret files');
  const names = open.map((folder) => quoted(relative('', folder))).join(' ');
  return warning(`Other users of this machine can read the secrets in ${names}. Close it: chmod 700 ${names}`);
}

/** For the secrets that `rotate` does not refuse. */
function ageFindings(stack: TradingStack, now: number): Finding[] {
  const rotated = new Set(rotatableSecrets(stack).map(({ file }) => file));
  const known = listedSecrets(stack, now).filter(({ file }) => rotated.has(file));
  const old = known.filter(({ ageSeconds }) => ageSeconds > MOST_DAYS * DAY_SECONDS);
  if (known.length > 0 && old.length === 0) return [ok('No generated secret is older than a year')];
  return old.map(({ name, ageSeconds }) =>
    warning(
      `The secret ${name} is ${Math.floor(ageSeconds / DAY_SECONDS)} days old. Replace it: ` +
        `npm run rotate -- ${stack.node.id} ${name}`,
    ),
  );
}

/** The settings of the environment, by the rules of the public image. */
import { createHash, randomBytes, scryptSync, timingSafeEqual } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A configuration error, reported on one line without a stack trace. */
export class ConfigurationError extends Error {}

/** Replaces every `GF_X__FILE` by `GF_X` with the content of the file. */
export function readSecretFiles(environment) {
  const result = { ...environment };
  for (const [name, path] of Object.entries(environment)) {
    const match = /^(GF_.+)__FILE$/.exec(name);
    if (match === null || path === '') {
      continue;
    }
    const target = match[1];
    if (environment[target]) {
      throw new ConfigurationError(`both ${target} and ${name} are set (but are exclusive)`);
    }
    try {
      // Like `$(< file)` in the public image: without trailing line breaks.
      result[target] = readFileSync(path, 'utf8').replace(/\n+$/, '');
    } catch (error) {
      throw new ConfigurationError(`cannot read ${path}, which ${name} names: ${error.message}`);
    }
    delete result[name];
  }
  return result;
}

/**
 * The administrator's account. As in Grafana the password is taken from the environment on the
 * first start only, and kept (hashed) in the data directory: a later change of the variable has no
 * effect on an existing volume.
 */
export function administrator(environment) {
  const file = accountFile(environment);
  if (!existsSync(file)) {
    writeAccount(
      environment,
      environment.GF_SECURITY_ADMIN_USER || 'admin',
      environment.GF_SECURITY_ADMIN_PASSWORD || 'admin',
    );
  }
  return {
    // Read again each time, as the command line changes it meanwhile.
    accepts: (user, password) => {
      const account = JSON.parse(readFileSync(file, 'utf8'));
      return user === account.user && timingSafeEqual(digest(password, account.salt), Buffer.from(account.hash, 'hex'));
    },
  };
}

/** Changes the password of an account that exists. */
export function resetPassword(environment, password) {
  const { user } = JSON.parse(readFileSync(accountFile(environment), 'utf8'));
  writeAccount(environment, user, password);
}

function accountFile(environment) {
  return join(environment.GF_PATHS_DATA, 'stand-in-admin.json');
}

/** Through another file, so that it is complete whenever it is read. */
function writeAccount(environment, user, password) {
  const file = accountFile(environment);
  const salt = randomBytes(16).toString('hex');
  const hash = digest(password, salt).toString('hex');
  try {
    writeFileSync(`${file}.new`, JSON.stringify({ user, salt, hash }), { mode: 0o600 });
    renameSync(`${file}.new`, file);
  } catch (error) {
    throw new ConfigurationError(`GF_PATHS_DATA='${environment.GF_PATHS_DATA}' is not writable: ${error.message}`);
  }
}

/** The uid that Grafana gives a data source without one: derived from the name, so that it is stable. */
export function generatedUid(name) {
  return `P${createHash('sha256').update(name).digest('hex').slice(0, 16).toUpperCase()}`;
}

function digest(password, salt) {
  return scryptSync(password, salt, 32, { N: 1024 });
}

import { createHash } from 'node:crypto';
import type { OptionShapes } from '../../options/options';
import { Secret } from '../../workload/secrets/secret';

/** The permissions of a user for exchanges and queues: regular expressions (PCRE) that match their names. */
export interface RabbitMqPermissions {
  /**
   * Names of the exchanges and queues that it may declare and delete.
   * @default - none
   */
  readonly configure?: string;
  /**
   * Names of the exchanges that it may publish to, and of the queues that it may bind.
   * @default - none
   */
  readonly write?: string;
  /**
   * Names of the queues that it may consume from, and of the exchanges that it may bind to.
   * @default - none
   */
  readonly read?: string;
}

/** Options of `RabbitMqBroker.user`. */
export interface RabbitMqUserOptions extends RabbitMqPermissions {
  /**
   * Access to management: `monitoring`, `management`, `policymaker`, `administrator`.
   * @default - none
   */
  readonly tags?: readonly string[];
  /** @default - a generated password */
  readonly password?: Secret;
}

/** How these options are checked. */
export const USER_OPTIONS: OptionShapes<RabbitMqUserOptions> = {
  configure: 'string',
  write: 'string',
  read: 'string',
  tags: ['string'],
  password: Secret,
};

/** A user in the definitions, without its password. */
export interface RabbitMqUser {
  readonly name: string;
  readonly tags: readonly string[];
  readonly permissions: RabbitMqPermissions;
}

/**
 * The users that a broker imports when it starts.
 * Format: https://www.rabbitmq.com/docs/definitions
 * @param passwords by the name of the user
 */
export function usersText(users: readonly RabbitMqUser[], passwords: Readonly<Record<string, string>>): string {
  const definitions = {
    users: users.map(({ name, tags }) => ({
      name,
      password_hash: hashPassword(name, passwords[name] ?? ''),
      hashing_algorithm: 'rabbit_password_hashing_sha256',
      tags,
    })),
  };
  return `${JSON.stringify(definitions, null, 2)}\n`;
}

/**
 * A password as RabbitMQ keeps it: four bytes of salt and the SHA-256 of salt and password, in base64.
 * Source: https://www.rabbitmq.com/docs/passwords#computing-password-hash
 */
function hashPassword(user: string, password: string): string {
  // Derived instead of random: a new salt would change the file, and replace the broker, at every deploy. A salt is to
  // keep passwords from being compared or looked up in a table, and generated ones are random and long.
  const salt = sha256(`${user}\n${password}`).subarray(0, 4);
  return Buffer.concat([salt, sha256(salt, Buffer.from(password))]).toString('base64');
}

function sha256(...parts: readonly (string | Buffer)[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

import { type PasswordChange, READ_PASSWORDS } from '../../workload/secrets/password-change';

/**
 * `rabbitmqctl` is authorized by the cookie of the broker, and reads a password that is not an argument from its input. With
 * `--quiet` it fails to read it.
 */
export function passwordChange(server: string, user: string): PasswordChange {
  const script = `${READ_PASSWORDS}printf '%s\\n' "$new" | rabbitmqctl change_password '${user}'`;
  return { server, change: ['/bin/sh', '-c', script] };
}

import { type PasswordChange, READ_PASSWORDS } from '../../workload/secrets/password-change';
import type { RedisLayout } from './layout';

/**
 * Redis accepts several passwords of a user, so clients with the old one connect until the last of them has been replaced.
 * The client reads its commands from its input.
 */
export function passwordChange(server: string, { client }: RedisLayout): PasswordChange {
  const send = (command: string): string[] => {
    const answer = `answer="$(printf '${command}\\n' "$new" | ${client} 2>&1)"`;
    const logins = 'for REDISCLI_AUTH in "$current" "$new"; do export REDISCLI_AUTH; ';
    const script = `${READ_PASSWORDS}${logins}${answer}; [ "$answer" = OK ] && exit 0; done; echo "$answer" >&2; exit 1`;
    return ['/bin/sh', '-c', script];
  };
  return { server, change: send('ACL SETUSER default >%s'), finish: send('CONFIG SET requirepass %s') };
}

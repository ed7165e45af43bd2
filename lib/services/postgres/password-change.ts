import { type PasswordChange, READ_PASSWORDS } from '../../workload/secrets/password-change';
import type { PostgresAdministrator } from './roles';

/**
 * Changes the password of a role over the socket of the server, as the first role. `\password` hashes it in psql, so that
 * the server gets nothing that it could log. Without a terminal it reads from the input, twice.
 */
export function passwordChange(server: string, role: string, administrator: PostgresAdministrator): PasswordChange {
  const { user, password } = administrator;
  // For an image or a pg_hba.conf that asks for one on the socket, too.
  const logins = role === user ? '"$current" "$new"' : `"$(cat ${password.path})"`;
  const script = [
    READ_PASSWORDS,
    `for PGPASSWORD in ${logins}; do export PGPASSWORD; printf '%s\\n%s\\n' "$new" "$new" | `,
    `psql -X -q -v ON_ERROR_STOP=1 -U ${user} -d ${administrator.database.name} -c '\\password "${role}"' && exit 0; `,
    'done; exit 1',
  ];
  return { server, change: ['/bin/sh', '-c', script.join('')] };
}

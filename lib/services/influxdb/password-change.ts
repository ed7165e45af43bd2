import { type PasswordChange, READ_PASSWORDS } from '../../workload/secrets/password-change';
import type { Secret } from '../../workload/secrets/secret';
import { INFLUX_PORT } from './settings';

/**
 * Changes the password of a person with the operator token. Over the HTTP API, because `influx` takes a password only as an
 * argument or from a terminal; with bash, which the image's entry point needs anyway.
 * https://docs.influxdata.com/influxdb/v2/api/#operation/PostUsersIDPassword
 */
export function passwordChange(server: string, user: string, operatorToken: Secret): PasswordChange {
  const script = `${READ_PASSWORDS}
ask() {
  exec 3<>/dev/tcp/127.0.0.1/${INFLUX_PORT} || exit 1
  printf '%s /api/v2/%s HTTP/1.0\\r\\nHost: 127.0.0.1\\r\\nAuthorization: Token %s\\r\\n' "$1" "$2" "$(cat ${operatorToken.path})" >&3
  printf 'Content-Type: application/json\\r\\nContent-Length: %s\\r\\n\\r\\n%s' "\${#3}" "$3" >&3
  answer="$(cat <&3)"
  exec 3>&-
  [[ $answer == 'HTTP/1.'?' 2'* ]] || { echo "\${answer##*$'\\n'}" >&2; exit 1; }
}
ask GET 'users?name=${encodeURIComponent(user)}' ''
[[ $answer =~ \\"id\\":\\ *\\"([0-9a-f]+)\\" ]] || { echo 'there is no user ${user}' >&2; exit 1; }
ask POST "users/\${BASH_REMATCH[1]}/password" "{\\"password\\":\\"$new\\"}"`;
  return { server, change: ['bash', '-c', script] };
}

/** How to rotate the operator token. */
export function tokenRotation(stack: string, server: string): string {
  return `InfluxDB chooses the value of a token itself. Create one: npm run console -- ${stack} ${server} -- auth create --operator`;
}

import { Platform } from '../../platform/platform';
import { type PasswordChange, READ_PASSWORDS } from '../../workload/secrets/password-change';
import type { Secret } from '../../workload/secrets/secret';
import type { Workload } from '../../workload/workload';
import { INFLUX_PORT } from './settings';

/** The parts of a server that its rotations need. */
interface Server {
  readonly workload: Workload;
  readonly password: Secret;
  /** Token with all permissions. */
  readonly operatorToken: Secret;
}

/**
 * Records how the password and the token of a server are rotated.
 * @param user the person whose password it is
 */
export function recordRotations({ workload, password, operatorToken }: Server, user: string): void {
  password.changes.push(passwordChange(workload.address, user, operatorToken));
  operatorToken.manualRotation =
    'InfluxDB chooses the value of a token itself. Create one: npm run console -- ' +
    `${Platform.of(workload).stackId} ${workload.serviceId} -- auth create --operator`;
}

/**
 * Changes the password of a person with the operator token. Over the HTTP API, because `influx` takes a password only as an
 * argument or from a terminal; with bash, which the image's entry point needs anyway.
 * https://docs.influxdata.com/influxdb/v2/api/#operation/PostUsersIDPassword
 */
function passwordChange(server: string, user: string, operatorToken: Secret): PasswordChange {
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

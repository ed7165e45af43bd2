import type { IConstruct } from 'constructs';
import { InfluxDb, PostgresDb, QuestDb, RabbitMqBroker, RedisCache, type TradingStack } from '../../../index';
import { SERVICE_LABEL } from '../../../internal';
import { CommandError, ExitCode } from '../../output/output';
import { workloadsNamed } from './services';

type Server = PostgresDb | RedisCache | RabbitMqBroker | InfluxDb | QuestDb;

/**
 * The command that starts the client of a server in its container.
 * @param words what the client is called with; without them it is interactive, as far as it can be
 * @throws CommandError `unknown-service`, or `no-console` for a service that has no client
 */
export function consoleOf(stack: TradingStack, service: string, words: readonly string[]): string[] {
  const names = workloadsNamed(stack, [service]).map(({ spec }) => spec.name);
  const servers = stack.node.findAll().filter(isServer);
  const server = servers.find(({ workload }) => names.includes(workload.spec.name));
  if (server !== undefined) {
    const [shell, script] = shellOf(server);
    return [shell, '-c', script, shell, ...words];
  }
  const known = servers.map(({ workload: { spec } }) => spec.labels[SERVICE_LABEL] ?? spec.name);
  throw new CommandError(
    'no-console',
    `${service} has no console. ${known.length === 0 ? '' : `These have one: ${known.join(', ')}. `}For a shell in its ` +
      `container: npm run exec -- ${stack.node.id} ${service} -- sh`,
    ExitCode.REFUSED,
  );
}

function isServer(construct: IConstruct): construct is Server {
  return [PostgresDb, RedisCache, RabbitMqBroker, InfluxDb, QuestDb].some((server) => construct instanceof server);
}

/**
 * The shell and its script, which calls the client with `$@`. It reads the password inside the container, so that it is in
 * no argument and in nothing that the engine shows.
 */
function shellOf(server: Server): readonly [string, string] {
  if (server instanceof PostgresDb) {
    const login = `export PGPASSWORD="$(cat ${server.password.path})"`;
    return ['sh', `${login}; exec psql --username="$POSTGRES_USER" --dbname="$POSTGRES_DB" "$@"`];
  }
  if (server instanceof RedisCache) {
    const hasPassword = server.workload.spec.secrets.length > 0;
    const login = hasPassword ? `export REDISCLI_AUTH="$(cat ${server.password.path})"; ` : '';
    return ['sh', `${login}exec "$(command -v redis-cli || command -v valkey-cli)" "$@"`];
  }
  if (server instanceof RabbitMqBroker) {
    // It is authorized by the cookie of the broker, and not interactive.
    const hint = 'rabbitmqctl, rabbitmq-diagnostics and rabbitmq-queues work in this shell; exit ends it.';
    return ['sh', `[ $# -gt 0 ] && exec rabbitmqctl "$@"; echo '${hint}'; exec sh`];
  }
  if (server instanceof InfluxDb) {
    const token = `INFLUX_TOKEN="$(cat ${server.operatorToken.path})"`;
    const address = 'INFLUX_ORG="$DOCKER_INFLUXDB_INIT_ORG" INFLUX_HOST=http://127.0.0.1:8086';
    return ['sh', `export ${token} ${address}; [ $# -gt 0 ] || set -- v1 shell; exec influx "$@"`];
  }
  return ['bash', `password="$(cat ${server.password.path})"\n${QUESTDB_CLIENT}`];
}

/** The image has no client. This one sends each line as a query over HTTP, and prints the answer as CSV. */
const QUESTDB_CLIENT = [
  'authorization="$(printf "%s:%s" "$QDB_HTTP_USER" "$password" | base64 | tr -d "\\n")"',
  'encoded() {',
  '  local LC_ALL=C at',
  '  for ((at = 0; at < ${#1}; at++)); do printf "%%%02X" "\'${1:at:1}"; done',
  '}',
  'ask() {',
  '  exec 3<>/dev/tcp/127.0.0.1/9000 || return 1',
  '  printf "GET /exp?query=%s HTTP/1.0\\r\\nAuthorization: Basic %s\\r\\n\\r\\n" "$(encoded "$1")" "$authorization" >&3',
  '  sed "1,/^\\r*$/d" <&3',
  '}',
  'if [ $# -gt 0 ]; then ask "$*"; exit; fi',
  '[ -t 0 ] && echo "Each line is a query; Ctrl-D ends."',
  'while IFS= read -r -e -p "questdb> " line; do [ -z "$line" ] || ask "$line"; done',
].join('\n');

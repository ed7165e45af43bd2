import type { IConstruct } from 'constructs';
import { InfluxDb, PostgresDb, RabbitMqBroker, RedisCache, type TradingStack } from '../../../index';
import { CommandError, ExitCode } from '../../output/output';
import { workloadsNamed } from '../../services/services';

/** A server with a client in its image. */
export type Server = PostgresDb | RedisCache | RabbitMqBroker | InfluxDb;

/**
 * The command that starts the client of a server in its container.
 * @param words what the client is called with; without them it is interactive, as far as it can be
 * @throws CommandError `unknown-service`, or `no-console` for a service that has no client
 */
export function consoleOf(stack: TradingStack, service: string, words: readonly string[]): string[] {
  const names = workloadsNamed(stack, [service]).map(({ spec }) => spec.name);
  const servers = serversOf(stack);
  const server = servers.find(({ workload }) => names.includes(workload.spec.name));
  if (server !== undefined) {
    return ['sh', '-c', scriptOf(server), 'sh', ...words];
  }
  const known = servers.map(({ workload }) => workload.serviceId);
  throw new CommandError(
    'no-console',
    `${service} has no console. ${known.length === 0 ? '' : `These have one: ${known.join(', ')}. `}For a shell in its ` +
      `container: npm run exec -- ${stack.node.id} ${service} -- sh`,
    ExitCode.REFUSED,
  );
}

/** The servers of a stack that have a console. */
export function serversOf(stack: TradingStack): Server[] {
  return stack.node.findAll().filter(isServer);
}

function isServer(construct: IConstruct): construct is Server {
  return [PostgresDb, RedisCache, RabbitMqBroker, InfluxDb].some((server) => construct instanceof server);
}

/**
 * The script of the shell, which calls the client with `$@`. It reads the password inside the container, so that it is in
 * no argument and in nothing that the engine shows.
 */
function scriptOf(server: Server): string {
  if (server instanceof PostgresDb) {
    const login = `export PGPASSWORD="$(cat ${server.password.path})"`;
    return `${login}; exec psql --username="$POSTGRES_USER" --dbname="$POSTGRES_DB" "$@"`;
  }
  if (server instanceof RedisCache) {
    const hasPassword = server.workload.spec.secrets.length > 0;
    const login = hasPassword ? `export REDISCLI_AUTH="$(cat ${server.password.path})"; ` : '';
    return `${login}exec "$(command -v redis-cli || command -v valkey-cli)" "$@"`;
  }
  if (server instanceof RabbitMqBroker) {
    // It is authorized by the cookie of the broker, and not interactive.
    const hint = 'rabbitmqctl, rabbitmq-diagnostics and rabbitmq-queues work in this shell; exit ends it.';
    return `[ $# -gt 0 ] && exec rabbitmqctl "$@"; echo '${hint}'; exec sh`;
  }
  const token = `INFLUX_TOKEN="$(cat ${server.operatorToken.path})"`;
  const address = 'INFLUX_ORG="$DOCKER_INFLUXDB_INIT_ORG" INFLUX_HOST=http://127.0.0.1:8086';
  return `export ${token} ${address}; [ $# -gt 0 ] || set -- v1 shell; exec influx "$@"`;
}

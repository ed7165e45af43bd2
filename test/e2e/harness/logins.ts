/** Whether the servers of the examples accept a password, asked as their clients do. */
import type { Project } from './project';
import { run } from './run';
import type { System } from './systems';

/** The content of a secret. */
export async function passwordOf(project: Project, stack: string, secret: string): Promise<string> {
  return (await project.read(`.secrets/${stack}/${secret}`)).trim();
}

/** Where the servers of the examples are that these tests reach over HTTP. */
const GRAFANA: Readonly<Record<string, number>> = { mt5: 3000, binance: 3100, mastertrade: 3301 };
const RABBITMQ = 'http://127.0.0.1:15972/api/whoami';

/**
 * Logs in with a password.
 * @param secret its name: `db_password`, `rabbitmq_risk_manager_password`
 * @throws Error for any other answer than that the password is right or wrong
 */
export async function logsIn(system: System, secret: string, password: string): Promise<boolean> {
  const { stack, database, login } = system;
  const [server = '', ...words] = secret.replace(/_password$/, '').split('_');
  const container = (name: string): string => (stack === 'mastertrade' ? `mastertrade_${name}` : `${stack}-${name}`);
  switch (server) {
    case 'db':
    case 'postgres':
      return acceptsLogin(database, { host: database, user: login[0], name: login[1] }, password);
    case 'redis':
      return answerOf(
        ['-e', `REDISCLI_AUTH=${password}`, container('redis'), 'redis-cli', 'PING'],
        /^PONG/m,
        /WRONGPASS/,
      );
    case 'influxdb': {
      const ask =
        'curl -s -X POST -w "%{http_code}" -u "$DOCKER_INFLUXDB_INIT_USERNAME:$0" 127.0.0.1:8086/api/v2/signin';
      return answerOf([container('influxdb'), 'sh', '-c', ask, password], /204$/, /401$/);
    }
    case 'rabbitmq': {
      const user = words.length === 0 ? stack : words.join('_');
      const { status, text } = await get(RABBITMQ, user, password);
      // Only administrators may use its HTTP API.
      if (status === 200 || text.includes('Not management user')) return true;
      return isRefusal(status, `${user}: ${text}`);
    }
    case 'grafana': {
      const { status, text } = await get(`http://127.0.0.1:${GRAFANA[stack]}/api/datasources`, 'admin', password);
      return status === 200 || isRefusal(status, text);
    }
    default:
      throw new Error(`No test knows how to log in with ${secret} of ${stack}: add it to ${__filename}.`);
  }
}

/**
 * Logs in to PostgreSQL from its container, but not over loopback, where no password is asked for.
 * @throws Error for any other answer than that the password is right or wrong
 */
export async function acceptsLogin(
  container: string,
  { host, user, name }: { readonly host: string; readonly user: string; readonly name: string },
  password: string,
): Promise<boolean> {
  const psql = ['psql', '-w', '-h', host, '-U', user, '-d', name, '-Atc', "SELECT 'accepted'"];
  return answerOf(['-e', `PGPASSWORD=${password}`, container, ...psql], /^accepted$/m, /authentication failed/);
}

async function answerOf(exec: readonly string[], accepted: RegExp, refused: RegExp): Promise<boolean> {
  const { stdout, stderr } = await run('docker', ['exec', ...exec]);
  if (accepted.test(stdout)) return true;
  if (refused.test(stdout + stderr)) return false;
  throw new Error(`The answer is neither ${accepted} nor ${refused}: ${stdout}${stderr}`);
}

async function get(url: string, user: string, password: string): Promise<{ status: number; text: string }> {
  const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  const response = await fetch(url, { headers: { authorization } });
  return { status: response.status, text: await response.text() };
}

function isRefusal(status: number, text: string): false {
  if (status === 401) return false;
  throw new Error(`The answer is ${status}: ${text}`);
}

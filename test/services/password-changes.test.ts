import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { IConstruct } from 'constructs';
import {
  InfluxDb,
  MonitoringStack,
  PostgresDb,
  RabbitMqBroker,
  RedisCache,
  Secret,
  type TradingStack,
} from '../../lib';
import { createStack } from '../setup/synthesize';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'password-changes-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** The commands for the password with this name. */
function changeOf(name: string, create: (stack: TradingStack) => unknown) {
  const secrets = createStack((stack) => void create(stack))
    .node.findAll()
    .filter(isSecret);
  const [change, ...others] = secrets.find((secret) => secret.name === name)?.changes ?? [];
  if (change === undefined || others.length > 0) throw new Error(`${name} has ${others.length} more changes`);
  return change;
}

function isSecret(construct: IConstruct): construct is Secret {
  return construct instanceof Secret;
}

/** Runs a command as in a container in which a client records its arguments and its input, and does this. */
async function runWith(command: readonly string[], client: string, script: string) {
  writeFileSync(join(folder, client), `#!/bin/sh\necho "$@" >>${folder}/arguments\ncat >>${folder}/input\n${script}\n`);
  chmodSync(join(folder, client), 0o755);
  return run(command);
}

async function run([program = '', ...words]: readonly string[]) {
  const env = { PATH: `${folder}${delimiter}${process.env.PATH ?? ''}`, GF_PATHS_HOME: '/usr/share/grafana' };
  const child = spawn(program, words, { env });
  child.stdin.end('old-1\nnew-2\n');
  const [code, stderr] = await Promise.all([
    new Promise((resolve) => child.on('close', resolve)),
    text(child.stderr),
    text(child.stdout),
  ]);
  const read = (name: string): string =>
    existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8') : '';
  return { code, stderr, words: read('arguments'), input: read('input') };
}

test('PostgreSQL gets a password as psql hashes it, which reads it twice', async () => {
  const { change } = changeOf('db_password', (stack) => new PostgresDb(stack, 'db', { database: 'desk' }));
  const { code, words, input } = await runWith(change, 'psql', '[ "$PGPASSWORD" = old-1 ]');

  expect([code, input]).toEqual([0, 'new-2\nnew-2\n']);
  expect(words).toContain('-U desk -d desk -c \\password "desk"');
  expect(words).not.toMatch(/old-1|new-2/);
});

test('PostgreSQL gets it again if the first role already has the new one', async () => {
  const { change } = changeOf('db_password', (stack) => new PostgresDb(stack, 'db'));

  expect((await runWith(change, 'psql', '[ "$PGPASSWORD" = new-2 ]')).code).toBe(0);
  expect((await runWith(change, 'psql', 'false')).code).toBe(1);
});

test('a further role of PostgreSQL gets its password from the first one', async () => {
  const create = (stack: TradingStack) =>
    new PostgresDb(stack, 'db', { database: 'desk', roles: [{ name: 'reports' }] });
  const { change, server } = changeOf('db_reports_password', create);

  expect((await runWith(change, 'psql', 'true')).words).toContain('-U desk -d desk -c \\password "reports"');
  expect(server).toBe('docker_container.desk-db');
});

test.each([
  ['change', 'ACL SETUSER default >new-2\n'],
  ['finish', 'CONFIG SET requirepass new-2\n'],
] as const)('Redis reads its %s from the input, whichever password it has', async (step, input) => {
  const command = changeOf('redis_password', (stack) => new RedisCache(stack, 'redis'))[step] ?? [];
  for (const accepted of ['old-1', 'new-2']) {
    rmSync(join(folder, 'input'), { force: true });
    const client = `[ "$REDISCLI_AUTH" = ${accepted} ] && echo OK || echo NOAUTH`;
    const outcome = await runWith(command, 'redis-cli', client);
    expect([outcome.code, outcome.input]).toEqual([0, input.repeat(accepted === 'old-1' ? 1 : 2)]);
    expect(outcome.words).not.toMatch(/old-1|new-2/);
  }
});

test('Redis with neither password shows its answer', async () => {
  const { change } = changeOf('redis_password', (stack) => new RedisCache(stack, 'redis'));

  expect(await runWith(change, 'redis-cli', 'echo WRONGPASS')).toMatchObject({ code: 1, stderr: 'WRONGPASS\n' });
});

test('RabbitMQ reads the password of a user from the input', async () => {
  const create = (stack: TradingStack) => new RabbitMqBroker(stack, 'rabbitmq').user('risk');
  const { change } = changeOf('rabbitmq_risk_password', create);

  expect(await runWith(change, 'rabbitmqctl', 'true')).toMatchObject({
    code: 0,
    words: 'change_password risk\n',
    input: 'new-2\n',
  });
});

test('Grafana reads the password of its administrator from the input', async () => {
  const { change } = changeOf(
    'grafana_admin_password',
    (stack) => new MonitoringStack(stack, 'monitoring', { watch: [] }),
  );
  const { code, words, input } = await runWith(change, 'grafana', 'true');

  expect([code, input]).toEqual([0, 'new-2\n']);
  expect(words).toContain('admin reset-admin-password --password-from-stdin');
});

test.each([
  [204, 0, ''],
  [400, 1, '{"message":"passwords must be at least 8 characters long"}\n'],
])('InfluxDB answers a new password of its user with %d', async (status, code, complaint) => {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      requests.push(`${request.method ?? ''} ${request.url ?? ''} ${body}`);
      if (request.method === 'POST') response.writeHead(status).end(complaint.trim());
      else response.end('{"links":{"self":"/api/v2/users"},"users":[{"links":{},"id":"0a1b2c","name":"admin"}]}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { change } = changeOf('influxdb_password', (stack) => new InfluxDb(stack, 'influxdb'));
  const { port } = server.address() as AddressInfo;
  const [shell = '', ...words] = change.map((word) =>
    word.replace('127.0.0.1/8086', `127.0.0.1/${port}`).replace(/cat \S+\)/, 'echo t)'),
  );
  // Bash reads its start file if its input is a socket, as that of a child of Node.js is.
  const outcome = await run([shell, '--norc', ...words]);
  await new Promise((resolve) => server.close(resolve));

  expect([outcome.code, outcome.stderr]).toEqual([code, complaint]);
  expect(requests).toEqual([
    'GET /api/v2/users?name=admin ',
    'POST /api/v2/users/0a1b2c/password {"password":"new-2"}',
  ]);
});

test('the operator token of InfluxDB is created by hand', () => {
  const stack = createStack((scope) => new InfluxDb(scope, 'influxdb'));
  const token = stack.node
    .findAll()
    .filter(isSecret)
    .find(({ name }) => name === 'influxdb_operator_token');

  expect(token?.manualRotation).toContain('npm run console -- desk influxdb -- auth create --operator');
});

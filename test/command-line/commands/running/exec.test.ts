import { PassThrough, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { Terminal } from '../../../../lib/command-line/engine/exec';
import { FakeEngine } from '../../desk/engine';
import { DeskProject, type Outcome } from '../../desk/project';

jest.setTimeout(60_000);

let engine: FakeEngine;
let project: DeskProject;

beforeEach(async () => {
  engine = await FakeEngine.start();
  project = new DeskProject();
});

afterEach(async () => {
  await engine.stop();
  project.remove();
});

/** Runs a command with this input, and without a terminal. */
async function run(command: readonly string[], input = '', problem = ''): Promise<Outcome> {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  stdin.end(input);
  const terminal = { stdin, stdout, stderr } as unknown as Terminal;
  const ended = await project.run(command, { DOCKER_HOST: engine.host }, problem, { terminal });
  stdout.end();
  stderr.end();
  return {
    exitCode: ended.exitCode,
    stdout: ended.stdout + (await text(stdout)),
    stderr: ended.stderr + (await text(stderr)),
  };
}

describe('exec', () => {
  test('runs a command in the container of the service, with its input, output and exit code', async () => {
    engine.state.containers = [
      { name: 'desk-redis' },
      { name: 'desk-gateway', answer: { stdout: 'done\n', stderr: 'slow\n', exitCode: 7 } },
    ];
    const outcome = await run(['exec', 'desk', 'gateway', '--', 'sh', '-c', 'work --fast'], 'orders');
    expect(outcome).toEqual({ exitCode: 7, stdout: 'done\n', stderr: 'slow\n' });
    expect(engine.state.commands).toEqual([
      {
        container: 'desk-gateway',
        request: {
          ...{ AttachStdin: true, AttachStdout: true, AttachStderr: true, Tty: false },
          Cmd: ['sh', '-c', 'work --fast'],
        },
        input: 'orders',
      },
    ]);
  });

  test('options after the service are those of the command', async () => {
    engine.state.containers = [{ name: 'desk-gateway' }];
    await run(['exec', 'desk', 'gateway', 'ls', '--help']);
    expect(engine.state.commands[0]?.request).toMatchObject({ Cmd: ['ls', '--help'] });
  });

  test('a reader that ends early, as in `exec … | head`, ends it', async () => {
    engine.state.containers = [{ name: 'desk-gateway', answer: { stdout: 'line\n'.repeat(10_000), exitCode: 0 } }];
    const stdin = new PassThrough();
    stdin.end();
    const stdout = new Writable({
      write(_chunk, _encoding, done) {
        done(new Error('EPIPE'));
      },
    }).on('error', () => undefined);
    const terminal = { stdin, stdout, stderr: new PassThrough() } as unknown as Terminal;
    const command = ['exec', 'desk', 'gateway', 'journal'];

    const { exitCode } = await project.run(command, { DOCKER_HOST: engine.host }, '', { terminal });
    expect(exitCode).toBe(0);
  });

  test('an option of the command does not make the error a JSON document', async () => {
    const { stdout, stderr } = await run(['exec', 'desk', 'gateway', '--', 'report', '--json']);
    expect([stdout, stderr]).toEqual(['', expect.stringContaining('[service-not-running]')]);
  });

  test('a service that has stopped is an error with the command that shows its log', async () => {
    engine.state.containers = [{ name: 'desk-gateway', status: 'exited', exitCode: 3 }];
    const { exitCode, stderr } = await run(['exec', 'desk', 'gateway', '--', 'ls']);
    expect(exitCode).toBe(1);
    expect(stderr).toBe(
      'desk-gateway is not running (exited with 3). Its log may say why: npm run logs -- desk desk-gateway --tail 20 ' +
        '[service-not-running]\n',
    );
  });

  test('a service of a Swarm that runs on another node is an error with the node', async () => {
    engine.state.nodes = { 'desk-1': {}, 'desk-2': {} };
    engine.state.tasks = [
      { CreatedAt: '2026-01-01', NodeID: 'desk-2', DesiredState: 'running', Status: { State: 'running' } },
    ];
    const { stderr } = await run(['exec', 'desk', 'db', '--', 'ls'], '', 'cluster');
    expect(stderr).toMatch(/^desk-db runs on desk-2, .* DOCKER_HOST=ssh:\/\/desk-2 \[service-not-running\]\n$/);
  });
});

describe('console', () => {
  const PASSWORD = 'canary-7Qx2';

  test.each([
    [
      'db',
      'psql --username="$POSTGRES_USER" --dbname="$POSTGRES_DB" "$@"',
      'PGPASSWORD="$(cat /run/secrets/db_password)"',
    ],
    ['redis', 'redis-cli', 'REDISCLI_AUTH="$(cat /run/secrets/redis_password)"'],
  ])('of %s is its client, which reads the password inside the container', async (service, client, login) => {
    for (const name of ['db', 'redis']) project.write(`.secrets/desk/${name}_password`, PASSWORD);
    engine.state.containers = [{ name: `desk-${service}`, answer: { stdout: '1\n', exitCode: 0 } }];
    const outcome = await run(['console', 'desk', service, '--', '-c', 'SELECT 1'], '', 'database');
    expect(outcome).toMatchObject({ exitCode: 0, stdout: '1\n' });
    const [{ request } = { request: {} }] = engine.state.commands;
    const { Cmd } = request as { Cmd: string[] };
    expect(Cmd).toEqual(['sh', '-c', expect.stringContaining(client), 'sh', '-c', 'SELECT 1']);
    expect(Cmd[2]).toContain(login);
    expect(JSON.stringify(request)).not.toContain(PASSWORD);
  });

  test('of a service that is no server is an error with those that have one', async () => {
    const { exitCode, stderr } = await run(['console', 'desk', 'gateway']);
    expect(exitCode).toBe(2);
    expect(stderr).toBe(
      'gateway has no console. These have one: redis. For a shell in its container: npm run exec -- desk gateway -- sh ' +
        '[no-console]\n',
    );
  });
});

import { spawn } from 'node:child_process';
import { readFile, readlink } from 'node:fs/promises';
import { containersOf, eventually, execute, refuseExisting, volumes } from '../harness/engine';
import { processIds } from '../harness/processes';
import { Project } from '../harness/project';

/** Replaces the project's stacks: a database, a cache, a job and a service. */
const STACK = 'examples/killed/stack.ts';
const READ = 'psql -U postgres -tA -c';

let project: Project;

beforeAll(async () => {
  await refuseExisting('killed');
  project = await Project.copy('docker');
  await project.write(STACK, KILLED_STACK);
  await project.edit('bin/trading.ts', "'../examples/mt5/stack'", "'../examples/killed/stack'");
});

afterAll(async () => {
  await project.destroy('killed');
  await project.remove();
});

/** The processes of the project that are Terraform, without those that it started. */
async function terraformProcesses(): Promise<number[]> {
  const pids = await processIds();
  const found = await Promise.all(
    pids.map(async (pid) => {
      const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '');
      const folder = await readlink(`/proc/${pid}/cwd`).catch(() => '');
      return /^(terraform|tofu)\n$/.test(name) && folder.startsWith(project.path('.').replace(/\/\.$/, ''));
    }),
  );
  return pids.filter((_, index) => found[index]);
}

/**
 * Runs a command, and kills it this long after its apply has begun.
 * @param whole whether the command line is killed too, and not only Terraform
 */
async function killed(command: readonly string[], milliseconds: number, whole: boolean): Promise<void> {
  const args = ['run', '--silent', command[0] ?? '', '--', ...command.slice(1)];
  const child = spawn('npm', args, {
    cwd: project.path('.'),
    env: { ...process.env, CHECKPOINT_DISABLE: '1', TRADING_ENGINE: 'docker' },
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  const ended = new Promise((resolve) => child.on('close', resolve));
  let printed = '';
  child.stdout.on('data', (chunk: Buffer) => {
    printed += chunk.toString();
  });
  await eventually(
    () => Promise.resolve(printed),
    (text) => text.includes(' apply -json'),
    120,
  );
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
  // The group of npm has the command line; Terraform has a session of its own.
  if (whole && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  for (const pid of await terraformProcesses()) process.kill(pid, 'SIGKILL');
  await ended;
}

async function query(sql: string): Promise<string> {
  return execute('killed-db', 'sh', '-c', `${READ} "${sql}"`);
}

async function expectHealthy(): Promise<void> {
  const states = [...(await containersOf('killed'))].map(([name, { State }]) => [
    name,
    State.Health?.Status ?? State.Status,
  ]);
  expect(Object.fromEntries(states)).toEqual({ db: 'healthy', cache: 'healthy', api: 'healthy', migrate: 'exited' });
  expect(await project.plannedChanges('killed')).toEqual([]);
}

describe('a deploy that was killed', () => {
  test.each([
    ['Terraform alone while the network is created', 500, false],
    ['everything while the servers start', 3500, true],
    ['Terraform alone while the servers start', 4500, false],
    ['everything while the job runs or the service starts', 8000, true],
  ])('is continued by the next one: %s', async (_what, milliseconds, whole) => {
    const destroyed = await project.script('destroy', 'killed', '--yes');
    expect(destroyed.code).toBe(0);
    await killed(['deploy', 'killed', '--yes'], milliseconds, whole);
    await project.deploy('killed');
    await expectHealthy();
  });

  test('keeps the data, and so does a destroy that was killed', async () => {
    await query('CREATE TABLE fills AS SELECT 42 AS id');
    await project.edit(STACK, "RELEASE = '1'", "RELEASE = '2'");
    await killed(['deploy', 'killed', '--yes'], 2000, true);
    await project.deploy('killed');
    await killed(['destroy', 'killed', '--yes'], 1500, true);
    await project.deploy('killed');
    await expectHealthy();
    expect(await query('SELECT id FROM fills')).toBe('42');
  });

  test('is removed by destroy, except for retained volumes', async () => {
    await project.edit(STACK, "RELEASE = '2'", "RELEASE = '3'");
    await killed(['deploy', 'killed', '--yes'], 2500, false);
    const { code } = await project.script('destroy', 'killed', '--yes');
    expect({ code, containers: [...(await containersOf('killed')).keys()] }).toEqual({ code: 0, containers: [] });
    const kept = (await volumes()).filter((name) => name.startsWith('killed_'));
    expect(kept).toEqual(['killed_cache_data', 'killed_db_data']);
  });
});

const KILLED_STACK = `
import type { App } from 'cdktf';
import { AppService, Duration, type Engine, HealthCheck, Image, Job, PostgresDb, RedisCache, RedisPurpose, TradingStack, Volume } from '../../lib';

const RELEASE = '1';

export function createMt5Stack(app: App, { engine }: { engine: Engine }): TradingStack {
  const stack = new TradingStack(app, 'killed', { engine, network: { subnet: '10.98.9.0/24' }, stopGracePeriod: Duration.seconds(2) });
  const image = Image.fromRegistry('node:24-slim');
  const database = new PostgresDb(stack, 'db', { image: Image.fromRegistry('postgres:17-alpine') });
  const cache = new RedisCache(stack, 'cache', { purpose: RedisPurpose.CACHE });
  const migration = new Job(stack, 'migrate', {
    image,
    uses: [database],
    environment: { RELEASE },
    command: ['node', '-e', 'setTimeout(() => process.exit(0), 4000)'],
  });
  new AppService(stack, 'api', {
    image,
    uses: [migration, cache],
    environment: { RELEASE },
    command: ['node', '-e', "require('http').createServer((_, r) => r.end('ok')).listen(8000)"],
    healthCheck: HealthCheck.http(8000, { via: 'node' }),
    volumes: [Volume.ephemeral('scratch').mountAt('/scratch')],
  });
  return stack;
}
`;

import { readdir } from 'node:fs/promises';
import { eventually } from '../harness/engine';
import { CHECKED_FILLS, UNCHECKED_FILLS } from '../harness/fills';
import { passwordOf } from '../harness/logins';
import { Project } from '../harness/project';
import { Server } from '../harness/server';
import { timed } from '../harness/timed';

const IMAGES = [
  'grafana/grafana:12.4.9',
  'node:24-slim',
  'oliver006/redis_exporter:v1.88.0',
  'postgres:15-alpine',
  'prom/node-exporter:v1.12.1',
  'prom/prometheus:v3.13.2',
  'quay.io/prometheuscommunity/postgres-exporter:v0.20.1',
  'rabbitmq:4.3-management-alpine',
  'redis:7-alpine',
  'restic/restic:0.19.1',
];
const JOB = 'mastertrade_schema';
const ROTATED = 'rabbitmq_risk_manager_password';

let server: Server;
let project: Project;

beforeAll(async () => {
  server = await timed('server with its images', () => Server.start({ images: IMAGES }));
  project = await Project.copy('docker', server.environment());
}, 600_000);

afterAll(async () => {
  await project.remove();
  await server.remove();
});

describe('MasterTrade on a server over ssh', () => {
  test('deploys with every service healthy, and plans no change after that', async () => {
    await timed('deploy', () => project.deploy('mastertrade'));

    expect(await unhealthy()).toEqual([]);
    expect(await project.plannedChanges('mastertrade')).toEqual([]);
  });

  test('carries a price to a fill in PostgreSQL that the risk manager approved', async () => {
    await filled();
    expect(await count(UNCHECKED_FILLS)).toBe(0);
  });

  test('has its secrets in nothing but their files, which other users of the server cannot read', async () => {
    const secrets = await passwords();
    const containers = (await server.docker('ps', '--all', '--quiet')).split('\n');
    const images = (await server.docker('images', '--quiet')).split('\n');
    const texts = [
      await project.read('cdktf.out/stacks/mastertrade/cdk.tf.json'),
      await project.read('terraform.mastertrade.tfstate'),
      await server.docker('inspect', ...containers),
      ...(await Promise.all(containers.map((one) => server.docker('logs', one).catch(() => '')))),
      ...(await Promise.all(images.map((one) => server.docker('history', '--no-trunc', one)))),
    ];
    for (const secret of secrets) {
      for (const text of texts) expect(text.includes(secret)).toBe(false);
    }
    const folder = await server.docker('info', '--format', '{{.DockerRootDir}}');
    expect((await server.run('root', 'sh', '-c', `ls ${folder}/volumes/*/_data`)).stdout).toContain(
      'postgres_password',
    );
    expect((await server.run('visitor', 'ls', `${folder}/volumes`)).stderr).toContain('Permission denied');
  });

  test('rotates the password of a user of the broker, and replaces only what logs in with it', async () => {
    const before = await containers();
    const old = await passwordOf(project, 'mastertrade', ROTATED);
    const rotated = await timed('rotation over ssh', () => project.script('rotate', 'mastertrade', ROTATED, '--yes'));

    expect([rotated.code, rotated.stdout]).toEqual([0, expect.stringContaining(`${ROTATED} has been rotated.`)]);
    const after = await containers();
    const replaced = [...after].filter(([name, id]) => before.get(name) !== id).map(([name]) => name);
    expect(replaced).toEqual(['mastertrade_risk']);
    expect(await authenticates(old)).toBe(false);
    expect(await authenticates(await passwordOf(project, 'mastertrade', ROTATED))).toBe(true);
    expect(await unhealthy()).toEqual([]);
    expect(await project.plannedChanges('mastertrade')).toEqual([]);
  });

  test('is back after the server was started again, without this machine, and goes on filling orders', async () => {
    await server.stop();
    await timed('all healthy after a restart of the server', async () => {
      await server.start();
      await eventually(unhealthy, (found) => found.length === 0, 180);
    });

    await filled();
  });

  test('leaves only its data when it is destroyed', async () => {
    await timed('destroy', () => project.script('destroy', 'mastertrade', '--yes'));

    expect(await server.docker('ps', '--all', '--quiet')).toBe('');
    const volumes = (await server.docker('volume', 'ls', '--quiet')).split('\n');
    expect(volumes.filter((name) => name.includes('secrets'))).toEqual([]);
    expect(volumes).toContain('mastertrade_postgres_data');
  });
});

async function passwords(): Promise<string[]> {
  const folder = '.secrets/mastertrade';
  const names = (await readdir(project.path(folder))).filter((name) => name.endsWith('_password'));
  expect(names).toContain('postgres_password');
  return Promise.all(names.map(async (name) => (await project.read(`${folder}/${name}`)).trim()));
}

/** The running containers by name. */
async function containers(): Promise<Map<string, string>> {
  const listed = await server.docker('ps', '--format', '{{.Names}} {{.ID}}');
  return new Map(listed.split('\n').map((line) => line.split(' ') as [string, string]));
}

async function authenticates(password: string): Promise<boolean> {
  const command = ['rabbitmqctl', 'authenticate_user', 'risk_manager', password];
  const answer = await server.docker('exec', 'mastertrade_rabbitmq', ...command).catch(String);
  if (answer.includes('Success')) return true;
  expect(answer).toContain('failed to authenticate');
  return false;
}

/** Waits until one more order has been filled. */
async function filled(): Promise<void> {
  const before = await count(CHECKED_FILLS);
  await eventually(
    () => count(CHECKED_FILLS),
    (fills) => fills > before,
    180,
  );
}

async function count(statement: string): Promise<number> {
  const query = ['psql', '-U', 'mastertrade', '-d', 'mastertrade', '-tA', '-c', statement];
  return Number(await server.docker('exec', 'mastertrade_postgres', ...query));
}

/** Services that do not run or fail their probe, with their state. The containers that carry secrets never start. */
async function unhealthy(): Promise<string[]> {
  const listed = await server.docker('ps', '--all', '--format', '{{.Names}}: {{.Status}}');
  return listed
    .split('\n')
    .filter((line) => !/-secrets-[0-9a-f]{12}: Created/.test(line))
    .filter((line) => !(line.startsWith(JOB) ? / Exited \(0\)/ : / Up .*\(healthy\)| Up [^(]*$/).test(line));
}

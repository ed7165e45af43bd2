import { containersOf, execute, logsOf, refuseExisting } from '../harness/engine';
import { Project } from '../harness/project';

/** Replaces the project's stacks: one database, whose version changes. */
const APP = 'bin/trading.ts';
const STACK = 'examples/versions/stack.ts';

let project: Project;

beforeAll(async () => {
  await refuseExisting('versions');
  project = await Project.copy('docker');
  await project.write(STACK, VERSIONS_STACK);
  await project.edit(APP, "'../examples/mt5/stack'", "'../examples/versions/stack'");
  await project.edit(APP, 'import { createMt5Stack }', 'import { createVersionsStack as createMt5Stack }');
});

afterAll(async () => {
  await project.destroy('versions');
  await project.remove();
});

describe('PostgreSQL 18, which keeps its data in a folder of its version', () => {
  test('runs as that version, with its data on the volume', async () => {
    await project.deploy('versions');

    expect(await query('SHOW server_version_num')).toMatch(/^18/);
    expect(await query('SHOW data_directory')).toBe('/var/lib/postgresql/18/docker');
    expect(await project.plannedChanges('versions')).toEqual([]);
  });

  test('keeps its rows when the container is replaced', async () => {
    await query('CREATE TABLE kept AS SELECT n FROM generate_series(1, 1000) AS n');
    await project.edit(STACK, "DESK: 'a'", "DESK: 'b'");
    await project.deploy('versions');

    expect(await query('SELECT count(*) FROM kept')).toBe('1000');
  });

  test('is not replaced by an empty database of version 17', async () => {
    await project.edit(STACK, 'postgres:18-alpine', 'postgres:17-alpine');
    const { code } = await project.script('deploy', 'versions', '--yes');

    expect(code).not.toBe(0);
    expect(await logsOf('versions-db')).toContain('the volume has a database in /var/lib/postgresql/data/18/docker');
  });

  test('serves its rows again after going back to version 18', async () => {
    await project.edit(STACK, 'postgres:17-alpine', 'postgres:18-alpine');
    await project.deploy('versions');

    expect((await containersOf('versions')).get('db')?.State.Health?.Status).toBe('healthy');
    expect(await query('SELECT count(*) FROM kept')).toBe('1000');
  });
});

function query(sql: string): Promise<string> {
  return execute('versions-db', 'psql', '-U', 'desk', '-d', 'desk', '-tA', '-c', sql);
}

const VERSIONS_STACK = `
import type { App } from 'cdktf';
import { type Engine, Image, PostgresDb, Size, TradingStack } from '../../lib';

export function createVersionsStack(app: App, { engine }: { engine: Engine }): TradingStack {
  const stack = new TradingStack(app, 'versions', { engine, network: { subnet: '10.98.12.0/24' } });
  new PostgresDb(stack, 'db', {
    image: Image.fromRegistry('postgres:18-alpine'),
    user: 'desk',
    database: 'desk',
    environment: { DESK: 'a' },
    resources: { memory: Size.mebibytes(256) },
  });
  return stack;
}
`;

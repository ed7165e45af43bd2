import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { containersOf, idsOf, refuseExisting, replaced } from '../harness/engine';
import { Project } from '../harness/project';
import { mustRun, type Outcome } from '../harness/run';

const CLI_VERSION = '0.21.0';

let cli: string;
let project: Project;

beforeAll(async () => {
  await refuseExisting('mt5');
  cli = await mkdtemp(join(tmpdir(), 'trading-stack-cdktf-'));
  await mustRun('npm', ['install', '--prefix', cli, '--no-save', '--ignore-scripts', `cdktf-cli@${CLI_VERSION}`]);
  project = await Project.copy('docker');
});

afterAll(async () => {
  await project.destroy('mt5');
  await project.remove();
  await rm(cli, { recursive: true, force: true });
});

describe('the cdktf command line', () => {
  test('deploys MT5 from the same checkout', async () => {
    const outcome = await cdktf('deploy', 'mt5', '--auto-approve');

    expect({ code: outcome.code, end: outcome.stdout.slice(-2000) }).toMatchObject({ code: 0 });
    expect((await containersOf('mt5')).size).toBe(9);
  });

  test('leaves nothing for npm run deploy to change', async () => {
    expect(await changedBy(() => project.deploy('mt5'))).toEqual([]);
    expect(await project.plannedChanges('mt5')).toEqual([]);
  });

  test('agrees with npm run deploy after the checkout has moved to another folder', async () => {
    await project.move();
    await project.deploy('mt5');

    const replacedByCli = await changedBy(async () => {
      const outcome = await cdktf('deploy', 'mt5', '--auto-approve');
      expect({ code: outcome.code, end: outcome.stdout.slice(-2000) }).toMatchObject({ code: 0 });
      expect(outcome.stdout).toContain('No changes');
    });
    expect(replacedByCli).toEqual([]);
  });
});

/** Does not query a registry for the provider, which locks for other platforms would require. */
function cdktf(...args: string[]): Promise<Outcome> {
  const env = { CDKTF_SKIP_PROVIDER_LOCK: 'true', CI: '1', DISABLE_VERSION_CHECK: '1' };
  return project.run(join(cli, 'node_modules', '.bin', 'cdktf'), args, env);
}

async function changedBy(deploy: () => Promise<unknown>): Promise<string[]> {
  const before = idsOf(await containersOf('mt5'));
  await deploy();
  return replaced(before, idsOf(await containersOf('mt5')));
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TradingStack } from '../../../lib';
import { Output } from '../../../lib/command-line/output/output';
import type { ChangeReport } from '../../../lib/command-line/plan/details';
import { warnOfChangedPasswords } from '../../../lib/command-line/preflight/changed-passwords';
import { DockerApi } from '../../../lib/command-line/engine/docker-api';
import { engineAddress } from '../../../lib/command-line/connection/address';
import { PendingRotation } from '../../../lib/command-line/secrets/pending-rotation';
import { secretsUnder } from '../../../lib/internal';
import { addProblem, createDesk } from '../desk/desk';
import { FakeEngine } from '../desk/engine';

let engine: FakeEngine;
let stack: TradingStack;
let folder: string;
const before = process.cwd();

beforeEach(async () => {
  engine = await FakeEngine.start();
  folder = mkdtempSync(join(tmpdir(), 'passwords-'));
  process.chdir(folder);
  stack = createDesk();
  addProblem(stack, 'database');
  engine.state.volumes = allVolumes();
});

afterEach(async () => {
  process.chdir(before);
  rmSync(folder, { recursive: true });
  await engine.stop();
});

function allVolumes(): string[] {
  return stack.platform.workloads.flatMap(({ spec }) => spec.volumes.map(({ volume }) => volume));
}

/** What is said of a plan that replaces a container because of a secret. */
async function warnings(container = 'desk-db', secret = 'db_password'): Promise<string> {
  const said: string[] = [];
  const output = new Output();
  output.warn = (text) => void said.push(text);
  const details = [
    { setting: `secret ${secret}`, text: `secret ${secret}: content changed`, before: null, after: null },
  ];
  const address = stack.platform.workloads.find(({ spec }) => spec.name === container)?.address;
  const report = { name: container, address, details } as unknown as ChangeReport;
  await warnOfChangedPasswords([report], stack, DockerApi.at(engineAddress(engine.host, {}), {}), output);
  return said.join('\n');
}

test('A password that was changed by hand and that the server keeps in its data is pointed out', async () => {
  const said = await warnings();

  expect(said).toContain('.secrets/desk/db_password has changed, and desk-db keeps the password in its data');
  expect(said).toContain('npm run rotate -- desk db_password');
});

test('Nothing is said without data, of a server that reads its password at every start, and in a rotation', async () => {
  expect(await warnings('desk-redis', 'redis_password')).toBe('');
  engine.state.volumes = [];
  expect(await warnings()).toBe('');
  engine.state.volumes = allVolumes();
  const password = [...secretsUnder(stack)].find(({ name }) => name === 'db_password');
  if (password === undefined) throw new Error('the database has no password');
  new PendingRotation(password).begin('next');
  expect(await warnings()).toBe('');
});

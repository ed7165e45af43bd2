import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { moveInState } from '../../../lib/command-line/state/state-move';

const LOCAL = { backend: { local: { path: 'terraform.desk.tfstate' } } };

interface Ended {
  readonly exitCode: number;
  readonly text: string;
}

/** Moves a resource in a state that is configured like this, and returns the command. */
async function move(terraform: object, ended: Ended = { exitCode: 0, text: '' }): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'desk-'));
  try {
    writeFileSync(join(directory, 'cdk.tf.json'), JSON.stringify({ terraform }));
    let command = '';
    const collect = (words: readonly string[]): Promise<Ended> => {
      command = words.join(' ');
      return Promise.resolve(ended);
    };
    await moveInState('docker_container.a', 'docker_container.b', { directory, program: 'tofu -chdir=desk', collect });
    return command;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

test('A local state gets its backup in a folder that is removed', async () => {
  expect(await move(LOCAL)).toMatch(/ -lock-timeout=2m -backup=\/.*\/backup docker_container\.a docker_container\.b$/);
});

test.each([
  ['HCP Terraform', { cloud: { organization: 'desk', workspaces: { name: 'desk' } } }],
  ['another backend', { backend: { s3: { bucket: 'desk' } } }],
])('A state in %s has no backup on this machine', async (_name, terraform) => {
  expect(await move(terraform)).not.toContain('-backup');
});

test('Terraform describes errors without colors and frames, so that they can be read', async () => {
  expect(await move(LOCAL)).toContain(' -no-color ');
});

test('A state that another process has locked is reported with the holder', async () => {
  const text = `
Error: Error acquiring the state lock

Error message: resource temporarily unavailable
Lock Info:
  ID:        2f0c2ab1-7d5b-b4a5-1d3f-0e3f1c2b9a01
  Path:      terraform.desk.tfstate
  Operation: OperationTypeApply
  Who:       trader@desk
  Version:   1.11.4
  Created:   2026-01-01 12:00:00.5 +0000 UTC
  Info:      

Terraform acquires a state lock to protect the state from being written
by multiple users at the same time.`;
  const refusal = move(LOCAL, { exitCode: 1, text });
  await expect(refusal).rejects.toMatchObject({ code: 'state-locked' });
  await expect(refusal).rejects.toThrow('trader@desk has held its lock since 2026-01-01 12:00:00.5');
});

test('The identifier of a lock is found even if Terraform has broken the line before it', async () => {
  const text = `Error: Error acquiring the state lock

Error message: HTTP remote state already locked:
ID=2f0c2ab1-7d5b-b4a5-1d3f-0e3f1c2b9a01`;
  await expect(move({ backend: { http: {} } }, { exitCode: 1, text })).rejects.toThrow('force-unlock 2f0c2ab1-');
});

test('Any other failure is reported with what Terraform printed', async () => {
  const refusal = move(LOCAL, { exitCode: 1, text: 'Error: Invalid target address' });
  await expect(refusal).rejects.toThrow('Error: Invalid target address\nterraform state mv failed.');
});

import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from '../../../lib/command-line/terraform/process';
import { parseState, protectState } from '../../../lib/command-line/state/state-file';
import { createDesk } from '../desk/desk';
import { inTemporaryFolder } from '../../setup/temporary-folder';

function modeOf(file: string): string {
  return (statSync(file).mode & 0o777).toString(8);
}

test('A state file and its backup that every user could read become readable by their owner only', () => {
  inTemporaryFolder((folder) => {
    const stack = createDesk({ outdir: folder });
    Object.defineProperty(stack, 'stateFile', { value: 'terraform.desk.tfstate' });
    const files = ['terraform.desk.tfstate', 'terraform.desk.tfstate.backup'].map((name) => join(folder, name));
    for (const file of files) writeFileSync(file, '{}', { mode: 0o644 });
    protectState(folder, stack);
    expect(files.map(modeOf)).toEqual(['600', '600']);
  });
});

test('Files of a program are readable by their owner only, and those of this process keep their usual mode', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'desk-'));
  try {
    const nothing = (): void => undefined;
    const options = { environment: process.env, onOutput: nothing, onError: nothing };
    await runProgram('sh', ['-c', `echo '{}' > ${folder}/state`], options);
    writeFileSync(join(folder, 'own'), '');
    expect(modeOf(join(folder, 'state'))).toBe('600');
    expect(modeOf(join(folder, 'own'))).not.toBe('600');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('The empty state and backup that are created before the first deploy are no damaged state', () => {
  inTemporaryFolder((folder) => {
    const [state, backup] = ['state', 'state.backup'].map((name) => join(folder, name)) as [string, string];
    writeFileSync(backup, '');
    expect(parseState('', state)).toEqual({ resources: [] });
    writeFileSync(backup, '{}');
    expect(() => parseState('', state)).toThrow(/damaged/);
  });
});

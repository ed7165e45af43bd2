import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
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

test.each(['', '{ "ver'])('An empty state is no damaged state if its backup is %j', (content) => {
  inTemporaryFolder((folder) => {
    const state = join(folder, 'state');
    writeFileSync(`${state}.backup`, content);
    expect(parseState('', state)).toEqual({ resources: [] });
  });
});

test('An empty state with a backup was deleted: the backup is restored, or both are removed', () => {
  inTemporaryFolder((folder) => {
    const state = join(folder, 'state');
    writeFileSync(`${state}.backup`, '{}');
    const path = relative('', state);
    expect(() => parseState('', state)).toThrow(
      `The Terraform state in ${path} is missing or empty, but it has a backup. Restore the state from before the last ` +
        `change: cp ${path}.backup ${path}. To start without a state, remove both files: rm -f ${path} ${path}.backup. `,
    );
  });
});

test.each(['[]', 'null', '4'])('A state of %s is damaged', (content) => {
  inTemporaryFolder((folder) => {
    expect(() => parseState(content, join(folder, 'state'))).toThrow('it is not an object');
  });
});

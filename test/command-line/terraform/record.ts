/**
 * Records what a version of Terraform or OpenTofu prints, for `recorded.test.ts`:
 *
 *   node -r ts-node/register/transpile-only test/command-line/terraform/record.ts terraform /opt/tofu
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { documentIn } from '../../../lib/command-line/terraform/program';
import type { Recording } from './recorded.test';

const SECONDS_UNTIL_LOCKED = 2;

/** Resources that need no provider. */
interface Settings {
  readonly input: string;
  readonly provisioner?: string;
  readonly lifecycle?: object;
}

function record(program: string): Recording {
  const folder = mkdtempSync(join(tmpdir(), 'record-'));
  const run = (...args: string[]): string => {
    const options = { cwd: folder, encoding: 'utf8' as const, env: { ...process.env, CHECKPOINT_DISABLE: '1' } };
    return spawnSync(program, args, options).stdout;
  };
  const configure = ({ input, provisioner, lifecycle }: Settings): void => {
    const job = {
      input,
      triggers_replace: input,
      ...(provisioner !== undefined && { provisioner: [{ 'local-exec': { command: provisioner } }] }),
      ...(lifecycle && { lifecycle }),
    };
    const configuration = { resource: { terraform_data: { job, service: { input } } } };
    writeFileSync(join(folder, 'main.tf.json'), JSON.stringify(configuration));
  };
  const plan = (file: string): string[] => lines(run('plan', '-json', '-input=false', `-out=${file}`));
  const apply = (file: string): string[] => lines(run('apply', '-json', '-input=false', file));

  try {
    const { terraform_version: version } = JSON.parse(documentOf(run('version', '-json'))) as {
      terraform_version: string;
    };
    const name = /^(Terraform|OpenTofu) v/m.exec(run('version'))?.[1] ?? program;
    configure({ input: 'one' });
    run('init', '-input=false');
    plan('first');
    plan('stale');
    const applied = apply('first');
    const stale = apply('stale');

    configure({ input: 'two' });
    plan('replacement');
    const { resource_changes, resource_drift, prior_state } = JSON.parse(
      documentOf(run('show', '-json', 'replacement')),
    ) as Record<string, object>;

    const postcondition = {
      condition: '${self.output == "zero"}',
      error_message: 'desk/job: it ended with exit code 3.',
    };
    configure({ input: 'two', lifecycle: { postcondition } });
    plan('job');
    const failedCondition = apply('job');

    configure({ input: 'three', provisioner: 'exit 3' });
    plan('resource');
    const failedResource = apply('resource');

    configure({ input: 'four', provisioner: `sleep ${2 * SECONDS_UNTIL_LOCKED}` });
    plan('slow');
    const slow = spawn(program, ['apply', '-json', '-input=false', 'slow'], { cwd: folder, stdio: 'ignore' });
    spawnSync('sleep', [String(SECONDS_UNTIL_LOCKED)]);
    const locked = plan('never');
    slow.kill('SIGKILL');
    return {
      program: `${name} ${version}`,
      applied,
      stale,
      replacement: { resource_changes, resource_drift, prior_state },
      failedCondition,
      failedResource,
      locked,
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function documentOf(output: string): string {
  return documentIn(output.split('\n'));
}

/** Without what is specific to this machine. */
function lines(output: string): string[] {
  return output
    .replaceAll(`${userInfo().username}@${hostname()}`, 'desk@laptop')
    .split('\n')
    .filter((line) => line !== '');
}

for (const program of process.argv.slice(2)) {
  const recording = record(program);
  const file = `${recording.program.toLowerCase().replace(' ', '-')}.json`;
  writeFileSync(join(__dirname, 'recorded', file), `${JSON.stringify(recording, null, 2)}\n`);
}

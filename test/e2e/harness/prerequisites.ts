/** Checks that this machine can deploy: an engine, Terraform, and the provider. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './run';

export const PROVIDER_SOURCE = 'kreuzwerker/docker';
export const PROVIDER_VERSION = '3.9.0';

/** Either ready, or a sentence that says what is missing and how to get it. */
export type Prerequisites = { readonly ok: true } | { readonly ok: false; readonly missing: string };

const ANSWER_TIMEOUT_MS = 30_000;
/** Includes the download of the provider, if it is downloaded. */
const INIT_TIMEOUT_MS = 3 * 60_000;

/** The Terraform program, from the variable that the CDKTF command line also reads. */
export function terraformBinary(): string {
  const named = process.env['TERRAFORM_BINARY_NAME'];
  return named === undefined || named === '' ? 'terraform' : named;
}

/** Checks each of the three, and stops at the first that is missing. Builds and starts nothing. */
export async function checkPrerequisites(): Promise<Prerequisites> {
  const missing = (await missingEngine()) ?? (await missingTerraform()) ?? (await missingProvider());
  return missing === undefined ? { ok: true } : { ok: false, missing };
}

async function missingEngine(): Promise<string | undefined> {
  const { code } = await run('docker', ['version', '--format', '{{.Server.Version}}'], {
    timeoutMs: ANSWER_TIMEOUT_MS,
  });
  if (code === 'ENOENT') {
    return '`docker` is not on the PATH: install Docker Engine 20.10 or newer.';
  }
  return code === 0
    ? undefined
    : 'No Docker engine answers `docker version`: start one, or set DOCKER_HOST to its address.';
}

async function missingTerraform(): Promise<string | undefined> {
  const binary = terraformBinary();
  const { code } = await run(binary, ['version'], {
    env: { CHECKPOINT_DISABLE: '1' },
    timeoutMs: ANSWER_TIMEOUT_MS,
  });
  return code === 0
    ? undefined
    : `Terraform does not run as \`${binary}\`: install Terraform 1.5 or newer, or set TERRAFORM_BINARY_NAME to the name of its program.`;
}

/** Runs Terraform, because only Terraform knows all the places where a provider may be. */
async function missingProvider(): Promise<string | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'trading-stack-provider-'));
  try {
    const requirement = { docker: { source: PROVIDER_SOURCE, version: PROVIDER_VERSION } };
    await writeFile(join(folder, 'main.tf.json'), JSON.stringify({ terraform: { required_providers: requirement } }));
    const { code } = await run(terraformBinary(), ['init', '-backend=false', '-input=false', '-no-color'], {
      cwd: folder,
      env: { CHECKPOINT_DISABLE: '1' },
      timeoutMs: INIT_TIMEOUT_MS,
    });
    return code === 0
      ? undefined
      : `Terraform does not find the provider ${PROVIDER_SOURCE} ${PROVIDER_VERSION}: give Terraform access to its registry. Or, on a machine with access, run \`terraform providers mirror ~/.terraform.d/plugins\` in a configuration that requires the provider, and copy that folder here.`;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

// As a program: exits with 0 and prints nothing if everything is available, otherwise prints the sentence and exits with 1.
if (require.main === module) {
  checkPrerequisites().then(
    (result) => {
      if (!result.ok) {
        process.stdout.write(`${result.missing}\n`);
        process.exitCode = 1;
      }
    },
    (error: unknown) => {
      process.stdout.write(`${error instanceof Error ? error.message : String(error)}\n`);
      process.exitCode = 1;
    },
  );
}

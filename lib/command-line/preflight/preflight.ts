import { lt } from 'semver';
import type { TradingStack } from '../../index';
import { createSecretFolder, isOlderEngine, OLDEST_ENGINE_VERSION, secretsUnder } from '../../internal';
import type { CommandContext } from '../context';
import type { DockerApi } from '../engine/docker-api';
import { managerProblems, nodeProblems } from '../engine/nodes';
import { CommandError, type Problem } from '../output/output';
import { lostBackupPasswords } from './backup-passwords';
import { missingBindSources } from './bind-mounts';
import { takenPorts } from './ports';
import { mayGenerate, missingSecrets, withheldSecrets } from './secrets';
import { takenSubnets } from './subnets';
import type { EngineRecord } from '../state/engine-record';
import { terraformBinary, terraformVersion } from '../terraform/program';
import { heldVolumes, missingVolumes } from './volumes';

/** The oldest version that the documentation promises to support. */
const OLDEST_TERRAFORM = '1.5.0';

/** Checks in addition to those of the engine and Terraform. */
export interface PreflightOptions {
  readonly secrets: boolean;
  /**
   * Whether passwords are generated even if existing data cannot be ruled out.
   * @default false
   */
  readonly newSecrets?: boolean;
  /**
   * Whether to check the needs of new containers: the version and the nodes of the engine, free ports and addresses, and
   * volumes that no other server uses.
   */
  readonly start: boolean;
  /**
   * The engine that the state is about.
   * @default - not compared with this one
   */
  readonly record?: EngineRecord;
}

/**
 * Checks everything that a command needs, and prints what it will use if everything is in order.
 */
export async function preflight(
  stack: TradingStack,
  docker: DockerApi,
  options: PreflightOptions,
  context: CommandContext,
): Promise<Problem[]> {
  const { output, probePort } = context;
  const { address } = docker;
  const [terraform, engine] = await Promise.all([terraformVersion(context), output.during('Docker', ask(docker))]);
  const binary = terraformBinary(context);
  const problems = terraformProblems(binary, terraform);
  if ('problem' in engine) {
    problems.push(withHint(engine.problem, options.record?.hint()));
    if (options.secrets) problems.push(...missingSecretProblems(stack));
  } else {
    const otherEngine = await options.record?.problem();
    // Whether that one fits the stack does not matter.
    if (otherEngine !== undefined) return [...problems, otherEngine];
    const unmanaged = await managerProblems(stack, docker);
    problems.push(...unmanaged);
    if (options.start) {
      problems.push(...ageProblems(stack, engine.version, docker));
      if (unmanaged.length === 0) problems.push(...(await nodeProblems(stack, docker)));
    }
    if (options.secrets) problems.push(...(await secretProblems(stack, docker, options.newSecrets)));
    if (options.start) {
      const probe = address.hasOurFiles ? probePort : undefined;
      problems.push(...(await takenPorts(stack.platform.workloads, docker, probe)));
      problems.push(...(await takenSubnets(stack, docker)));
      problems.push(...(await missingVolumes(stack, docker)));
      problems.push(...(await heldVolumes(stack, docker)));
      problems.push(...(await missingBindSources(stack, docker)));
    }
  }
  if (problems.length > 0 || 'problem' in engine) return problems;
  output.say(`${binary} ${terraform ?? ''}, Docker ${engine.version} at ${address.text}`);
  return [];
}

async function ask(docker: DockerApi): Promise<{ readonly version: string } | { readonly problem: Problem }> {
  try {
    return { version: await docker.version() };
  } catch (error) {
    if (error instanceof CommandError) return { problem: error };
    throw error;
  }
}

function withHint({ code, message }: Problem, hint: string | undefined): Problem {
  return { code, message: hint === undefined ? message : `${message} ${hint}` };
}

function terraformProblems(binary: string, version: string | undefined): Problem[] {
  if (version === undefined) {
    const message =
      `The program '${binary}' cannot be started. Install Terraform (https://developer.hashicorp.com/terraform/install), ` +
      'or OpenTofu and set TERRAFORM_BINARY_NAME=tofu.';
    return [{ code: 'terraform-missing', message }];
  }
  if (!lt(version, OLDEST_TERRAFORM)) return [];
  const message = `${binary} ${version} is too old. Install ${OLDEST_TERRAFORM} or later.`;
  return [{ code: 'terraform-missing', message }];
}

/** An engine refuses a setting that is newer than itself, but only after the previous container was removed. */
function ageProblems(stack: TradingStack, version: string, { address }: DockerApi): Problem[] {
  const { oldestVersion } = stack.engine;
  if (oldestVersion === null || !isOlderEngine(version, oldestVersion)) return [];
  const option = `Engine.docker({ engineVersion: '${version.split('.').slice(0, 2).join('.')}' })`;
  const isSupported = !isOlderEngine(version, OLDEST_ENGINE_VERSION);
  const message =
    `Docker ${version} at ${address.text} is too old: ${stack.node.path} is for ${oldestVersion} or later. ` +
    (isSupported ? `Update it, or set the version that it has: ${option}` : 'Update it.');
  return [{ code: 'engine-too-old', message }];
}

async function secretProblems(stack: TradingStack, docker: DockerApi, newSecrets = false): Promise<Problem[]> {
  const withheld = await withheldSecrets(stack, docker);
  const wrong = withheld.filter((secret) => !mayGenerate(secret, newSecrets));
  return [
    ...[...wrong, ...(await lostBackupPasswords(stack, docker))].map(({ message }): Problem => ({
      code: 'password-lost',
      message,
    })),
    ...missingSecretProblems(stack),
  ];
}

function missingSecretProblems(stack: TradingStack): Problem[] {
  // The message says to write a file into it.
  for (const secret of secretsUnder(stack)) createSecretFolder(secret);
  return missingSecrets(stack).map(({ path, file, description, isEmpty }) => ({
    code: 'secret-missing',
    message: `The secret ${path} is ${isEmpty ? 'empty' : 'missing'}. Write ${description} into the file ${file}.`,
  }));
}

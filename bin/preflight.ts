import { lt } from 'semver';
import type { TradingStack } from '../lib';
import type { DockerApi } from './docker-api';
import type { EngineAddress } from './engine-address';
import { CommandError, type Output } from './output';
import { takenPorts } from './ports';
import { lostSecrets, missingSecrets } from './secrets';
import { terraformBinary, terraformVersion } from './terraform';

/** Preconditions, with which a missing secret is explained. */
const OLDEST_TERRAFORM = '1.2.0';

/** What is looked at beside the engine and Terraform. */
export interface PreflightOptions {
  readonly secrets: boolean;
  readonly ports: boolean;
}

/**
 * Looks at everything that is needed before anything is written or changed.
 * @throws CommandError with one line for each thing that is missing
 */
export async function preflight(
  stack: TradingStack,
  address: EngineAddress,
  docker: DockerApi | undefined,
  options: PreflightOptions,
  output: Output,
): Promise<void> {
  const terraform = await terraformVersion();
  const engine = docker === undefined ? undefined : await output.during('Docker', ask(docker));
  const problems = [...terraformProblems(terraform)];
  const failure = engine?.failure ?? null;
  if (failure !== null) {
    const remedy = failure.includes('EACCES') ? 'Join the group that may use it' : 'Start it, or set DOCKER_HOST';
    problems.push(`Docker does not answer at ${address.text} (${failure}). ${remedy}.`);
    if (options.secrets) problems.push(...missingSecretLines(stack));
  } else {
    if (docker !== undefined) problems.push(...(await swarmProblems(stack, docker)));
    if (options.secrets) problems.push(...(await secretProblems(stack, docker)));
    if (options.ports) problems.push(...(await takenPorts(stack.platform.workloads, docker, address.isThisMachine)));
  }
  if (problems.length > 0) throw new CommandError(problems.join('\n'));

  const engineLine =
    engine === undefined
      ? `the engine at ${address.text} is not looked at: only Terraform can reach it`
      : `Docker ${engine.version ?? ''} at ${address.text}`;
  output.say(`${terraformBinary()} ${terraform ?? ''}, ${engineLine}`);
}

interface Answer {
  readonly version: string | null;
  /** Why there is none. */
  readonly failure: string | null;
}

async function ask(docker: DockerApi): Promise<Answer> {
  try {
    return { version: await docker.version(), failure: null };
  } catch (error) {
    return { version: null, failure: (error as Error).message };
  }
}

function terraformProblems(version: string | undefined): string[] {
  if (version === undefined) {
    return [
      `The program '${terraformBinary()}' cannot be started. Install Terraform (https://developer.hashicorp.com/terraform/install) ` +
        'or OpenTofu, and name it in TERRAFORM_BINARY_NAME if it is not called terraform.',
    ];
  }
  if (lt(version, OLDEST_TERRAFORM))
    return [`${terraformBinary()} ${version} is too old: ${OLDEST_TERRAFORM} or later is needed.`];
  return [];
}

async function swarmProblems(stack: TradingStack, docker: DockerApi): Promise<string[]> {
  if (stack.platform.engine.name !== 'swarm' || (await docker.isSwarmManager())) return [];
  return [
    'This engine is no manager of a Swarm. Make it one with `docker swarm init`, or name a manager in DOCKER_HOST.',
  ];
}

async function secretProblems(stack: TradingStack, docker: DockerApi | undefined): Promise<string[]> {
  const lost = docker === undefined ? [] : await lostSecrets(stack, docker);
  return [...lost, ...missingSecretLines(stack)];
}

function missingSecretLines(stack: TradingStack): string[] {
  return missingSecrets(stack).map(
    ({ path, file, description }) => `The secret ${path} is missing. Write ${description} into the file ${file}.`,
  );
}

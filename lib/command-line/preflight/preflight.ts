import { lt } from 'semver';
import type { TradingStack } from '../../index';
import type { DockerApi } from '../engine/docker-api';
import type { EngineAddress } from '../engine/address';
import { nodeProblems } from '../engine/nodes';
import { CommandError, type Output } from '../output/output';
import { takenPorts } from './ports';
import { canBeNew, missingSecrets, unmadeSecrets } from './secrets';
import { standIns } from '../engine/stand-ins';
import { takenSubnets } from './subnets';
import { terraformBinary, terraformVersion } from '../terraform/terraform';
import { heldVolumes, missingVolumes } from './volumes';

/** The one that the README promises. */
const OLDEST_TERRAFORM = '1.5.0';

/** What is looked at beside the engine and Terraform. */
export interface PreflightOptions {
  readonly secrets: boolean;
  /**
   * Whether passwords are made where there may be data that nobody can see.
   * @default false
   */
  readonly newSecrets?: boolean;
  /** What containers need that are about to start: ports, addresses and volumes that nobody else has. */
  readonly start: boolean;
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
  const unreached = options.secrets ? unreachedBySecrets(stack, address) : undefined;
  if (unreached !== undefined) problems.push(unreached);
  // Where the secrets do not get to the engine, none is asked for.
  const asksForSecrets = options.secrets && unreached === undefined;
  if (failure !== null) {
    problems.push(failure);
    if (asksForSecrets) problems.push(...missingSecretLines(stack));
  } else {
    if (docker !== undefined) problems.push(...(await nodeProblems(stack, docker)));
    if (asksForSecrets) problems.push(...(await secretProblems(stack, docker, options.newSecrets)));
    if (options.start) {
      problems.push(...(await takenPorts(stack.platform.workloads, docker, address.isThisMachine)));
      if (docker !== undefined) problems.push(...(await takenSubnets(stack, docker)));
      if (docker !== undefined) problems.push(...(await volumeProblems(stack, docker)));
    }
  }
  if (problems.length > 0) throw new CommandError(problems.join('\n'));

  const engineLine =
    engine === undefined
      ? `the engine at ${address.text} is not looked at: only Terraform can reach it`
      : `Docker ${engine.version ?? ''} at ${address.text}`;
  output.say(`${terraformBinary()} ${terraform ?? ''}, ${engineLine}`);
  if (docker !== undefined && options.start) await warnOfStandIns(stack, docker, output);
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

async function volumeProblems(stack: TradingStack, docker: DockerApi): Promise<string[]> {
  return [...(await missingVolumes(stack, docker)), ...(await heldVolumes(stack, docker))];
}

async function warnOfStandIns(stack: TradingStack, docker: DockerApi, output: Output): Promise<void> {
  const names = await standIns(stack, docker);
  if (names.length === 0) return;
  output.warn(
    `Warning: these images are stand-ins that were built for tests, and not the real ones: ${names.join(', ')}`,
  );
}

/** Docker makes an empty folder where a mounted file is missing, and Redis then starts without a password. */
function unreachedBySecrets(stack: TradingStack, address: EngineAddress): string | undefined {
  if (!stack.engine.traits.mountsSecretFiles || address.hasOurFiles) return undefined;
  const users = stack.platform.workloads.filter(({ spec }) => spec.secrets.length > 0).map(({ spec }) => spec.name);
  if (users.length === 0) return undefined;
  return (
    `The secrets of ${stack.node.path} are files of this machine, and the engine at ${address.text} may be on another one, ` +
    `where these would start without them: ${users.join(', ')}. Deploy on the server itself, or choose an engine of ` +
    'this machine with DOCKER_HOST or DOCKER_CONTEXT: remote engines get secrets in a later version.'
  );
}

async function secretProblems(
  stack: TradingStack,
  docker: DockerApi | undefined,
  newSecrets = false,
): Promise<string[]> {
  const unmade = await unmadeSecrets(stack, docker);
  const wrong = unmade.filter((secret) => !canBeNew(secret, newSecrets));
  return [...wrong.map(({ message }) => message), ...missingSecretLines(stack)];
}

function missingSecretLines(stack: TradingStack): string[] {
  return missingSecrets(stack).map(
    ({ path, file, description, isEmpty }) =>
      `The secret ${path} is ${isEmpty ? 'empty' : 'missing'}. Write ${description} into the file ${file}.`,
  );
}

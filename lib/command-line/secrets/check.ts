import type { TradingStack } from '../../index';
import type { RegisteredWorkload } from '../../internal';
import { DockerApiError } from '../engine/docker-api';
import type { DockerWrites } from '../engine/docker-writes';
import { CommandError } from '../output/output';
import { missingFiles, secretFilesOf } from './delivery';

/**
 * Reads the secrets of every container from the engine: a server such as Redis runs without a password if its file is
 * empty, and is healthy. A Swarm itself guarantees the secrets of its services.
 * @throws CommandError `secret-not-delivered` if a container does not have one, or has another content
 */
export async function checkDelivered(stack: TradingStack, docker: DockerWrites): Promise<void> {
  const mounting = stack.platform.workloads.filter(
    ({ spec }) => spec.secrets.length > 0 && stack.engine.secretTransport(spec) !== 'object',
  );
  const found = await Promise.all(mounting.map((workload) => problemOf(stack, workload, docker)));
  const problems = found.flat();
  if (problems.length === 0) return;
  const names = problems.map(({ container }) => container);
  const remove = `${docker.api.address.command} rm --force ${names.join(' ')}`;
  throw new CommandError(
    'secret-not-delivered',
    [
      ...problems.map(({ container, problem }) => `${container} ${problem}.`),
      `Do not use them like this. Remove them and deploy again: ${remove}`,
    ].join('\n'),
  );
}

async function problemOf(
  stack: TradingStack,
  { spec }: RegisteredWorkload,
  docker: DockerWrites,
): Promise<{ readonly container: string; readonly problem: string }[]> {
  const container = spec.name;
  try {
    const files = secretFilesOf(stack, spec);
    const missing = await missingFiles(container, files, docker);
    if (missing.length === 0 || (await docker.api.inspect(container)) === undefined) return [];
    return [{ container, problem: `does not have the content of its secrets in its files: ${missing.join(', ')}` }];
  } catch (error) {
    if (!(error instanceof DockerApiError)) throw error;
    // Reported with the states of the services.
    if (error.status === undefined) return [];
    return [{ container, problem: `could not be asked for its secrets (${error.reason})` }];
  }
}

import type { TradingStack } from '../../index';
import type { RegisteredWorkload } from '../../internal';
import { DockerApiError } from '../engine/docker-api';
import type { DockerWrites } from '../engine/docker-writes';
import { CommandError } from '../output/output';
import { missingFiles, secretFilesOf } from './delivery';

/** Why a container is not known to have its secrets. */
type Finding =
  | { readonly container: string; readonly wrongFiles: readonly string[] }
  | { readonly container: string; readonly unreadable: string };

/**
 * Reads the secrets of every container from the engine: a server such as Redis runs without a password if its file is
 * empty, and is healthy. A Swarm itself guarantees the secrets of its services.
 * @throws CommandError `secret-not-delivered` if a container does not have one, or has another content, or if the engine
 *   refuses to read them
 */
export async function checkDelivered(stack: TradingStack, docker: DockerWrites): Promise<void> {
  const mounting = stack.platform.workloads.filter(
    ({ spec }) => spec.secrets.length > 0 && stack.engine.secretTransport(spec) !== 'object',
  );
  const found = await Promise.all(mounting.map((workload) => findingOf(stack, workload, docker)));
  const findings = found.filter((finding) => finding !== undefined);
  if (findings.length === 0) return;
  const wrong = findings.filter((finding) => 'wrongFiles' in finding);
  const names = wrong.map(({ container }) => container).join(' ');
  const what = wrong.length === 1 ? 'the container' : 'these containers';
  throw new CommandError(
    'secret-not-delivered',
    [
      ...findings.map(describe),
      ...(wrong.length > 0
        ? [`Remove ${what} and run the command again: ${docker.api.address.command} rm --force ${names}`]
        : []),
    ].join('\n'),
  );
}

function describe(finding: Finding): string {
  const { container } = finding;
  return 'unreadable' in finding
    ? `The secrets of ${container} could not be read (${finding.unreadable}). Run the command again.`
    : `These secret files of ${container} are missing or have other content: ${finding.wrongFiles.join(', ')}.`;
}

async function findingOf(
  stack: TradingStack,
  { spec }: RegisteredWorkload,
  docker: DockerWrites,
): Promise<Finding | undefined> {
  const container = spec.name;
  try {
    const wrongFiles = await missingFiles(container, secretFilesOf(stack, spec), docker);
    if (wrongFiles.length === 0 || (await docker.api.inspect(container)) === undefined) return undefined;
    return { container, wrongFiles };
  } catch (error) {
    if (!(error instanceof DockerApiError)) throw error;
    // Without an answer, it is reported with the states of the services.
    return error.status === undefined ? undefined : { container, unreadable: error.reason };
  }
}

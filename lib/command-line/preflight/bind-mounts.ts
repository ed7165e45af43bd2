import type { TradingStack } from '../../index';
import { providedByHost, unescaped } from '../../internal';
import { type DockerApi, DockerApiError } from '../engine/docker-api';
import type { ContainerRequest, MountRequest } from '../engine/docker-writes';
import type { Problem } from '../output/output';

/** Docker checks the mounts of a new container before its image, so that nothing is created. */
const NO_IMAGE = `sha256:${'0'.repeat(64)}`;

/** A problem for each bind mount that this machine did not look for and whose source does not exist on the engine's. */
export async function missingBindSources(stack: TradingStack, docker: DockerApi): Promise<Problem[]> {
  // A service of a Swarm may run on a node that the manager cannot check.
  const onlyJobs = stack.engine.traits.hasRemoteNodes && (await docker.swarmNodes()) > 1;
  const workloads = stack.platform.workloads.filter(({ spec }) => !onlyJobs || spec.kind === 'job');
  const users = new Map<string, string[]>();
  for (const { spec } of workloads) {
    for (const { source, ifMissing } of spec.bindMounts) {
      if (ifMissing === 'fail') users.set(source, [...(users.get(source) ?? []), spec.name]);
    }
  }
  const { isRemote } = stack.engine;
  const problems = await Promise.all(
    [...users].map(([source, names]) => problemOf(unescaped(source), { names, isRemote }, docker)),
  );
  return problems.flat();
}

async function problemOf(
  source: string,
  { names, isRemote }: { readonly names: readonly string[]; readonly isRemote: boolean },
  docker: DockerApi,
): Promise<Problem[]> {
  const reason = await refusalOf(source, docker);
  if (reason === undefined) return [];
  const { text } = docker.address;
  const place = isRemote ? ' on that machine' : '';
  const fix = providedByHost(source)
    ? `Check the path${place}`
    : `Create it${place}, or send a file along with ConfigFile.fromFile instead of BindMount`;
  const message = `The engine at ${text} cannot mount ${source} for ${[...new Set(names)].join(', ')}: ${reason}. ${fix}.`;
  return [{ code: 'bind-source-missing', message }];
}

/** @returns why the engine refuses the mount; `undefined` if it does not */
async function refusalOf(source: string, docker: DockerApi): Promise<string | undefined> {
  const Mounts: readonly MountRequest[] = [{ Type: 'bind', Source: source, Target: '/mount', ReadOnly: true }];
  const body: ContainerRequest = { Image: NO_IMAGE, Cmd: ['-'], HostConfig: { Mounts } };
  try {
    await docker.send('POST', '/containers/create', { body });
  } catch (error) {
    if (!(error instanceof DockerApiError)) throw error;
    // The image is missing, as it has to be.
    if (error.status === 404) return undefined;
    if (error.status === 400) return error.reason.replace(/^invalid mount config for type "bind": /, '');
    throw error;
  }
  return undefined;
}

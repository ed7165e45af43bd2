import { DockerApi, DockerApiError } from '../engine/docker-api';
import { isLogin, type Login, type Logins, registryName } from '../connection/logins';
import type { Problem } from '../output/output';
import type { Change } from '../plan/changes';
import { imageTransferOf } from '../plan/resources';

/**
 * A problem for every registry whose login is missing or refused, if the plan pushes an image to it, or pulls one from it
 * that the engine does not have.
 */
export async function loginProblems(changes: readonly Change[], logins: Logins, docker: DockerApi): Promise<Problem[]> {
  const checked = new Map<Login | Problem, Problem | undefined>();
  for (const { type, action, after } of changes) {
    const transfer = action === 'delete' || after === null ? undefined : imageTransferOf(type, after);
    if (transfer === undefined) continue;
    const { image, isPush } = transfer;
    const login = logins.for(image);
    if (login === undefined || checked.has(login) || (!isPush && (await docker.imageExists(image)))) continue;
    checked.set(login, isLogin(login) ? await refusalOf(login, docker) : login);
  }
  return [...checked.values()].filter((problem) => problem !== undefined);
}

/** The engine tries the login, as `docker login` does. */
async function refusalOf(login: Login, docker: DockerApi): Promise<Problem | undefined> {
  const { server, username } = login;
  try {
    await docker.logIn(login);
    return undefined;
  } catch (error) {
    // If the registry does not answer, the pull or push says so.
    if (!(error instanceof DockerApiError) || !/unauthorized|incorrect username|denied/i.test(error.reason))
      return undefined;
    const command = `docker login${registryName(server) === server ? ` ${server}` : ''}`;
    const message = `${registryName(server)} refuses the login of ${username} on this machine (${error.reason}). Log in again: ${command}`;
    return { code: 'registry-login-refused', message };
  }
}

import { DockerApi, DockerApiError } from '../engine/docker-api';
import { isLogin, type Login, type Logins, registryName } from '../connection/logins';
import type { Problem } from '../output/output';
import type { Change } from '../plan/changes';
import { pulledImageOf } from '../plan/resources';

/**
 * A problem for every registry whose login is missing or refused, if the plan pulls an image from it that the engine does
 * not have.
 */
export async function loginProblems(changes: readonly Change[], logins: Logins, docker: DockerApi): Promise<Problem[]> {
  const checked = new Map<Login | Problem, Problem | undefined>();
  for (const { type, action, after } of changes) {
    const image = action === 'delete' || after === null ? undefined : pulledImageOf(type, after);
    const login = image === undefined ? undefined : logins.for(image);
    if (image === undefined || login === undefined || checked.has(login) || (await docker.imageExists(image))) continue;
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
    // If the registry does not answer, the pull says so.
    if (!(error instanceof DockerApiError) || !/unauthorized|incorrect username|denied/i.test(error.reason))
      return undefined;
    const command = `docker login${registryName(server) === server ? ` ${server}` : ''}`;
    const message = `${registryName(server)} refuses the login of ${username} on this machine (${error.reason}). Log in again: ${command}`;
    return { code: 'registry-login-refused', message };
  }
}

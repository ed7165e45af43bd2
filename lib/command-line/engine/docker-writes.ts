import { parseImageName } from '../../internal';
import { authOf, type Login } from '../connection/logins';
import { BLOCK } from '../secrets/tar';
import { type DockerApi, DockerApiError, unlessMissing } from './docker-api';
import type { ServiceDetails } from './responses';

// The parts of the requests and responses that are used here:
// https://docs.docker.com/reference/api/engine/version/v1.41/

/** A mount in the request for a container. */
export interface MountRequest {
  readonly Type: 'bind' | 'volume';
  readonly Source: string;
  readonly Target: string;
  readonly ReadOnly?: boolean;
}

/** A container to create. */
export interface ContainerRequest {
  readonly Image: string;
  readonly Cmd: readonly string[];
  readonly Labels?: Readonly<Record<string, string>>;
  readonly HostConfig: { readonly Mounts: readonly MountRequest[] };
}

/** How long the progress of a pull may pause: the engine says nothing while it unpacks a large layer. */
const PULL_MILLISECONDS = 10 * 60_000;

/** A large image has many files. */
const REMOVAL_MILLISECONDS = 2 * 60_000;

/** The requests that put something on the engine, remove it again, or read what was put into a container. */
export class DockerWrites {
  constructor(readonly api: DockerApi) {}

  /**
   * Creates an image from the archive of its root file system.
   * @throws DockerApiError also if the engine reports an error after it has begun to answer
   */
  async importImage(repository: string, tag: string, archive: Buffer): Promise<void> {
    const path = '/images/create';
    const response = await this.api.send('POST', path, {
      query: { fromSrc: '-', repo: repository, tag },
      headers: { 'content-type': 'application/x-tar', 'content-length': archive.length },
      body: archive,
    });
    this.checkProgress(path, response);
  }

  /**
   * Pulls an image, whether the engine has one of that name or not.
   * @param name without a tag it is that with the tag `latest`
   * @param platform `null` for that of the engine
   * @throws DockerApiError also if the engine reports an error after it has begun to answer
   */
  async pullImage(name: string, platform: string | null, login: Login | undefined): Promise<void> {
    const { repository = name, tag = 'latest', digest } = parseImageName(name) ?? {};
    const path = '/images/create';
    const query = { fromImage: repository, tag: digest ?? tag, ...(platform !== null && { platform }) };
    const response = await this.api.send('POST', path, { query, headers: authOf(login), patience: PULL_MILLISECONDS });
    this.checkProgress(path, response);
  }

  /**
   * Gives an image a name, which another image then loses.
   * @param id or another name
   */
  async tagImage(id: string, name: string): Promise<void> {
    const { repository = name, tag = 'latest' } = parseImageName(name) ?? {};
    await this.api.send('POST', `/images/${id}/tag`, { query: { repo: repository, tag } });
  }

  /**
   * Removes a name of an image, and the image with its last name.
   * @throws DockerApiError with the status 409 if a container uses it
   */
  async removeImage(name: string): Promise<void> {
    await this.api.send('DELETE', `/images/${name}`, { patience: REMOVAL_MILLISECONDS });
  }

  /** Changes how many tasks of a service run. The rest of it stays as it is, so no task is replaced. */
  async scaleService({ ID, Version, Spec }: ServiceDetails, replicas: number): Promise<void> {
    const query = { version: String(Version.Index) };
    const body = { ...Spec, Mode: { Replicated: { Replicas: replicas } } };
    await this.api.send('POST', `/services/${ID}/update`, { query, body });
  }

  /** The engine reports what goes wrong later in a line of its progress. */
  private checkProgress(path: string, progress: Buffer): void {
    for (const line of progress.toString('utf8').split('\n')) {
      const { error } = (line.trim() === '' ? {} : JSON.parse(line)) as { error?: string };
      if (error !== undefined) throw DockerApiError.answered(this.api.address, `POST ${path}`, 200, error);
    }
  }

  /**
   * A volume of that name that exists stays as it is.
   * @returns the labels that it has
   */
  async createVolume(
    name: string,
    labels: Readonly<Record<string, string>>,
  ): Promise<Readonly<Record<string, string>>> {
    const created = await this.api.send('POST', '/volumes/create', { body: { Name: name, Labels: labels } });
    return (JSON.parse(created.toString('utf8')) as { Labels: Record<string, string> | null }).Labels ?? {};
  }

  /** @throws DockerApiError with the status 409 if the name is taken */
  async createContainer(name: string, container: ContainerRequest): Promise<void> {
    await this.api.send('POST', '/containers/create', { query: { name }, body: container });
  }

  /** One that does not exist is fine. */
  async removeContainer(name: string): Promise<void> {
    await unlessMissing(this.api.send('DELETE', `/containers/${name}`, { query: { force: '1' } }));
  }

  /** One that does not exist is fine. */
  async removeVolume(name: string): Promise<void> {
    await unlessMissing(this.api.send('DELETE', `/volumes/${name}`));
  }

  /**
   * Stops a container, and starts it again.
   * @param gracePeriodMilliseconds how long it may take to stop
   */
  async restartContainer(name: string, gracePeriodMilliseconds: number): Promise<void> {
    await this.api.send('POST', `/containers/${name}/restart`, { patience: gracePeriodMilliseconds });
  }

  /**
   * Has no effect on a container that is stopped already.
   * @param gracePeriodMilliseconds how long it may take to stop
   */
  async stopContainer(name: string, gracePeriodMilliseconds: number): Promise<void> {
    await this.api.send('POST', `/containers/${name}/stop`, { patience: gracePeriodMilliseconds });
  }

  /** Has no effect on a container that is running already. */
  async startContainer(name: string): Promise<void> {
    await this.api.send('POST', `/containers/${name}/start`);
  }

  /** Unpacks an archive into a folder of a container, running or not. */
  async putArchive(container: string, folder: string, archive: Buffer): Promise<void> {
    await this.api.send('PUT', `/containers/${container}/archive`, {
      query: { path: folder },
      headers: { 'content-type': 'application/x-tar', 'content-length': archive.length },
      body: archive,
    });
  }

  /** An archive of a folder of a container, running or not; `undefined` without the folder or the container. */
  getArchive(container: string, folder: string): Promise<Buffer | undefined> {
    return unlessMissing(this.api.send('GET', `/containers/${container}/archive`, { query: { path: folder } }));
  }

  /** The first block of an archive of a folder, which says whose it is, without the content of the folder. */
  firstBlock(container: string, folder: string): Promise<Buffer | undefined> {
    return unlessMissing(this.api.send('GET', `/containers/${container}/archive`, { query: { path: folder } }, BLOCK));
  }
}

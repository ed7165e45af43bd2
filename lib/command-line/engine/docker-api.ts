import { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { EngineAddress } from '../connection/address';
import { type Connection, connectionTo } from '../connection/connection';
import { ask, contentOf, type DockerRequest, openStream } from '../connection/requests';
import type { Login } from '../connection/logins';
import { CommandError, type Problem } from '../output/output';
import { loginOf, unreachable, WANTS_TLS } from '../connection/unreachable';
import type {
  ContainerDetails,
  ContainerSummary,
  EngineIdentity,
  FileChange,
  ImageDetails,
  ImageSummary,
  NetworkSummary,
  ServiceDetails,
  ServiceSummary,
  SwarmNode,
  Task,
  VolumeSummary,
} from './responses';

/** The engine did not answer a request, or answered it with an error. */
export class DockerApiError extends CommandError {
  /** An error without a response. */
  static unanswered(address: EngineAddress, question: string, error: Error): DockerApiError {
    return new DockerApiError(unreachable(address, question, error), undefined, error.message);
  }

  /** @param question method and path */
  static answered(address: EngineAddress, question: string, status: number, reason: string): DockerApiError {
    const message =
      `Docker at ${address.text} answered ${question} with ${status}: ${reason}. Run the command again; if the error ` +
      `persists, check the log of the engine${commandForLog(address)}`;
    return new DockerApiError({ code: 'docker-failed', message }, status, reason);
  }

  /**
   * @param status HTTP status of the response; `undefined` without a response
   * @param reason error message of the engine or of the connection
   */
  private constructor(
    { code, message }: Problem,
    readonly status: number | undefined,
    readonly reason: string,
  ) {
    super(code, message);
  }
}

/** The reason alone, for a message that names the request itself. */
export function reasonOf(error: unknown): string {
  return error instanceof DockerApiError ? error.reason : String(error);
}

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** The requests that the commands send to the engine. They need no Docker client. */
export class DockerApi {
  /**
   * A client whose requests throw a {@link DockerApiError} if the engine does not answer them.
   * @param environment the one that ssh runs in
   * @param mostConnections how many requests can be open at the same time; a few by default
   */
  static at(address: EngineAddress, environment = process.env, mostConnections?: number): DockerApi {
    return new DockerApi(address, connectionTo(address, environment, mostConnections));
  }

  private constructor(
    readonly address: EngineAddress,
    private readonly connection: Connection,
  ) {}

  /**
   * Sends a request and returns the content of the response.
   * @param most how many bytes are read, of a response that may be much longer
   * @throws DockerApiError without a response, or with the status of an error
   */
  async send(method: Method, path: string, request?: DockerRequest, most?: number): Promise<Buffer> {
    const response = await this.open(method, path, request);
    try {
      return await contentOf(response, this.connection.patience + (request?.patience ?? 0), most);
    } catch (error) {
      throw DockerApiError.unanswered(this.address, `${method} ${path}`, error as Error);
    }
  }

  /**
   * Sends a request and returns the response as soon as it begins. The caller reads it to its end, or destroys it.
   * @throws DockerApiError without a response, or with the status of an error
   */
  async open(method: Method, path: string, request: DockerRequest = {}): Promise<IncomingMessage> {
    const question = `${method} ${path}`;
    let response: IncomingMessage;
    try {
      response = await ask(this.connection, method, path, request);
    } catch (error) {
      throw DockerApiError.unanswered(this.address, question, error as Error);
    }
    return this.answered(question, response);
  }

  /**
   * Sends a request whose connection becomes a stream to a process in a container.
   * @throws DockerApiError without a response, or with the status of an error
   */
  async stream(path: string, body: object): Promise<Duplex> {
    const question = `POST ${path}`;
    let stream: Duplex | IncomingMessage;
    try {
      stream = await openStream(this.connection, path, body);
    } catch (error) {
      throw DockerApiError.unanswered(this.address, question, error as Error);
    }
    if (!(stream instanceof IncomingMessage)) return stream;
    const { statusCode = 0 } = await this.answered(question, stream);
    stream.destroy();
    throw DockerApiError.answered(this.address, question, statusCode, 'it opened no stream');
  }

  /** @throws DockerApiError with the status of an error */
  private async answered(question: string, response: IncomingMessage): Promise<IncomingMessage> {
    const { statusCode = 0 } = response;
    if (statusCode < 400) return response;
    const content = await contentOf(response, this.connection.patience).catch(() => Buffer.alloc(0));
    const reason = messageIn(content);
    // A server of Go answers this instead of failing the connection.
    if (reason.includes(WANTS_TLS)) throw DockerApiError.unanswered(this.address, question, new Error(reason));
    throw DockerApiError.answered(this.address, question, statusCode, reason);
  }

  async version(): Promise<string> {
    return (await this.get<{ Version: string }>('/version')).Version;
  }

  async identity(): Promise<EngineIdentity> {
    const { ID, Swarm } = await this.get<{
      ID: string;
      Swarm?: { Cluster?: { ID?: string } | null; NodeID?: string; ControlAvailable?: boolean };
    }>('/info');
    const isNode = Swarm?.NodeID !== undefined && Swarm.NodeID !== '';
    return { engine: ID, cluster: Swarm?.Cluster?.ID ?? '', isWorker: isNode && Swarm.ControlAvailable !== true };
  }

  /** The time on the engine in milliseconds, which may differ from that on this machine. */
  async now(): Promise<number> {
    return Date.parse((await this.get<{ SystemTime: string }>('/info')).SystemTime);
  }

  /** What the machine of the engine has in total. */
  async resources(): Promise<{ readonly cpus: number; readonly memoryBytes: number }> {
    const { NCPU, MemTotal } = await this.get<{ NCPU: number; MemTotal: number }>('/info');
    return { cpus: NCPU, memoryBytes: MemTotal };
  }

  async isSwarmManager(): Promise<boolean> {
    const { Swarm } = await this.get<{ Swarm?: { ControlAvailable?: boolean } }>('/info');
    return Swarm?.ControlAvailable ?? false;
  }

  /** Number of nodes of the Swarm; 0 without a Swarm or from a worker. */
  async swarmNodes(): Promise<number> {
    const { Swarm } = await this.get<{ Swarm?: { Nodes?: number } }>('/info');
    return Swarm?.Nodes ?? 0;
  }

  /** Id of the node of this engine; `undefined` without a Swarm. */
  async nodeId(): Promise<string | undefined> {
    return (await this.get<{ Swarm?: { NodeID?: string } }>('/info')).Swarm?.NodeID;
  }

  /** Only a manager can list them. */
  nodes(): Promise<SwarmNode[]> {
    return this.get('/nodes');
  }

  /** All containers, running or not. */
  containers(): Promise<ContainerSummary[]> {
    return this.get('/containers/json', { all: '1' });
  }

  /** Running containers that have a volume mounted. */
  containersWith(volume: string): Promise<ContainerSummary[]> {
    return this.get('/containers/json', filter({ volume: [volume] }));
  }

  /** Running containers that are connected to a network. */
  containersOn(network: string): Promise<ContainerSummary[]> {
    return this.get('/containers/json', filter({ network: [network] }));
  }

  /** `undefined` for a container that does not exist any more. */
  inspect(container: string): Promise<ContainerDetails | undefined> {
    return this.find(`/containers/${container}/json`);
  }

  /** How the file system of a container, running or not, differs from its image; empty without the container. */
  async fileChanges(container: string): Promise<readonly FileChange[]> {
    return (await this.find<FileChange[] | null>(`/containers/${container}/changes`)) ?? [];
  }

  networks(): Promise<NetworkSummary[]> {
    return this.get('/networks');
  }

  services(): Promise<ServiceSummary[]> {
    return this.get('/services');
  }

  /** `undefined` for one that does not exist. */
  service(name: string): Promise<ServiceDetails | undefined> {
    return this.find(`/services/${name}`);
  }

  /** Empty for a service that does not exist. */
  async tasks(service: string): Promise<Task[]> {
    return (await this.find<Task[]>('/tasks', filter({ service: [service] }))) ?? [];
  }

  async imageExists(name: string): Promise<boolean> {
    return (await this.imageId(name)) !== undefined;
  }

  /** All images, those without a name too. */
  images(): Promise<ImageSummary[]> {
    return this.get('/images/json');
  }

  /** @param image its name or id; `undefined` if there is none */
  image(name: string): Promise<ImageDetails | undefined> {
    return this.find(`/images/${name}/json`);
  }

  /** What all images take up together, in bytes. */
  async layersSize(): Promise<number> {
    return (await this.get<{ LayersSize: number }>('/system/df', { type: 'image' })).LayersSize;
  }

  async imageId(name: string): Promise<string | undefined> {
    return (await this.image(name))?.Id;
  }

  /**
   * Tries a login at a registry, which is reached from the engine.
   * @throws DockerApiError if the registry refuses it, or does not answer
   */
  async logIn({ username, password, server }: Login): Promise<void> {
    await this.send('POST', '/auth', { body: { username, password, serveraddress: server }, patience: 30_000 });
  }

  /** The volumes that have all of the labels. */
  async volumes(labels: readonly string[] = []): Promise<readonly VolumeSummary[]> {
    const { Volumes } = await this.get<{ Volumes: VolumeSummary[] | null }>('/volumes', filter({ label: labels }));
    return Volumes ?? [];
  }

  async volumeExists(name: string): Promise<boolean> {
    return (await this.find(`/volumes/${name}`)) !== undefined;
  }

  private async get<Answer>(path: string, query?: DockerRequest['query']): Promise<Answer> {
    return JSON.parse((await this.send('GET', path, { query })).toString('utf8')) as Answer;
  }

  /** `undefined` if it does not exist. */
  private find<Answer>(path: string, query?: DockerRequest['query']): Promise<Answer | undefined> {
    return unlessMissing(this.get<Answer>(path, query));
  }
}

/** The answer to a request; `undefined` if what it is about does not exist. */
export async function unlessMissing<Answer>(asked: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof DockerApiError && error.status === 404) return undefined;
    throw error;
  }
}

function commandForLog({ text, hasOurFiles }: EngineAddress): string {
  const command = 'journalctl --unit docker';
  if (text.startsWith('ssh:')) return `: ${loginOf(text).command()} ${command}`;
  return `${hasOurFiles ? '' : ' on its machine'}: ${command}`;
}

function filter(values: Readonly<Record<string, readonly string[]>>): Readonly<Record<string, string>> {
  return { filters: JSON.stringify(values) };
}

function messageIn(content: Buffer): string {
  const text = content.toString('utf8').trim();
  try {
    return (JSON.parse(text) as { message?: string }).message ?? text;
  } catch {
    return text;
  }
}

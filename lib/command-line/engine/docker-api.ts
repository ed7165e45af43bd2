import { request as requestPlain } from 'node:http';
import { request as requestEncrypted } from 'node:https';
import type { EngineAddress } from './address';
import { CommandError } from '../output/output';

// The parts of the responses that are used here: https://docs.docker.com/reference/api/engine/version/v1.41/

export interface ContainerSummary {
  readonly Id: string;
  readonly Names: readonly string[];
  /** `running`, `exited`. */
  readonly State: string;
  readonly Created: number;
  readonly Labels: Readonly<Record<string, string>>;
  readonly Ports: readonly { readonly IP?: string; readonly PublicPort?: number; readonly Type: string }[];
}

export interface ContainerDetails {
  /** With a slash before it. */
  readonly Name: string;
  readonly State: {
    readonly Status: string;
    readonly ExitCode: number;
    readonly Health?: { readonly Status: string };
  };
  readonly RestartCount: number;
  readonly Config: { readonly Tty: boolean };
}

export interface Task {
  readonly CreatedAt: string;
  readonly DesiredState: string;
  readonly Status: {
    readonly State: string;
    readonly Err?: string;
    readonly ContainerStatus?: { readonly ContainerID?: string };
  };
}

export interface ServiceSummary {
  readonly Spec: { readonly Name: string };
  /** The last update of it, if there was one. */
  readonly UpdateStatus?: { readonly State: string; readonly StartedAt: string };
  readonly Endpoint?: { readonly Ports?: readonly { readonly PublishedPort?: number; readonly Protocol: string }[] };
}

export interface SwarmNode {
  readonly ID: string;
  readonly Spec: { readonly Role: string; readonly Labels?: Readonly<Record<string, string>> };
  readonly Description: { readonly Hostname: string; readonly Resources?: { readonly NanoCPUs?: number } };
}

export interface NetworkSummary {
  readonly Name: string;
  readonly Labels: Readonly<Record<string, string>> | null;
  readonly IPAM: { readonly Config: readonly { readonly Subnet?: string }[] | null };
}

/** The Swarm service that a container is a task of. */
export function swarmServiceOf({ Labels }: ContainerSummary): string | undefined {
  return Labels['com.docker.swarm.service.name'];
}

/** The task that was created last. */
export function newestOf(tasks: readonly Task[]): Task | undefined {
  return [...tasks].sort((one, other) => one.CreatedAt.localeCompare(other.CreatedAt)).at(-1);
}

/** The engine did not answer a request, or answered it with an error. */
export class DockerApiError extends CommandError {
  /**
   * @param question method and path
   * @param status HTTP status of the response; `undefined` without a response
   * @param reason error message of the engine or of the connection
   */
  constructor(
    { text }: EngineAddress,
    question: string,
    readonly status: number | undefined,
    readonly reason: string,
  ) {
    super(
      status === undefined ? 'docker-unreachable' : 'docker-failed',
      status === undefined
        ? `Docker does not answer at ${text} (${question}: ${reason}). ${remedyOf(reason)}`
        : `Docker at ${text} answered ${question} with ${status}: ${reason}. Run the command again; if the error ` +
            'persists, check the log of the engine: journalctl --unit docker',
    );
  }
}

function remedyOf(reason: string): string {
  if (reason.includes('EACCES')) return 'Add your user to the group of the socket: sudo usermod -aG docker $USER';
  return 'Start Docker, or set DOCKER_HOST to the address of the engine.';
}

/** The reason alone, for a message that names the request itself. */
export function reasonOf(error: unknown): string {
  return error instanceof DockerApiError ? error.reason : String(error);
}

const TIMEOUT_MILLISECONDS = 10_000;

/** The few requests that the commands send to the engine. They need no Docker client. */
export class DockerApi {
  /**
   * A client whose requests throw a {@link DockerApiError} if the engine does not answer them.
   * @returns `undefined` for an engine that only Terraform can reach
   */
  static at(address: EngineAddress): DockerApi | undefined {
    return address.request === undefined ? undefined : new DockerApi(address);
  }

  private constructor(readonly address: EngineAddress) {}

  async version(): Promise<string> {
    return (await this.get<{ Version: string }>('/version')).Version;
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
    return this.get('/containers/json?all=1');
  }

  /** Running containers that have a volume mounted. */
  containersWith(volume: string): Promise<ContainerSummary[]> {
    return this.get(`/containers/json?filters=${filter({ volume: [volume] })}`);
  }

  /** `undefined` for a container that does not exist any more. */
  inspect(container: string): Promise<ContainerDetails | undefined> {
    return this.find(`/containers/${container}/json`);
  }

  async rename(container: string, name: string): Promise<void> {
    await this.ask('POST', `/containers/${container}/rename?name=${encodeURIComponent(name)}`);
  }

  /** Sends the stop signal, and kills after the grace period. */
  async stop(container: string, graceSeconds: number): Promise<void> {
    await this.ask('POST', `/containers/${container}/stop?t=${graceSeconds}`, graceSeconds * 1000);
  }

  networks(): Promise<NetworkSummary[]> {
    return this.get('/networks');
  }

  services(): Promise<ServiceSummary[]> {
    return this.get('/services');
  }

  /** Empty for a service that does not exist. */
  async tasks(service: string): Promise<Task[]> {
    return (await this.find<Task[]>(`/tasks?filters=${filter({ service: [service] })}`)) ?? [];
  }

  /** The last lines of a container's log. */
  async logs(container: string, lines: number): Promise<string[]> {
    const { Config } = await this.get<ContainerDetails>(`/containers/${container}/json`);
    const content = await this.ask('GET', `/containers/${container}/logs?stdout=1&stderr=1&tail=${lines}`);
    const text = Config.Tty ? content.toString('utf8') : withoutFrames(content);
    return text.split(/\r?\n/).filter((line) => line !== '');
  }

  async volumeExists(name: string): Promise<boolean> {
    return (await this.find(`/volumes/${name}`)) !== undefined;
  }

  async removeVolume(name: string): Promise<void> {
    await this.ask('DELETE', `/volumes/${name}`);
  }

  private async get<Answer>(path: string): Promise<Answer> {
    return JSON.parse((await this.ask('GET', path)).toString('utf8')) as Answer;
  }

  /** `undefined` if it does not exist. */
  private async find<Answer>(path: string): Promise<Answer | undefined> {
    try {
      return await this.get<Answer>(path);
    } catch (error) {
      if (error instanceof DockerApiError && error.status === 404) return undefined;
      throw error;
    }
  }

  /** @param longer time that the engine may need in addition, in milliseconds */
  private ask(method: string, path: string, longer = 0): Promise<Buffer> {
    const { request: options = {} } = this.address;
    // A connection that is kept alive would keep the process alive.
    const settings = { ...options, method, path, agent: false, timeout: TIMEOUT_MILLISECONDS + longer };
    const send = options.ca === undefined ? requestPlain : requestEncrypted;
    const failWith = (status: number | undefined, reason: string): DockerApiError =>
      new DockerApiError(this.address, `${method} ${path.replace(/\?.*$/, '')}`, status, reason);
    return new Promise((resolve, reject) => {
      const fail = (error: Error): void => {
        reject(failWith(undefined, error.message));
      };
      const asked = send(settings, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', fail);
        response.on('end', () => {
          const content = Buffer.concat(chunks);
          const status = response.statusCode ?? 0;
          if (status < 400) resolve(content);
          else reject(failWith(status, messageIn(content)));
        });
      });
      asked.on('timeout', () => asked.destroy(new Error(`no answer within ${TIMEOUT_MILLISECONDS / 1000} seconds`)));
      asked.on('error', fail);
      asked.end();
    });
  }
}

function filter(values: Readonly<Record<string, readonly string[]>>): string {
  return encodeURIComponent(JSON.stringify(values));
}

function messageIn(content: Buffer): string {
  const text = content.toString('utf8').trim();
  try {
    return (JSON.parse(text) as { message?: string }).message ?? text;
  } catch {
    return text;
  }
}

const FRAME_HEADER_BYTES = 8;

/** Docker multiplexes stdout and stderr: each chunk has a header of stream type, three zeros and a 4-byte length. */
function withoutFrames(content: Buffer): string {
  const pieces: Buffer[] = [];
  for (let at = 0; at + FRAME_HEADER_BYTES <= content.length;) {
    const end = at + FRAME_HEADER_BYTES + content.readUInt32BE(at + 4);
    pieces.push(content.subarray(at + FRAME_HEADER_BYTES, end));
    at = end;
  }
  return Buffer.concat(pieces).toString('utf8');
}

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { Duplex } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { ContainerRequest } from '../../../lib/command-line/engine/docker-writes';
import { writeTar } from '../../../lib/command-line/secrets/tar';
import type {
  NetworkSummary,
  ServiceDetails,
  ServiceSummary,
  SwarmNode,
  Task,
} from '../../../lib/command-line/engine/responses';

/** What a command in a container prints, and how it ends. */
export interface Answer {
  readonly stdout?: string;
  readonly stderr?: string;
  readonly exitCode: number;
  /** Whether it prints nothing and does not end. */
  readonly hangs?: boolean;
}
/** How large each image is. */
const IMAGE_BYTES = 50 * 1024 ** 2;
/** The id of every image that was not pulled. */
const IMAGE_ID = 'sha256:4f8b';

/** A container on the engine of a test. */
export interface FakeContainer {
  readonly name: string;
  /** The name that it was created with, unless it was renamed. */
  readonly id?: string;
  /** Id of its image. */
  readonly image?: string;
  /** In addition to the label of the desk. */
  readonly labels?: Readonly<Record<string, string | undefined>>;
  readonly status?: string;
  readonly health?: string;
  /** The failed probes of its health check. */
  readonly probes?: readonly { readonly ExitCode: number; readonly Output: string }[];
  readonly exitCode?: number;
  readonly restarts?: number;
  /** Whether one of its processes was killed at the memory limit. */
  readonly outOfMemory?: boolean;
  /** What it has printed since its last start. */
  readonly log?: string;
  readonly earlierLog?: string;
  /** Why its log cannot be read. */
  readonly unreadableLog?: string;
  readonly isTerminal?: boolean;
  readonly port?: { readonly address: string; readonly host: number };
  readonly created?: number;
  /** Whether it is removed after it was listed. */
  readonly vanishes?: boolean;
  /** Volumes that it has mounted. */
  readonly volumes?: readonly string[];
  /** User that it runs as; root by default. */
  readonly user?: string;
  /** Additional groups of that user. */
  readonly groups?: readonly string[];
  /** What it has mounted at its paths: the owner of the folder, its mode, and what is in it. */
  readonly folders?: Readonly<Record<string, FakeFolder>>;
  /** Files apart from those of its secrets, by path. */
  readonly files?: Readonly<Record<string, string>>;
  /** When it was started. */
  readonly startedAt?: string;
  /** Networks that it is connected to. */
  readonly networks?: readonly string[];
  /** The archive of its secrets; that of all secret files of the project by default. */
  readonly secrets?: Buffer;
  /** What a command in it prints after it has read its input, and how it ends. */
  readonly answer?: Answer | ((command: readonly string[]) => Answer);
  /** Paths of files that it added to those of its image. */
  readonly added?: readonly string[];
  /** How it changes after it was inspected. */
  readonly then?: Omit<FakeContainer, 'name'>;
}

/** A volume that is mounted, as its folder is in the container. */
export interface FakeFolder {
  readonly volume: string;
  /** `1000:1000` */
  readonly owner: string;
  /** Octal. */
  readonly mode: string;
}

/** The state of the engine of a test. */
export interface FakeEngineState {
  /** Folder with the secrets that containers have. */
  secretsFolder: string;
  /** Whether what is written to a container gets lost. */
  losesFiles: boolean;
  /** Paths that cannot be mounted. */
  missingPaths: readonly string[];
  labelsOfVolumes: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** When volumes were created; long ago by default. */
  volumesCreatedAt: Readonly<Record<string, string>>;
  /** How far its clock is ahead of that of this machine, in milliseconds. */
  clockAhead: number;
  /** What distinguishes it from other engines. */
  id: string;
  /** Id of the Swarm that it manages. */
  clusterId: string | undefined;
  /** As in `docker version`. */
  version: string;
  containers: FakeContainer[];
  volumes: string[];
  networks: NetworkSummary[];
  /** Volumes that cannot be removed. */
  volumesInUse: string[];
  isSwarmManager: boolean;
  swarmNodes: number;
  /** Labels of the Swarm nodes by host name; this engine is the first of them. */
  nodes: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Host names of the nodes that are workers. */
  workers: readonly string[];
  /** Processors of each node. */
  nodeCores: number;
  /** Responses to requests for the services of a Swarm: one after another, then the last again. */
  services: (ServiceSummary[] | 'error')[];
  /** What is known of every service that is asked for by its name; `undefined` if it does not exist. */
  scaled: Omit<ServiceDetails, 'ID'> | undefined;
  /** How services were changed. */
  updates: { service: string; version: string | null; spec: unknown }[];
  /** Tasks of every service; `undefined` if the service does not exist. */
  tasks: Task[] | undefined;
  /** What was stopped or removed, in this order: `POST /containers/desk-redis/stop`. */
  actions: string[];
  /** Names of the images that it has; an id for one without a name. */
  images: string[];
  /** Ids of its images by name; the same one for those that are not listed. */
  imageIds: Readonly<Record<string, string>>;
  /** Names of the images that it refuses to remove. */
  imagesInUse: readonly string[];
  /** Why an image cannot be imported, which the engine only says after it has begun to answer. */
  importError: string | undefined;
  /** Ids of the images in registries, by name. */
  inRegistry: Readonly<Record<string, string>>;
  /** Digests of images in registries, by name. */
  published: Readonly<Record<string, string>>;
  /** Digests that the images of the engine have in registries, by name. */
  digests: Readonly<Record<string, readonly string[]>>;
  /** Why no image can be pulled, which the engine only says after it has begun to answer. */
  pullError: string | undefined;
  /** The images that were pulled. */
  pulls: { image: string; platform: string | null }[];
  /** The logins that were tried. */
  logins: unknown[];
  /** Why the registry refuses every login. */
  refusedLogin: string | undefined;
  /** The commands that were run in containers, with the input that they got. */
  commands: { container: string; request: object; input: string }[];
  /** Prefixes of the paths that are answered with an error. */
  failing: string[];
  /** What containers were asked to do: `rename desk-api desk-api-previous`. */
  requests: string[];
}

/** The part of Docker's API that the commands use, on its own socket. */
export class FakeEngine {
  static async start(): Promise<FakeEngine> {
    const folder = mkdtempSync(join(tmpdir(), 'engine-'));
    const engine = new FakeEngine(folder);
    await new Promise<void>((resolve) => engine.server.listen(join(folder, 'docker.sock'), resolve));
    return engine;
  }

  readonly state: FakeEngineState = {
    secretsFolder: '',
    losesFiles: false,
    missingPaths: [],
    images: [],
    imageIds: {},
    imagesInUse: [],
    labelsOfVolumes: {},
    volumesCreatedAt: {},
    clockAhead: 0,
    id: '7a3c1f5e-engine',
    clusterId: undefined,
    version: '28.2.2',
    containers: [],
    volumes: [],
    networks: [],
    volumesInUse: [],
    isSwarmManager: false,
    swarmNodes: 0,
    nodes: {},
    workers: [],
    nodeCores: 8,
    services: [],
    scaled: undefined,
    updates: [],
    tasks: [],
    actions: [],
    importError: undefined,
    inRegistry: {},
    published: {},
    digests: {},
    pullError: undefined,
    pulls: [],
    logins: [],
    refusedLogin: undefined,
    commands: [],
    failing: [],
    requests: [],
  };
  private readonly server: Server;
  private readonly streams: ServerResponse[] = [];
  private requestsInProgress = 0;
  private requestsReceived = 0;

  private constructor(private readonly folder: string) {
    this.server = createServer((request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://docker');
      if (pathname === '/events' && !this.state.failing.includes('/events')) {
        this.streams.push(response);
        response.flushHeaders();
        return;
      }
      this.requestsReceived += 1;
      this.requestsInProgress += 1;
      response.on('close', () => (this.requestsInProgress -= 1));
      void buffer(request).then((body) => {
        if (pathname.startsWith('/exec/') && this.answerOf(pathname.split('/')[2] ?? '').hangs) {
          // Like Docker's, the answer begins at once, and ends with the connection.
          response.useChunkedEncodingByDefault = false;
          response.flushHeaders();
          return;
        }
        const [status, content] = this.answer(request.method ?? 'GET', pathname, searchParams, body);
        response.statusCode = status;
        response.end(Buffer.isBuffer(content) ? content : JSON.stringify(content));
      });
    });
    this.server.on('upgrade', ({ url = '' }, socket: Duplex) => {
      const id = url.split('/')[2] ?? '';
      socket.write('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n');
      socket.on('data', (chunk: Buffer) => {
        const command = this.state.commands[Number(id)];
        if (command !== undefined) command.input += chunk.toString('utf8');
      });
      socket.on('end', () => {
        socket.end(printed(this.answerOf(id)));
      });
    });
  }

  /**
   * Resolves when its events have arrived and all requests have been answered: when there are none for several turns of
   * the event loop. A time would be too short on a busy machine.
   */
  async settled(): Promise<void> {
    for (let turns = 0, received = -1; turns < 10; turns += 1) {
      if (this.requestsInProgress > 0 || this.requestsReceived !== received) turns = 0;
      received = this.requestsReceived;
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }

  get socket(): string {
    return join(this.folder, 'docker.sock');
  }

  get host(): string {
    return `unix://${this.socket}`;
  }

  /** A folder of Docker's client in which this engine is the current context. */
  get clientFolder(): string {
    const meta = join(this.folder, 'contexts', 'meta', createHash('sha256').update('desk').digest('hex'));
    mkdirSync(meta, { recursive: true });
    writeFileSync(join(meta, 'meta.json'), JSON.stringify({ Endpoints: { docker: { Host: this.host } } }));
    writeFileSync(join(this.folder, 'config.json'), JSON.stringify({ currentContext: 'desk' }));
    return this.folder;
  }

  /** Whether a program has subscribed to events. */
  get isWatched(): boolean {
    return this.streams.length > 0;
  }

  /** The time on its clock. */
  get now(): Date {
    return new Date(Date.now() + this.state.clockAhead);
  }

  /** Reports something that happens to a container. */
  emit(action: string, container: string, attributes: Readonly<Record<string, string>> = {}, id = container): void {
    const event = { Action: action, Actor: { ID: id, Attributes: { name: container, ...attributes } } };
    for (const stream of this.streams) stream.write(`${JSON.stringify(event)}\n`);
  }

  /** Ends the connections to programs that have subscribed to events. */
  dropWatchers(): void {
    for (const stream of this.streams.splice(0)) stream.destroy();
  }

  async stop(): Promise<void> {
    this.dropWatchers();
    await new Promise((resolve) => this.server.close(resolve));
    rmSync(this.folder, { recursive: true });
  }

  private answer(method: string, path: string, query: URLSearchParams, body: Buffer): [number, unknown] {
    if (this.state.failing.some((start) => path.startsWith(start)))
      return [500, { message: 'no space left on device' }];
    const [, kind, name = '', part] = path.split('/');
    if (method !== 'GET') this.state.actions.push(`${method} ${path}`);
    if (kind === 'version') return [200, { Version: this.state.version }];
    if (kind === 'info') {
      return [
        200,
        {
          ID: this.state.id,
          NCPU: this.state.nodeCores,
          MemTotal: 16 * 1024 ** 3,
          SystemTime: this.now.toISOString().replace('Z', '456789Z'),
          Swarm: {
            ...(this.state.clusterId !== undefined && { Cluster: { ID: this.state.clusterId } }),
            ControlAvailable: this.state.isSwarmManager,
            Nodes: this.state.swarmNodes,
            NodeID: Object.keys(this.state.nodes)[0],
          },
        },
      ];
    }
    if (kind === 'system') return [200, { LayersSize: this.state.images.length * IMAGE_BYTES }];
    if (kind === 'services' && name !== '') return this.answerService(method, name, part, query, body);
    if (kind === 'services') return this.answerServices();
    if (kind === 'tasks') {
      const { tasks } = this.state;
      return tasks === undefined ? [404, { message: 'service not found' }] : [200, tasks];
    }
    if (kind === 'auth') {
      const { refusedLogin } = this.state;
      this.state.logins.push(JSON.parse(body.toString()));
      return refusedLogin === undefined ? [200, { Status: 'Login Succeeded' }] : [401, { message: refusedLogin }];
    }
    if (kind === 'networks') {
      if (method === 'GET') return [200, this.state.networks];
      this.state.networks = this.state.networks.filter(({ Id }) => Id !== name);
      return [204, Buffer.alloc(0)];
    }
    if (kind === 'nodes') return [200, Object.keys(this.state.nodes).map((one) => node(one, this.state))];
    if (kind === 'distribution') {
      const digest = this.state.published[path.replace(/^\/distribution\/|\/json$/g, '')];
      return digest === undefined ? [404, { message: 'manifest unknown' }] : [200, { Descriptor: { digest } }];
    }
    if (kind === 'images') return this.answerImage(method, path, query);
    if (kind === 'volumes' && name === 'create') return this.createVolume(body);
    if (kind === 'volumes' && name === '') return [200, { Volumes: this.listedVolumes(query) }];
    if (kind === 'volumes') return this.answerVolume(method, name);
    if (kind === 'exec' && part === 'start') return [200, printed(this.answerOf(name))];
    if (kind === 'exec' && part === 'json') return [200, { Running: false, ExitCode: this.answerOf(name).exitCode }];
    if (kind !== 'containers') return [404, { message: 'page not found' }];
    if (name === 'json') return [200, this.listed(query).map(summary)];
    if (name === 'create') return this.createContainer(query.get('name') ?? '', body);
    const { containers } = this.state;
    const container = containers.find((one) => one.name === name) ?? containers.find(({ id }) => id === name);
    if (container === undefined || container.vanishes) return [404, { message: `No such container: ${name}` }];
    if (part === 'exec') {
      const length = this.state.commands.push({
        container: name,
        request: JSON.parse(body.toString()) as object,
        input: '',
      });
      return [201, { Id: String(length - 1) }];
    }
    if (part === 'logs' && container.unreadableLog !== undefined) return [501, { message: container.unreadableLog }];
    if (part === 'logs' && query.has('timestamps')) return [200, log(withRange(container, query), false)];
    if (part === 'logs') return [200, log(container, Number(query.get('since')) > 0)];
    if (part === 'changes') return [200, changes(container)];
    if (part === 'archive') return this.answerArchive(method, container, query.get('path') ?? '', body);
    if (method === 'DELETE') {
      this.state.containers = this.state.containers.filter((one) => one !== container);
      return [204, Buffer.alloc(0)];
    }
    if (method === 'POST') return this.changeContainer(container, part, query);
    const { then, ...rest } = container;
    this.state.containers = this.state.containers.map((one) => (one === container ? { ...rest, ...then } : one));
    return [200, details(container)];
  }

  /** Is asked for twice: for the output and for the exit code. */
  private answerOf(id: string): Answer {
    const { containers, commands } = this.state;
    const { container, request } = commands[Number(id)] ?? {};
    const { answer } = containers.find(({ name }) => name === container) ?? {};
    if (typeof answer !== 'function') return answer ?? { exitCode: 0 };
    return answer((request as { readonly Cmd: readonly string[] }).Cmd);
  }

  private changeContainer(
    container: FakeContainer,
    what: string | undefined,
    query: URLSearchParams,
  ): [number, unknown] {
    this.state.requests.push(
      `${what ?? ''} ${container.name}${what === 'rename' ? ` ${query.get('name') ?? ''}` : ''}`,
    );
    const replaceWith = (changed: FakeContainer): void => {
      this.state.containers = this.state.containers.map((one) => (one === container ? changed : one));
    };
    if (what === 'restart') replaceWith({ ...container, status: 'running', startedAt: this.now.toISOString() });
    if (what === 'stop') replaceWith({ ...container, status: 'exited', exitCode: 143 });
    const name = query.get('name') ?? '';
    if (what === 'rename') {
      if (this.state.containers.some((one) => one.name === name)) return [409, { message: 'name in use' }];
      replaceWith({ ...container, id: container.id ?? container.name, name });
    }
    return [204, Buffer.alloc(0)];
  }

  private listed(query: URLSearchParams): FakeContainer[] {
    const { volume, network } = JSON.parse(query.get('filters') ?? '{}') as Record<string, string[] | undefined>;
    return this.state.containers
      .filter(({ status = 'running' }) => query.get('all') === '1' || status === 'running')
      .filter(({ volumes = [] }) => volume === undefined || volume.some((name) => volumes.includes(name)))
      .filter(({ networks = [] }) => network === undefined || network.some((name) => networks.includes(name)));
  }

  private createContainer(name: string, body: Buffer): [number, unknown] {
    const { Image, Labels, HostConfig } = JSON.parse(body.toString()) as ContainerRequest;
    const missing = HostConfig.Mounts.find(({ Source }) => this.state.missingPaths.includes(Source));
    if (missing !== undefined) {
      const reason = `bind source path does not exist: ${missing.Source}`;
      return [400, { message: `invalid mount config for type "bind": ${reason}` }];
    }
    if (!this.state.images.includes(Image)) return [404, { message: `No such image: ${Image}` }];
    const volumes = HostConfig.Mounts.map(({ Source }) => Source);
    const created = Math.floor(this.now.getTime() / 1000);
    const container = { name, labels: Labels ?? {}, status: 'created', created, volumes, secrets: writeTar([]) };
    this.state.containers = [...this.state.containers, container];
    return [201, { Id: name }];
  }

  private answerArchive(method: string, container: FakeContainer, path: string, body: Buffer): [number, unknown] {
    if (method === 'PUT') {
      const written = this.state.losesFiles ? container : { ...container, secrets: body };
      this.state.containers = this.state.containers.map((one) => (one === container ? written : one));
      return [200, Buffer.alloc(0)];
    }
    if (path !== '/run/secrets') return archiveAt(path, container);
    const folder = this.state.secretsFolder;
    const names = existsSync(folder) ? readdirSync(folder) : [];
    const files = names.map((name) => ({ name: `secrets/${name}`, content: readFileSync(join(folder, name)) }));
    return [200, container.secrets ?? writeTar(files)];
  }

  private nameImage(id: string, name: string): void {
    this.state.imageIds = { ...this.state.imageIds, [name]: id };
  }

  private idOf(image: string): string {
    return image.startsWith('sha256:') ? image : (this.state.imageIds[image] ?? IMAGE_ID);
  }

  private answerImage(method: string, path: string, query: URLSearchParams): [number, unknown] {
    if (path === '/images/json') return [200, this.listedImages()];
    if (path.endsWith('/tag')) {
      const name = `${query.get('repo') ?? ''}:${query.get('tag') ?? ''}`;
      this.nameImage(this.idOf(path.replace(/^\/images\/|\/tag$/g, '')), name);
      if (!this.state.images.includes(name)) this.state.images.push(name);
      return [201, Buffer.alloc(0)];
    }
    if (method === 'POST') {
      const isPull = query.has('fromImage');
      const failed = isPull ? this.state.pullError : this.state.importError;
      const progress = `${JSON.stringify({ status: 'Importing' })}\r\n`;
      if (failed !== undefined) {
        return [200, Buffer.from(`${progress}${JSON.stringify({ errorDetail: {}, error: failed })}\r\n`)];
      }
      if (isPull) {
        const image = `${query.get('fromImage') ?? ''}:${query.get('tag') ?? ''}`;
        this.state.pulls.push({ image, platform: query.get('platform') });
        this.nameImage(this.state.inRegistry[image] ?? IMAGE_ID, image);
        if (!this.state.images.includes(image)) this.state.images.push(image);
        return [200, Buffer.from(progress)];
      }
      this.state.images.push(`${query.get('repo') ?? ''}:${query.get('tag') ?? ''}`);
      return [200, Buffer.from(`${progress}${JSON.stringify({ status: 'sha256:4f8b' })}\r\n`)];
    }
    const name = path.replace(/^\/images\/|\/json$/g, '');
    const exists = this.state.images.some((one) => one === name || this.idOf(one) === name);
    if (!exists) return [404, { message: `No such image: ${name}` }];
    if (method === 'DELETE' && this.state.imagesInUse.includes(name)) return [409, { message: 'it is being used' }];
    if (method === 'DELETE') this.state.images = this.state.images.filter((one) => one !== name);
    const RepoDigests = (this.state.digests[name] ?? []).map((digest) => `${name.replace(/:[^:/]*$/, '')}@${digest}`);
    return [200, { Id: this.idOf(name), Created: '2026-01-01T10:00:00.5Z', RepoDigests }];
  }

  private listedImages(): object[] {
    return [...new Set(this.state.images.map((name) => this.idOf(name)))].map((Id) => ({
      Id,
      RepoTags: this.state.images.filter((name) => name !== Id && this.idOf(name) === Id),
      RepoDigests: [],
      Created: Math.floor(this.now.getTime() / 1000) - 3600,
      Size: IMAGE_BYTES,
    }));
  }

  private createVolume(body: Buffer): [number, unknown] {
    const { Name, Labels } = JSON.parse(body.toString()) as { Name: string; Labels: Record<string, string> };
    if (this.state.volumes.includes(Name)) return [201, { Name, Labels: this.state.labelsOfVolumes[Name] ?? null }];
    this.state.volumes = [...this.state.volumes, Name];
    this.state.labelsOfVolumes = { ...this.state.labelsOfVolumes, [Name]: Labels };
    this.state.volumesCreatedAt = { ...this.state.volumesCreatedAt, [Name]: this.now.toISOString() };
    return [201, { Name, Labels }];
  }

  private listedVolumes(query: URLSearchParams): object[] {
    const { label = [] } = JSON.parse(query.get('filters') ?? '{}') as { label?: string[] };
    const matches = (volume: string): boolean =>
      label.every((wanted) => {
        const [key = '', value] = wanted.split('=');
        const actual = this.state.labelsOfVolumes[volume]?.[key];
        return actual !== undefined && (value === undefined || actual === value);
      });
    return this.state.volumes.filter(matches).map((Name) => ({
      Name,
      Labels: this.state.labelsOfVolumes[Name] ?? null,
      CreatedAt: this.state.volumesCreatedAt[Name] ?? '2026-01-01T12:00:00Z',
    }));
  }

  private answerServices(): [number, unknown] {
    const [services, ...later] = this.state.services;
    if (services === undefined) return [503, { message: 'This node is not a swarm manager.' }];
    if (later.length > 0) this.state.services = later;
    return services === 'error' ? [500, { message: 'The swarm does not have a leader.' }] : [200, services];
  }

  private answerService(
    method: string,
    name: string,
    part: string | undefined,
    query: URLSearchParams,
    body: Buffer,
  ): [number, unknown] {
    const { scaled } = this.state;
    if (method === 'POST' && part === 'update') {
      this.state.updates.push({ service: name, version: query.get('version'), spec: JSON.parse(body.toString()) });
      return [200, { Warnings: null }];
    }
    return scaled === undefined ? [404, { message: `service ${name} not found` }] : [200, { ...scaled, ID: name }];
  }

  private answerVolume(method: string, name: string): [number, unknown] {
    if (!this.state.volumes.includes(name)) return [404, { message: `get ${name}: no such volume` }];
    if (method === 'GET') return [200, { Name: name }];
    if (this.state.volumesInUse.includes(name)) return [409, { message: `remove ${name}: volume is in use` }];
    this.state.volumes = this.state.volumes.filter((one) => one !== name);
    return [204, Buffer.alloc(0)];
  }
}

/** What the library labels the containers of the desk with. */
const LABELS = { 'cdktf-trading-stack.stack': 'desk' };

function node(hostname: string, { nodes, workers, nodeCores }: FakeEngineState): SwarmNode {
  return {
    ID: hostname,
    Spec: { Role: workers.includes(hostname) ? 'worker' : 'manager', Labels: nodes[hostname] ?? {} },
    Description: { Hostname: hostname, Resources: { NanoCPUs: nodeCores * 1e9 } },
  };
}

function summary(container: FakeContainer): object {
  const { name, id = name, labels, port, created = 1, status = 'running', volumes = [], image = 'image' } = container;
  const Mounts = volumes.map((volume) => ({ Type: 'volume', Name: volume, Destination: '/run/secrets' }));
  const Ports = port === undefined ? [] : [{ IP: port.address, PublicPort: port.host, PrivatePort: 1, Type: 'tcp' }];
  const Labels = { ...LABELS, ...labels };
  return { Id: id, Names: [`/${name}`], State: status, Labels, Ports, Created: created, Mounts, ImageID: image };
}

function details({
  name,
  status = 'running',
  health,
  probes = [],
  exitCode = 0,
  restarts = 0,
  outOfMemory = false,
  isTerminal = false,
  user = '',
  groups = [],
  folders = {},
  startedAt = '2026-01-01T12:00:00.5Z',
}: FakeContainer): object {
  return {
    Name: `/${name}`,
    State: {
      Status: status,
      ExitCode: exitCode,
      OOMKilled: outOfMemory,
      StartedAt: startedAt,
      ...(health !== undefined && { Health: { Status: health, FailingStreak: probes.length, Log: probes } }),
    },
    RestartCount: restarts,
    Config: { Tty: isTerminal, User: user },
    HostConfig: { GroupAdd: groups },
    Mounts: Object.entries(folders).map(([Destination, { volume }]) => ({ Type: 'volume', Name: volume, Destination })),
  };
}

/** The archive of a file, or the header of that of a folder. */
function archiveAt(path: string, { files = {}, folders = {} }: FakeContainer): [number, unknown] {
  const content = files[path];
  if (content !== undefined) return [200, writeTar([{ name: basename(path), content: Buffer.from(content) }])];
  const folder = folders[path];
  if (folder === undefined) return [404, { message: `Could not find the file ${path}` }];
  const header = writeTar([{ name: `${basename(path)}/`, content: Buffer.alloc(0) }]).subarray(0, 512);
  const [uid = 0, gid = 0] = folder.owner.split(':').map(Number);
  for (const [value, at] of [
    [parseInt(folder.mode, 8), 100],
    [uid, 108],
    [gid, 116],
  ] as const) {
    header.write(value.toString(8).padStart(7, '0'), at);
  }
  header.write('5', 156);
  // The content of the folder is never read.
  return [200, Buffer.concat([header, Buffer.alloc(100_000, 'x')])];
}

/** The folder of an added file was modified; `null` without any change, as the engine answers. */
function changes({ added = [] }: FakeContainer): object[] | null {
  const folders = added.map((path) => ({ Path: dirname(path), Kind: 0 }));
  return added.length === 0 ? null : [...folders, ...added.map((Path) => ({ Path, Kind: 1 }))];
}

/** The part of a log with times that a request asks for. */
function withRange(container: FakeContainer, query: URLSearchParams): FakeContainer {
  const since = Number(query.get('since') ?? 0);
  const lines = (container.log ?? '')
    .split(/(?<=\n)/)
    .filter((line) => Date.parse(line.split(' ')[0] ?? '') / 1000 >= since);
  return { ...container, log: lines.slice(-Number(query.get('tail') ?? lines.length)).join('') };
}

/** Every line in its own frame, alternating between stdout and stderr; a terminal has no frames. */
function log({ log: last = '', earlierLog = '', isTerminal = false }: FakeContainer, isRecent: boolean): Buffer {
  const lines = isRecent ? last : `${earlierLog}${last}`;
  if (isTerminal) return Buffer.from(lines);
  return Buffer.concat(lines.split(/(?<=\n)/).map((line, index) => frame(1 + (index % 2), line)));
}

/** What a command sends that has ended. */
function printed({ stdout = '', stderr = '' }: Answer): Buffer {
  return Buffer.concat([frame(1, stdout), frame(2, stderr)]);
}

function frame(stream: number, text: string): Buffer {
  const content = Buffer.from(text);
  const header = Buffer.from([stream, 0, 0, 0, 0, 0, 0, 0]);
  header.writeUInt32BE(content.length, 4);
  return Buffer.concat([header, content]);
}

/**
 * A server: an engine with its own file system, processes and, unless it is a local one, its own network and ssh. What
 * another machine is to a laptop, on this machine. The machine's own engine is not affected.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeControlGroups } from './control-groups';
import { serverRoot, type Suite } from './debian';
import { eventually } from './engine';
import { mustRun, type Outcome, run } from './run';

/** Of the range that RFC 2544 reserves for benchmarks, so no network uses them. Each server gets four addresses. */
const RANGE = '198.18.78';
const PROGRAMS = ['debootstrap', 'ip', 'iptables', 'nsenter', 'unshare', 'ssh', 'ssh-keygen'];
const FIRST_PROCESS = join(__dirname, 'server.sh');

/** A sentence about what this machine lacks, or `undefined` if nothing is missing. */
export async function missingForServer(): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return 'A server on this machine needs root to create namespaces.';
  for (const program of PROGRAMS) {
    if ((await run('which', [program])).code === 0) continue;
    return `There is no '${program}' on the PATH: install the packages debootstrap, iproute2, iptables, util-linux and openssh-client.`;
  }
  return undefined;
}

export interface ServerOptions {
  /** Images on this machine's own engine that are copied to the server. */
  readonly images?: readonly string[];
  /** Its Docker engine is this suite's: 20.10 of bookworm, 28.5 of sid. @default 'sid' */
  readonly suite?: Suite;
  /**
   * Folders that the server has under the same paths. With them it is an engine for local use, in the network of this
   * machine: bind mounts and the ports on 127.0.0.1 are those of the machine.
   */
  readonly localFolders?: readonly string[];
}

export class Server {
  /** Starts a server; takes about 10 s, and a minute more for the first one on a machine. */
  static async start(options: ServerOptions = {}): Promise<Server> {
    const missing = await missingForServer();
    if (missing !== undefined) throw new Error(missing);
    const root = await serverRoot(options.suite ?? 'sid');
    const folder = await mkdtemp(join(tmpdir(), 'trading-stack-server-'));
    const server = new Server(folder, root, options.localFolders ?? [], await freeNumber());
    try {
      await server.prepare();
      await server.start();
      if (options.images !== undefined) await server.load(options.images);
      return server;
    } catch (error) {
      await server.remove();
      throw error;
    }
  }

  /** The name under which ssh knows the server, with the variables of {@link environment}. */
  readonly name = 'trading-1';
  /** The engine's socket, for looking at the engine without ssh. */
  readonly socket: string;
  /** The address at which this machine reaches the ports that the server publishes on every address. */
  readonly address: string;
  private readonly gateway: string;
  private readonly id: string;
  private readonly isLocal: boolean;
  private first: ChildProcess | undefined;

  private constructor(
    private readonly folder: string,
    private readonly root: string,
    private readonly localFolders: readonly string[],
    number: number,
  ) {
    this.id = folder.slice(-6);
    this.isLocal = localFolders.length > 0;
    this.gateway = `${RANGE}.${number * 4 + 1}`;
    this.address = this.isLocal ? '127.0.0.1' : `${RANGE}.${number * 4 + 2}`;
    this.socket = `unix://${join(folder, 'sockets/docker.sock')}`;
  }

  /** The engine's address for users: over ssh, or the socket of a local server. */
  get host(): string {
    return this.isLocal ? this.socket : `ssh://desk@${this.name}`;
  }

  /** The variables for programs that connect to {@link host}. On their PATH, `ssh` knows the server's name and key. */
  environment(): Record<string, string> {
    if (this.isLocal) return { DOCKER_HOST: this.host };
    return { DOCKER_HOST: this.host, PATH: `${join(this.folder, 'bin')}:${process.env['PATH'] ?? ''}` };
  }

  /** Runs `docker` against the server's engine and returns its output. */
  async docker(...args: string[]): Promise<string> {
    return (await mustRun('docker', ['--host', this.socket, ...args])).trim();
  }

  /** Copies images from this machine's own engine. */
  async load(images: readonly string[]): Promise<void> {
    const archive = join(this.folder, 'images.tar');
    // Together, so that layers that several of them have are copied once.
    await mustRun('docker', ['save', '--output', archive, ...images]);
    await this.docker('load', '--quiet', '--input', archive);
    await rm(archive);
  }

  /** Runs a program on the server, as `desk`, who may use the engine, or `visitor`, who may not, or `root`. */
  run(user: 'desk' | 'visitor' | 'root', ...command: string[]): Promise<Outcome> {
    const quoted = command.map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`);
    return run(join(this.folder, 'bin/ssh'), ['-n', `${user}@${this.name}`, ...quoted]);
  }

  /** Starts the server again after {@link stop} or {@link cutPower}, with the files that it had. */
  async start(): Promise<void> {
    const log = await open(join(this.folder, 'server.log'), 'a');
    const network = this.isLocal ? [] : ['--net', '--uts', '--pid', '--fork', '--kill-child'];
    this.first = spawn('unshare', ['--mount', ...network, 'bash', FIRST_PROCESS], {
      // In a session of its own, so that an interrupt at the terminal reaches only the tests, which then clean up.
      detached: true,
      stdio: ['pipe', 'pipe', log.fd],
      env: {
        PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
        ROOT: this.root,
        FOLDER: this.folder,
        SHARED: this.localFolders.join('\n'),
        ADDRESS: this.isLocal ? '' : this.address,
        GATEWAY: this.gateway,
        GROUP: this.controlGroup,
      },
    });
    await log.close();
    const { first } = this;
    await new Promise<void>((resolve, reject) => {
      first.stdout?.once('data', () => {
        resolve();
      });
      first.once('error', reject);
      first.once('exit', () => {
        reject(new Error('The first process of the server has exited.'));
      });
    });
    if (!this.isLocal) await this.layWire(first.pid ?? 0);
    first.stdin?.write('go\n');
    await eventually(
      () => run('docker', ['--host', this.socket, 'version']),
      ({ code }) => code === 0,
      60,
    );
    if (this.isLocal) return;
    await eventually(
      () => this.run('desk', 'docker', 'version'),
      ({ code }) => code === 0,
      20,
    );
  }

  /** Shuts the server down: its engine stops the containers. */
  async stop(): Promise<void> {
    await this.ended((first) => first.stdin?.end());
  }

  /** Simulates a power failure: all processes of the server are killed at once, without a shutdown. */
  async cutPower(): Promise<void> {
    if (this.isLocal) throw new Error('A local server shares its processes with this machine: it can only be stopped.');
    await this.ended((first) => first.kill('SIGKILL'));
  }

  /** Stops and removes everything that was started, including its data. */
  async remove(): Promise<void> {
    await (this.isLocal ? this.stop() : this.cutPower());
    for (const rule of this.isLocal ? [] : this.rules()) await run('iptables', rule('--delete'));
    await removeControlGroups(this.controlGroup);
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  private async prepare(): Promise<void> {
    const names = ['upper/etc/ssh/keys', 'work', 'root', 'docker', 'sockets', 'ssh', 'bin'];
    for (const name of names) await mkdir(join(this.folder, name), { recursive: true });
    // The server's users need to pass through the folders that are the root of its file system.
    for (const name of ['', 'upper', 'root']) await chmod(join(this.folder, name), 0o755);
    if (this.isLocal) return;
    const at = (name: string): string => join(this.folder, name);
    const keys = 'upper/etc/ssh/keys';
    for (const key of [at('ssh/id'), at(`${keys}/host`)]) {
      await mustRun('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
    }
    await mustRun('cp', [at('ssh/id.pub'), at(`${keys}/authorized`)]);
    const server = ['HostKey /etc/ssh/keys/host', 'AuthorizedKeysFile /etc/ssh/keys/authorized', 'StrictModes no'];
    // Each connection of a client is one session of ssh, and Terraform opens many at once.
    const limits = ['MaxStartups 200', 'PermitRootLogin yes', 'UsePAM no', 'PidFile none'];
    await writeFile(at('upper/etc/ssh/test_server'), `${[...server, ...limits].join('\n')}\n`);
    await writeFile(at('upper/etc/hostname'), `${this.name}\n`);
    const [hostKey = ''] = (await mustRun('cat', [at(`${keys}/host.pub`)])).split('\n');
    await writeFile(at('ssh/known_hosts'), `${this.address} ${hostKey}\n`);
    const client = [
      ...[`Host ${this.name}`, `HostName ${this.address}`, `IdentityFile ${at('ssh/id')}`, 'IdentitiesOnly yes'],
      ...[`UserKnownHostsFile ${at('ssh/known_hosts')}`, 'StrictHostKeyChecking yes'],
    ];
    await writeFile(at('ssh/config'), `${client.join('\n')}\n`);
    // Programs take no option for ssh's configuration, and the user's own must not be changed.
    const ssh = (await mustRun('which', ['ssh'])).trim();
    await writeFile(at('bin/ssh'), `#!/bin/sh\nexec ${ssh} -F ${at('ssh/config')} "$@"\n`, { mode: 0o755 });
    for (const rule of this.rules()) await mustRun('iptables', rule('--insert'));
  }

  private async layWire(pid: number): Promise<void> {
    const { wire } = this;
    await mustRun('ip', ['link', 'add', wire, 'type', 'veth', 'peer', 'name', 'cable', 'netns', String(pid)]);
    await mustRun('ip', ['address', 'add', `${this.gateway}/30`, 'dev', wire]);
    await mustRun('ip', ['link', 'set', wire, 'up']);
    await mustRun('sysctl', ['-qw', 'net.ipv4.ip_forward=1']);
  }

  /** The server reaches the package registries through this machine. */
  private rules(): readonly ((action: '--insert' | '--delete') => string[])[] {
    const { address } = this;
    return [
      (action) => ['--wait', '--table', 'nat', action, 'POSTROUTING', '--source', address, '--jump', 'MASQUERADE'],
      (action) => ['--wait', action, 'FORWARD', '--source', address, '--jump', 'ACCEPT'],
      (action) => ['--wait', action, 'FORWARD', '--destination', address, '--jump', 'ACCEPT'],
    ];
  }

  private get wire(): string {
    return `ts${this.id}`;
  }

  private get controlGroup(): string {
    return `trading-${this.id}`;
  }

  private async ended(end: (first: ChildProcess) => void): Promise<void> {
    const { first } = this;
    if (first === undefined || first.exitCode !== null || first.signalCode !== null) return;
    const exited = new Promise((resolve) => first.once('exit', resolve));
    end(first);
    await exited;
    this.first = undefined;
    // The kernel removes it too, but only some time after the last process.
    await run('ip', ['link', 'delete', this.wire]);
  }
}

/** The first four addresses of the range that this machine does not have. */
async function freeNumber(): Promise<number> {
  const taken = await mustRun('ip', ['-4', '-oneline', 'address']);
  const number = [...Array(64).keys()].find((candidate) => !taken.includes(` ${RANGE}.${candidate * 4 + 1}/`));
  if (number === undefined) throw new Error(`All addresses ${RANGE}.* are in use on this machine.`);
  return number;
}

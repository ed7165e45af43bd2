/**
 * A Swarm of two real nodes on this machine, with a registry: an engine each in a network namespace of its own, joined
 * by a wire. Nothing of it touches the machine's own engine.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, open, readdir, readFile, rm, rmdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from './engine';
import { mustRun, run } from './run';

/** A part of the range that is kept for benchmarks of networks, so that no network uses it: RFC 2544. */
const RANGE = '198.18.77';
const REGISTRY = `${RANGE}.1:5000`;

/** Of each node: its end of the wire to this machine, and of the wire to the other node. */
const ADDRESSES = {
  manager: { gateway: `${RANGE}.1`, own: `${RANGE}.2`, swarm: `${RANGE}.129` },
  worker: { gateway: `${RANGE}.5`, own: `${RANGE}.6`, swarm: `${RANGE}.130` },
} as const;

/** The manager has the label of the data, and the worker has none. */
export type NodeName = keyof typeof ADDRESSES;

const NODES: readonly NodeName[] = ['manager', 'worker'];
const PROGRAMS = ['ip', 'nsenter', 'unshare', 'dockerd', 'docker-registry'];

/** One sentence for what this machine lacks; `undefined` for nothing. */
export async function missingForCluster(): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return 'Two nodes on one machine need root, for network namespaces.';
  for (const program of PROGRAMS) {
    if ((await run('which', [program])).code === 0) continue;
    return `There is no '${program}' on the PATH: install the packages docker.io, iproute2 and docker-registry.`;
  }
  return undefined;
}

/** A task of a service, and where it runs. */
export interface PlacedTask {
  readonly id: string;
  readonly node: NodeName;
  readonly image: string;
}

export class Cluster {
  /**
   * Starts both nodes and the registry; takes about half a minute, and longer for more images.
   * @param images names of images that are on this machine's own engine and have to be on every node
   * @param dataLabel label of the manager, where the data is
   */
  static async start(images: readonly string[], dataLabel = 'trading.data=true'): Promise<Cluster> {
    const missing = await missingForCluster();
    if (missing !== undefined) throw new Error(missing);
    const cluster = new Cluster(await mkdtemp(join(tmpdir(), 'trading-stack-cluster-')));
    try {
      await cluster.layWires();
      await cluster.startRegistry();
      await Promise.all(NODES.map((node) => cluster.startNode(node)));
      await Promise.all(images.map((image) => cluster.load(image)));
      await cluster.join(dataLabel);
      return cluster;
    } catch (error) {
      await cluster.remove();
      throw error;
    }
  }

  /** What `cluster.registry` of an engine has to be. */
  readonly registry = `http://${REGISTRY}`;
  private readonly processes = new Map<NodeName | 'registry', ChildProcess>();
  private readonly names = new Map<string, NodeName>();
  private readonly id: string;

  private constructor(private readonly folder: string) {
    this.id = folder.slice(-6);
  }

  /** The variables for programs that are to talk to a node. */
  environment(node: NodeName = 'manager'): Record<string, string> {
    return { DOCKER_HOST: this.address(node), no_proxy: `${RANGE}.1`, NO_PROXY: `${RANGE}.1` };
  }

  /** Where this machine reaches the ports that a node publishes. */
  addressOf(node: NodeName): string {
    return ADDRESSES[node].own;
  }

  /** Runs `docker` against a node, and returns what it printed. */
  async docker(node: NodeName, ...args: string[]): Promise<string> {
    return (await mustRun('docker', ['--host', this.address(node), ...args])).trim();
  }

  /** Copies an image of this machine's own engine to nodes. */
  async load(image: string, nodes: readonly NodeName[] = NODES): Promise<void> {
    const archive = join(this.folder, `${image.replace(/[^a-z0-9.-]+/gi, '-')}.tar`);
    await mustRun('docker', ['save', '--output', archive, image]);
    for (const node of nodes) await this.docker(node, 'load', '--quiet', '--input', archive);
    await rm(archive);
  }

  /** The tasks of a service that run, as the manager knows them. */
  async tasksOf(service: string): Promise<PlacedTask[]> {
    const filter = ['--filter', 'desired-state=running', '--format', '{{.ID}}'];
    const listed = await this.docker('manager', 'service', 'ps', '--quiet', '--no-trunc', ...filter, service);
    // Between the old one and the new one there may be none.
    if (listed === '') return [];
    const tasks = JSON.parse(await this.docker('manager', 'inspect', ...listed.split('\n'))) as {
      ID: string;
      NodeID: string;
      Status: { State: string };
      Spec: { ContainerSpec: { Image: string } };
    }[];
    return tasks
      .filter(({ Status }) => Status.State === 'running')
      .map(({ ID, NodeID, Spec }) => ({
        id: ID,
        node: this.names.get(NodeID) ?? 'worker',
        image: Spec.ContainerSpec.Image,
      }));
  }

  /** The container of a service's task on a node; empty without one. */
  async containerOf(service: string, node: NodeName = 'manager'): Promise<string> {
    const filter = `label=com.docker.swarm.service.name=${service}`;
    const [first = ''] = (await this.docker(node, 'ps', '--quiet', '--filter', filter)).split('\n');
    return first;
  }

  /** What a power failure does: everything of the node is gone at once, and nothing says good-bye. */
  async fail(node: NodeName): Promise<void> {
    const pattern = [this.nodeFolder(node), this.controlGroup(node)];
    for (const pid of await this.processesWith(pattern)) kill(pid);
    await eventually(
      () => this.processesWith(pattern),
      (left) => left.length === 0,
      20,
    );
    this.processes.delete(node);
  }

  /** Brings a node back after {@link fail}; it joins by itself. */
  async restore(node: NodeName): Promise<void> {
    await rm(join(this.nodeFolder(node), 'pid'), { force: true });
    await this.startNode(node);
    await eventually(
      () => this.docker('manager', 'node', 'ls', '--format', '{{.Status}}'),
      (states) => !states.includes('Down'),
    );
  }

  /** Stops and removes everything that was started, data and all. */
  async remove(): Promise<void> {
    for (const node of NODES) await this.fail(node);
    this.processes.get('registry')?.kill('SIGKILL');
    for (const node of NODES) {
      await run('ip', ['netns', 'delete', this.namespace(node)]);
      await run('ip', ['link', 'delete', this.wire(node)]);
      await removeControlGroups(this.controlGroup(node));
    }
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  private async layWires(): Promise<void> {
    const taken = await mustRun('ip', ['-4', '-oneline', 'address']);
    if (taken.includes(` ${RANGE}.`))
      throw new Error(`The addresses ${RANGE}.* of this test are in use on this machine.`);
    for (const node of NODES) {
      const { gateway, own } = ADDRESSES[node];
      const namespace = this.namespace(node);
      await mustRun('ip', ['netns', 'add', namespace]);
      await mustRun('ip', ['-n', namespace, 'link', 'set', 'lo', 'up']);
      await mustRun('ip', ['link', 'add', this.wire(node), 'type', 'veth', 'peer', 'name', 'out', 'netns', namespace]);
      await mustRun('ip', ['address', 'add', `${gateway}/30`, 'dev', this.wire(node)]);
      await mustRun('ip', ['link', 'set', this.wire(node), 'up']);
      await mustRun('ip', ['-n', namespace, 'address', 'add', `${own}/30`, 'dev', 'out']);
      await mustRun('ip', ['-n', namespace, 'link', 'set', 'out', 'up']);
      // To this machine, where the registry is, and no further.
      await run('ip', ['-n', namespace, 'route', 'add', `${RANGE}.0/29`, 'via', gateway]);
    }
    const [one, other] = [this.namespace('manager'), this.namespace('worker')];
    const ends = ['type', 'veth', 'peer', 'name', 'swarm', 'netns', other];
    await mustRun('ip', ['-n', one, 'link', 'add', 'swarm', ...ends]);
    for (const node of NODES) {
      const address = `${ADDRESSES[node].swarm}/30`;
      await mustRun('ip', ['-n', this.namespace(node), 'address', 'add', address, 'dev', 'swarm']);
      await mustRun('ip', ['-n', this.namespace(node), 'link', 'set', 'swarm', 'up']);
    }
  }

  private async startRegistry(): Promise<void> {
    const file = join(this.folder, 'registry.yml');
    const storage = { filesystem: { rootdirectory: join(this.folder, 'registry') }, delete: { enabled: true } };
    await writeFile(file, JSON.stringify({ version: '0.1', storage, http: { addr: REGISTRY } }));
    await this.launch('registry', 'docker-registry', ['serve', file]);
    await eventually(
      () =>
        fetch(`http://${REGISTRY}/v2/`).then(
          ({ ok }) => ok,
          () => false,
        ),
      (isUp) => isUp,
      20,
    );
  }

  private async startNode(node: NodeName): Promise<void> {
    const folder = this.nodeFolder(node);
    await mkdir(folder, { recursive: true });
    const daemon = [
      ...['dockerd', '--host', this.address(node), '--insecure-registry', REGISTRY],
      ...['--data-root', join(folder, 'data'), '--exec-root', join(folder, 'exec'), '--pidfile', join(folder, 'pid')],
      ...['--cgroup-parent', `/${this.controlGroup(node)}`],
    ];
    // Into the network alone: `ip netns exec` would hide the control groups. A host name of its own tells nodes apart.
    const named = ['sh', '-c', 'hostname "$0" && exec "$@"', node, ...daemon];
    const entered = [`--net=/var/run/netns/${this.namespace(node)}`, 'unshare', '--mount', '--uts', ...named];
    await this.launch(node, 'nsenter', entered);
    await eventually(
      () => run('docker', ['--host', this.address(node), 'version']),
      ({ code }) => code === 0,
      60,
    );
  }

  private async join(dataLabel: string): Promise<void> {
    await this.docker('manager', 'swarm', 'init', '--advertise-addr', ADDRESSES.manager.swarm);
    const token = await this.docker('manager', 'swarm', 'join-token', '--quiet', 'worker');
    const own = ['--advertise-addr', ADDRESSES.worker.swarm];
    await this.docker('worker', 'swarm', 'join', '--token', token, ...own, `${ADDRESSES.manager.swarm}:2377`);
    for (const node of NODES) {
      this.names.set(await this.docker(node, 'info', '--format', '{{.Swarm.NodeID}}'), node);
    }
    await this.docker('manager', 'node', 'update', '--label-add', dataLabel, 'manager');
  }

  private async launch(name: NodeName | 'registry', program: string, args: readonly string[]): Promise<void> {
    const log = await open(join(this.folder, `${name}.log`), 'a');
    // A session of its own: an interrupt at the terminal is for the tests, which then clean up.
    const child = spawn(program, args, { detached: true, stdio: ['ignore', log.fd, log.fd] });
    this.processes.set(name, child);
    await log.close();
  }

  /** Processes that were started with one of the texts in an argument, or that run in such a control group. */
  private async processesWith(texts: readonly string[]): Promise<number[]> {
    const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
    const all = await Promise.all(
      pids.map(async (pid) => {
        const about = ['cmdline', 'cgroup'].map((file) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => ''));
        return { pid, about: (await Promise.all(about)).join('\n') };
      }),
    );
    return all.filter(({ pid, about }) => pid !== process.pid && texts.some((text) => about.includes(text))).map(toPid);
  }

  private address(node: NodeName): string {
    return `unix://${join(this.nodeFolder(node), 'docker.sock')}`;
  }

  private nodeFolder(node: NodeName): string {
    return join(this.folder, node);
  }

  private controlGroup(node: NodeName): string {
    return `trading-${this.id}-${node}`;
  }

  private namespace(node: NodeName): string {
    return `trading-${this.id}-${node}`;
  }

  /** An interface has 15 characters. */
  private wire(node: NodeName): string {
    return `ts${this.id}-${node.slice(0, 1)}`;
  }
}

function toPid({ pid }: { readonly pid: number }): number {
  return pid;
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself meanwhile.
  }
}

/** Below each controller, or in the one tree of the second version. Empty ones only, from the inside out. */
async function removeControlGroups(name: string): Promise<void> {
  const root = '/sys/fs/cgroup';
  const controllers = await readdir(root, { withFileTypes: true }).catch(() => []);
  const parents = [root, ...controllers.filter((entry) => entry.isDirectory()).map((entry) => join(root, entry.name))];
  for (const parent of parents) await removeBelow(join(parent, name));
}

async function removeBelow(folder: string): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries.filter((one) => one.isDirectory())) await removeBelow(join(folder, entry.name));
  await rmdir(folder).catch(() => undefined);
}

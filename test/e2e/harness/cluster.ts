/**
 * A Swarm of two real nodes on this machine, with a registry. Each node is an engine in its own network namespace, and a
 * virtual cable connects them. The machine's own engine is not affected.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeControlGroups } from './control-groups';
import { eventually } from './engine';
import { processIds } from './processes';
import { mustRun, run } from './run';

/** Part of the range that RFC 2544 reserves for benchmarks, so no network uses it. */
const RANGE = '198.18.77';
const REGISTRY = `${RANGE}.1:5000`;

/** Addresses of each node: on the cable to this machine, and on the cable to the other node. */
const ADDRESSES = {
  manager: { gateway: `${RANGE}.1`, own: `${RANGE}.2`, swarm: `${RANGE}.129` },
  worker: { gateway: `${RANGE}.5`, own: `${RANGE}.6`, swarm: `${RANGE}.130` },
} as const;

/** The manager has the label of the data node; the worker has no label. */
export type NodeName = keyof typeof ADDRESSES;

const NODES: readonly NodeName[] = ['manager', 'worker'];
const PROGRAMS = ['ip', 'nsenter', 'unshare', 'dockerd', 'docker-registry'];

/** A sentence about what this machine lacks, or `undefined` if nothing is missing. */
export async function missingForCluster(): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return 'Two nodes on one machine need root to create network namespaces.';
  for (const program of PROGRAMS) {
    if ((await run('which', [program])).code === 0) continue;
    return `There is no '${program}' on the PATH: install the packages docker.io, iproute2 and docker-registry.`;
  }
  return undefined;
}

/** A task of a service, and the node on which it runs. */
export interface PlacedTask {
  readonly id: string;
  readonly node: NodeName;
  readonly image: string;
}

export class Cluster {
  /**
   * Starts both nodes and the registry; takes about half a minute, and longer for more images.
   * @param images names of images on this machine's own engine that are copied to every node
   * @param dataLabel label of the manager, which is the data node
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

  /** The value for `cluster.registry` of an engine. */
  readonly registry = `http://${REGISTRY}`;
  private readonly processes = new Map<NodeName | 'registry', ChildProcess>();
  private readonly names = new Map<string, NodeName>();
  private readonly id: string;

  private constructor(private readonly folder: string) {
    this.id = folder.slice(-6);
  }

  /** The variables for programs that connect to a node. */
  environment(node: NodeName = 'manager'): Record<string, string> {
    return { DOCKER_HOST: this.address(node), no_proxy: `${RANGE}.1`, NO_PROXY: `${RANGE}.1` };
  }

  /** The address at which this machine reaches the published ports of a node. */
  addressOf(node: NodeName): string {
    return ADDRESSES[node].own;
  }

  /** Runs `docker` against a node and returns its output. */
  async docker(node: NodeName, ...args: string[]): Promise<string> {
    return (await mustRun('docker', ['--host', this.address(node), ...args])).trim();
  }

  /** Copies an image from this machine's own engine to nodes. */
  async load(image: string, nodes: readonly NodeName[] = NODES): Promise<void> {
    const archive = join(this.folder, `${image.replace(/[^a-z0-9.-]+/gi, '-')}.tar`);
    await mustRun('docker', ['save', '--output', archive, image]);
    for (const node of nodes) await this.docker(node, 'load', '--quiet', '--input', archive);
    await rm(archive);
  }

  /** The running tasks of a service, according to the manager. */
  async tasksOf(service: string): Promise<PlacedTask[]> {
    const filter = ['--filter', 'desired-state=running', '--format', '{{.ID}}'];
    const listed = await this.docker('manager', 'service', 'ps', '--quiet', '--no-trunc', ...filter, service);
    // There may be no task between the old one and the new one.
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

  /** The container of a service's task on a node; an empty string without one. */
  async containerOf(service: string, node: NodeName = 'manager'): Promise<string> {
    const filter = `label=com.docker.swarm.service.name=${service}`;
    const [first = ''] = (await this.docker(node, 'ps', '--quiet', '--filter', filter)).split('\n');
    return first;
  }

  /** Simulates a power failure: all processes of the node are killed at once, without a shutdown. */
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

  /** Starts a node again after {@link fail}; it rejoins the Swarm by itself. */
  async restore(node: NodeName): Promise<void> {
    await rm(join(this.nodeFolder(node), 'pid'), { force: true });
    await this.startNode(node);
    await eventually(
      () => this.docker('manager', 'node', 'ls', '--format', '{{.Status}}'),
      (states) => !states.includes('Down'),
    );
  }

  /** Stops and removes everything that was started, including its data. */
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
      // The only route leads to this machine, which runs the registry.
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
    // Enters only the network namespace: `ip netns exec` would hide the control groups. Host names distinguish nodes.
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
    // Started in a separate session, so that an interrupt at the terminal reaches only the tests, which then clean up.
    const child = spawn(program, args, { detached: true, stdio: ['ignore', log.fd, log.fd] });
    this.processes.set(name, child);
    await log.close();
  }

  /** Processes with one of these strings in an argument or in the name of their control group. */
  private async processesWith(texts: readonly string[]): Promise<number[]> {
    const pids = await processIds();
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

  /** The name of an interface has at most 15 characters. */
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
    // It has exited in the meantime.
  }
}

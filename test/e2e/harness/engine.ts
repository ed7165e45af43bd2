/** Queries to the Docker engine. */
import { spawn } from 'node:child_process';
import { mustRun, run } from './run';

/** The part of `docker inspect` that tests use. */
export interface ContainerState {
  readonly Id: string;
  readonly Name: string;
  readonly Image: string;
  readonly State: {
    readonly Status: string;
    readonly Pid: number;
    readonly ExitCode: number;
    readonly Health?: { readonly Status: string };
  };
  readonly Config: {
    readonly User: string;
    readonly Env: readonly string[];
    readonly Healthcheck?: { readonly Interval: number };
  };
  readonly HostConfig: {
    readonly Memory: number;
    readonly CpuQuota: number;
    readonly CapDrop: readonly string[] | null;
    readonly SecurityOpt: readonly string[] | null;
    readonly ReadonlyRootfs: boolean;
    readonly Privileged: boolean;
    readonly LogConfig: { readonly Type: string; readonly Config: Readonly<Record<string, string>> };
    readonly PortBindings: Readonly<
      Record<string, readonly { readonly HostIp: string; readonly HostPort: string }[]>
    > | null;
  };
}

/** Every container of a stack, running or not, by the name of its service in the stack. */
export async function containersOf(stack: string): Promise<ReadonlyMap<string, ContainerState>> {
  const filter = `label=cdktf-trading-stack.stack=${stack}`;
  const containers = await inspect(await lines('docker', ['ps', '--all', '--quiet', '--no-trunc', '--filter', filter]));
  return new Map(containers.map((container) => [container.Name.replace(`/${stack}-`, ''), container]));
}

/**
 * Makes sure that a stack is not on this engine yet, because the tests remove what they deploy, including data.
 * @throws Error if it has a container or a volume, which may belong to a real deployment
 */
export async function refuseExisting(stack: string): Promise<void> {
  const format = '{{.Names}} {{.Label "cdktf-trading-stack.stack"}}';
  const rows = (await lines('docker', ['ps', '--all', '--format', format])).map((line) => line.split(' '));
  const containers = rows
    .filter(([name = '', label]) => name.startsWith(`${stack}-`) || label === stack)
    .map(([name = '']) => name);
  const data = (await volumes()).filter((name) => name.startsWith(`${stack}_`));
  if (containers.length + data.length === 0) return;
  throw new Error(
    `This engine already has containers or volumes of a stack '${stack}', which this test would change and remove: ` +
      `${[...containers, ...data].join(', ')}. Remove them if they are not needed, or use another engine.`,
  );
}

/** The running containers of a stack's Swarm services, by the name of the service in the stack. */
export async function tasksOf(stack: string): Promise<ReadonlyMap<string, ContainerState>> {
  const listed = await lines('docker', [
    'ps',
    '--no-trunc',
    '--format',
    '{{.ID}} {{.Label "com.docker.swarm.service.name"}}',
    '--filter',
    `name=^${stack}-`,
  ]);
  const rows = listed.map((line) => line.split(' '));
  const tasks = rows.filter(([, service]) => service?.startsWith(`${stack}-`));
  const containers = await inspect(tasks.map(([id = '']) => id));
  return new Map(containers.map((one, index) => [(tasks[index]?.[1] ?? '').replace(`${stack}-`, ''), one]));
}

/** The ids of containers, for {@link replaced}. */
export function idsOf(containers: ReadonlyMap<string, ContainerState>): ReadonlyMap<string, string> {
  return new Map([...containers].map(([name, container]) => [name, container.Id]));
}

/** Names of the services whose container has been replaced. */
export function replaced(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] {
  return [...after]
    .filter(([name, id]) => before.get(name) !== id)
    .map(([name]) => name)
    .sort();
}

/** Runs a program inside a container and returns its output. */
export async function execute(container: string, ...command: string[]): Promise<string> {
  return (await mustRun('docker', ['exec', container, ...command])).trim();
}

/** The whole log of a container. */
export async function logsOf(container: string): Promise<string> {
  const { stdout, stderr } = await run('docker', ['logs', container]);
  return `${stdout}${stderr}`;
}

/** Waits until the condition holds; fails with the last answer when the time is up. */
export async function eventually<T>(check: () => Promise<T>, holds: (answer: T) => boolean, seconds = 60): Promise<T> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await check();
    if (holds(answer)) return answer;
    if (Date.now() > end)
      throw new Error(`The condition did not hold within ${seconds} s; the last answer was ${JSON.stringify(answer)}`);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

/** Names of the volumes on the engine. */
export async function volumes(): Promise<string[]> {
  return (await lines('docker', ['volume', 'ls', '--quiet'])).sort();
}

/** Records the exit code of every container on the engine, and the output of selected ones. */
export class Endings {
  private readonly events;
  private readonly followers: ReturnType<typeof spawn>[] = [];
  private readonly exitCodes = new Map<string, number>();
  private readonly output = new Map<string, string>();

  constructor() {
    const format = '{{.Actor.Attributes.name}} {{.Actor.Attributes.exitCode}}';
    this.events = spawn('docker', ['events', '--filter', 'event=die', '--format', format]);
    this.events.stdout.on('data', (chunk: Buffer) => {
      for (const line of chunk.toString().trim().split('\n')) {
        const [name = '', code = ''] = line.split(' ');
        this.exitCodes.set(name, Number(code));
      }
    });
  }

  /** Records the output of a container, even after the container has been removed. */
  follow(container: string): void {
    const follower = spawn('docker', ['logs', '--follow', '--tail', '0', container]);
    for (const stream of [follower.stdout, follower.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        this.output.set(container, `${this.output.get(container) ?? ''}${chunk.toString()}`);
      });
    }
    this.followers.push(follower);
  }

  /** The exit code of the last container with this name that exited. */
  exitCode(container: string): number | undefined {
    return this.exitCodes.get(container);
  }

  /** The output of a followed container. */
  printed(container: string): string {
    return this.output.get(container) ?? '';
  }

  stop(): void {
    for (const child of [this.events, ...this.followers]) child.kill();
  }
}

async function lines(program: string, args: readonly string[]): Promise<string[]> {
  return (await mustRun(program, args)).split('\n').filter((line) => line !== '');
}

async function inspect(ids: readonly string[]): Promise<ContainerState[]> {
  if (ids.length === 0) return [];
  return JSON.parse(await mustRun('docker', ['inspect', ...ids])) as ContainerState[];
}

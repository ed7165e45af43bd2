import { Cpu, type TradingStack } from '../../../index';
import { runInContainer } from '../../engine/container-program';
import type { DockerApi } from '../../engine/docker-api';
import { isOf } from '../../engine/workload-state';
import { type Finding, ok, warning } from './finding';

/** What is free on the machine of the engine. */
interface FreeResources {
  readonly memoryBytes: number;
  readonly load: number;
  readonly disk: { readonly bytes: number; readonly usedPercent: number };
}

const MOST_DISK_PERCENT = 90;
const LEAST_MEMORY_SHARE = 0.05;

/** What the kernel takes of the memory of a machine before it counts it, at most. */
const KERNEL_SHARE = 0.1;

/** The CPUs, the memory and the disk of the machine of the engine, against the limits of the stack. */
export async function resourceFindings(stack: TradingStack, docker: DockerApi): Promise<Finding[]> {
  // The services of a Swarm share several machines.
  if (stack.engine.traits.hasRemoteNodes && (await docker.swarmNodes()) > 1) return [];
  const [total, free] = await Promise.all([docker.resources(), freeResources(stack, docker)]);
  const services = stack.platform.workloads.filter(({ spec }) => spec.kind === 'service');
  const sum = (value: (spec: (typeof services)[number]['spec']) => number | null): number =>
    services.reduce((all, { spec }) => all + (value(spec) ?? 0) * spec.replicas, 0);
  const memory = sum(({ resources }) => resources.memoryBytes);
  const cpus = sum(({ resources }) => resources.cpuMillis) / 1000;
  return [
    ...declaredFindings(stack, total),
    cpuFinding(cpus, total.cpus, free?.load),
    memoryFinding(memory, total.memoryBytes, free?.memoryBytes),
    ...(free === undefined
      ? [ok('Free memory and disk are only known while a service of the stack runs that has a shell')]
      : [diskFinding(free.disk)]),
  ];
}

/** A stack that was planned for another machine. */
function declaredFindings(
  { platform: { machine } }: TradingStack,
  { cpus, memoryBytes }: { readonly cpus: number; readonly memoryBytes: number },
): Finding[] {
  if (machine === null) return [];
  // The kernel keeps a part of the memory for itself.
  const isAsDeclared = cpus * 1000 >= machine.cpuMillis && memoryBytes >= machine.memoryBytes * (1 - KERNEL_SHARE);
  if (isAsDeclared) return [];
  return [
    warning(
      `The machine has ${Cpu.cores(cpus).toString()} and ${rounded(memoryBytes)} of memory, and \`machine\` of the stack says ` +
        `${Cpu.millis(machine.cpuMillis).toString()} and ${rounded(machine.memoryBytes)}: correct it, and see what \`synth\` warns of`,
    ),
  ];
}

/** CPU limits may exceed the CPUs, as not all services are busy at the same time. */
function cpuFinding(limits: number, total: number, load: number | undefined): Finding {
  const facts = `The machine has ${Cpu.cores(total).toString()}, and the limits of the services add up to ${limits} CPU`;
  const busy = load === undefined ? '' : `; its load is ${load}`;
  if (load === undefined || load < total * 2) return ok(`${facts}${busy}`);
  return warning(`${facts}${busy}, more than twice its CPUs: find out what is busy with docker stats`);
}

function memoryFinding(limits: number, total: number, available: number | undefined): Finding {
  const free = available === undefined ? '' : ` (${rounded(available)} available)`;
  const facts = `The machine has ${rounded(total)} of memory${free}, and the limits of the services add up to ${rounded(limits)}`;
  if (limits > total) {
    return warning(`${facts}: if all services use theirs, the kernel kills one. Lower the limits, or move a service`);
  }
  if (available !== undefined && available < total * LEAST_MEMORY_SHARE) {
    return warning(`${facts}: other programs use the rest. Find them with: ps aux --sort=-rss | head`);
  }
  return ok(facts);
}

function diskFinding({ bytes, usedPercent }: FreeResources['disk']): Finding {
  const facts = `The disk of the engine is ${usedPercent} % full, ${rounded(bytes)} are free`;
  if (usedPercent < MOST_DISK_PERCENT) return ok(facts);
  return warning(`${facts}: databases stop when it is full. See what Docker uses with docker system df`);
}

function rounded(bytes: number): string {
  return `${(bytes / 1024 ** 3).toFixed(1)} GiB`;
}

/** The engine's API does not have them, but a container sees the memory and the disk of its machine. */
async function freeResources(stack: TradingStack, docker: DockerApi): Promise<FreeResources | undefined> {
  const { workloads } = stack.platform;
  const running = (await docker.containers()).filter(({ State }) => State === 'running');
  for (const { Id } of running.filter((container) => workloads.some((workload) => isOf(container, workload)))) {
    const found = parse(
      await outputOf(Id, ['cat', '/proc/meminfo', '/proc/loadavg'], docker),
      await outputOf(Id, ['df', '-Pk', '/'], docker),
    );
    if (found !== undefined) return found;
  }
  return undefined;
}

async function outputOf(container: string, command: readonly string[], docker: DockerApi): Promise<string> {
  const silently = { onLine: () => undefined, showsStdout: false };
  // Not every image has the program.
  const ended = await runInContainer(docker, container, command, silently).catch(() => undefined);
  return ended?.stdout ?? '';
}

function parse(kernel: string, disk: string): FreeResources | undefined {
  const [, kibibytes] = /^MemAvailable:\s+(\d+) kB$/m.exec(kernel) ?? [];
  const [, load] = /^([\d.]+) [\d.]+ [\d.]+ /m.exec(kernel) ?? [];
  const [, free, percent] = /\s(\d+)\s+(\d+)%\s+\/\s*$/.exec(disk) ?? [];
  if (kibibytes === undefined || load === undefined || free === undefined) return undefined;
  return {
    memoryBytes: Number(kibibytes) * 1024,
    load: Number(load),
    disk: { bytes: Number(free) * 1024, usedPercent: Number(percent) },
  };
}

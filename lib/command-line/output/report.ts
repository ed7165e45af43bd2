import type { App } from 'cdktf';
import { Cpu, type PortSpec, Size, type TradingStack, type WorkloadSpec } from '../../index';
import type { Output } from './output';
import { missingSecrets, type UnmadeSecret, type UnprovidedSecret, unusedSecrets } from '../preflight/secrets';
import { type Annotation, annotationsOf, outputOf } from '../terraform/stacks';
import { printTable } from './table';
import { describeState, type WorkloadState } from '../engine/workload-state';

/** What a stack consists of. */
export interface StackReport {
  readonly name: string;
  readonly engine: string;
  /** The folder that Terraform runs in. */
  readonly output: string;
  readonly services: readonly ServiceReport[];
  readonly warnings: readonly Annotation[];
  readonly errors: readonly Annotation[];
  readonly missingSecrets: readonly UnprovidedSecret[];
  /** Files that the deploy makes, when it has seen that there is no data which takes another content. */
  readonly laterSecrets: readonly string[];
}

/** One row of the table. */
export interface ServiceReport {
  readonly name: string;
  readonly kind: 'service' | 'job';
  /** More than one for a service of a Swarm; on the Docker engine each is a row of its own. */
  readonly replicas: number;
  readonly image: string;
  readonly ports: readonly PortSpec[];
  /** Names of what is up before it starts. */
  readonly waitsFor: readonly string[];
  readonly cpus: number | null;
  readonly memoryBytes: number | null;
  /** What the node has to be that it runs on, as Docker spells it; none for any. */
  readonly placement: readonly string[];
}

/** How a service runs after a deploy. */
export interface RunningReport {
  readonly name: string;
  readonly status: string;
  /** `null` without a health check. */
  readonly health: string | null;
  readonly exitCode: number | null;
  readonly restarts: number;
  /** How many replicas run of how many, where there are several in one service. */
  readonly running?: string;
  /** Where its published ports are reached. */
  readonly addresses: readonly string[];
}

const UNUSED =
  'no workload gets this secret, and yet every deploy asks for its file: name it in `secrets` of a workload, or remove it';

/** @param unmade the secrets that data is or may be bound to, and that were not made */
export function reportStack(app: App, stack: TradingStack, unmade: readonly UnmadeSecret[]): StackReport {
  const bound = unmade.filter(({ data }) => data !== 'unseen');
  return {
    name: stack.node.id,
    engine: stack.platform.engine.name,
    output: outputOf(app, stack),
    services: reportServices(stack),
    warnings: [
      ...annotationsOf(stack, 'warn'),
      ...unusedSecrets(stack).map(({ node }) => ({ path: node.path, message: UNUSED })),
      ...bound.map(({ secret, message }) => ({ path: secret.node.path, message })),
    ],
    errors: annotationsOf(stack, 'error'),
    missingSecrets: missingSecrets(stack),
    laterSecrets: [...new Set(unmade.filter(({ data }) => data === 'unseen').map(({ file }) => file))],
  };
}

export function reportServices(stack: TradingStack): ServiceReport[] {
  const { workloads } = stack.platform;
  const nameAt = new Map(workloads.map(({ spec, address }) => [address, spec.name]));
  return workloads.map(({ spec }) => ({
    name: spec.name,
    kind: spec.kind,
    replicas: spec.replicas,
    image: spec.image.name,
    ports: spec.ports,
    // What is no workload of ours has only its address.
    waitsFor: spec.dependsOn.map((address) => nameAt.get(address) ?? address),
    cpus: spec.resources.cpuMillis === null ? null : spec.resources.cpuMillis / 1000,
    memoryBytes: spec.resources.memoryBytes,
    placement: spec.placement.constraints,
  }));
}

export function reportRunning(states: readonly WorkloadState[]): RunningReport[] {
  return states.map(({ workload: { spec }, status, health, exitCode, restarts, running }) => ({
    name: spec.name,
    status,
    health,
    exitCode,
    restarts,
    ...(running !== undefined && { running }),
    addresses: addressesOf(spec),
  }));
}

export function printStack(report: StackReport, output: Output): void {
  output.heading(`${report.name} on the ${report.engine} engine`);
  const isPlaced = report.services.some(({ placement }) => placement.length > 0);
  printTable(
    output,
    ['SERVICE', 'IMAGE', ...(isPlaced ? ['NODE'] : []), 'PUBLISHED', 'WAITS FOR', 'LIMITS'],
    report.services.map((service) => [
      `${service.name}${remark(service)}`,
      service.image,
      ...(isPlaced ? [describeNode(service)] : []),
      service.ports.map(describePort).join('\n'),
      service.waitsFor.join('\n'),
      describeLimits(service),
    ]),
  );
  for (const annotation of report.errors) output.problem(`Error: ${withPlace(annotation)}`);
  for (const annotation of report.warnings) output.warn(`Warning: ${withPlace(annotation)}`);
  for (const { path, file, description, isEmpty } of report.missingSecrets) {
    output.warn(`${isEmpty ? 'Empty' : 'Missing'} secret: ${path}: write ${description} into the file ${file}`);
  }
  if (report.laterSecrets.length > 0) {
    output.say(`Left to the deploy, which looks first whether there is data: ${report.laterSecrets.join(', ')}`);
  }
  output.say(`Terraform configuration: ${report.output}\n`);
}

/** The library's own warnings start with the service that they are about. */
function withPlace({ path, message }: Annotation): string {
  const [place = ''] = message.split(': ', 1);
  return path === place || path.startsWith(`${place}/`) ? message : `${path}: ${message}`;
}

export function printRunning(states: readonly WorkloadState[], output: Output): void {
  printTable(
    output,
    ['SERVICE', 'STATE', 'REACHED AT'],
    states.map((state) => {
      const { spec } = state.workload;
      // Of what runs on another node the health cannot be seen from here.
      const isUnchecked = state.status === 'running' && state.health === null && state.container !== null;
      const words = isUnchecked ? [describeState(state), 'no health check'] : [describeState(state)];
      return [spec.name, words.join(', '), addressesOf(spec).join('\n')];
    }),
  );
}

function remark({ kind, replicas }: ServiceReport): string {
  if (kind === 'job') return ' (job)';
  return replicas === 1 ? '' : ` (${replicas} replicas)`;
}

/** Labels and names alone: `trading.data=true`, `desk-1`. */
function describeNode({ kind, placement }: ServiceReport): string {
  if (kind === 'job') return 'this manager';
  const words = placement.map((one) =>
    one
      .replace(/^node\.(labels\.|hostname == |role == )/, '')
      .replace(' == ', '=')
      .replace(' != ', '!='),
  );
  return words.length === 0 ? 'any' : words.join('\n');
}

export function describePort({ address, host, container, protocol }: PortSpec): string {
  return `${address}:${host} -> ${container}${protocol === 'tcp' ? '' : `/${protocol}`}`;
}

function describeLimits({ cpus, memoryBytes }: ServiceReport): string {
  const cpu = cpus === null ? [] : [String(Cpu.cores(cpus))];
  const memory = memoryBytes === null ? [] : [String(Size.bytes(memoryBytes))];
  return [...cpu, ...memory].join(', ');
}

/** A URL where the service says by its health check that it speaks HTTP on the port, and host and port elsewhere. */
function addressesOf(spec: WorkloadSpec): string[] {
  const probe = spec.healthCheck?.test.join(' ') ?? '';
  return spec.ports.map(({ address, host, container, protocol }) => {
    const isAny = address === '0.0.0.0' || address === '::';
    const reachable = isAny ? 'localhost' : address.includes(':') ? `[${address}]` : address;
    const speaksHttp = new RegExp(`http://127\\.0\\.0\\.1:${container}\\b`).test(probe);
    return `${speaksHttp ? 'http://' : ''}${reachable}:${host}${protocol === 'tcp' ? '' : `/${protocol}`}`;
  });
}

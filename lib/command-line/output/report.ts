import type { App } from 'cdktf';
import { Cpu, type MissingSecret, Size, type TradingStack } from '../../index';
import {
  bindAddress,
  isEveryAddress,
  isLoopback,
  type PlacementConstraint,
  type PortSpec,
  type WorkloadSpec,
} from '../../internal';
import type { Output } from './output';
import { missingSecrets } from '../preflight/secrets';
import { type Annotation, annotationsOf, outputOf } from '../synthesis/stacks';
import { printTable } from './table';
import type { AcknowledgedWarning, ReportedWarning, StackWarnings } from './warnings';
import type { EngineAddress } from '../connection/address';
import { describeState, type WorkloadState } from '../engine/workload-state';
import { remoteMachine, tunnelCommand } from '../connection/tunnel';

/** The contents of a stack. */
export interface StackReport {
  readonly name: string;
  readonly engine: string;
  /** The folder that Terraform runs in. */
  readonly output: string;
  readonly services: readonly ServiceReport[];
  readonly warnings: readonly ReportedWarning[];
  readonly acknowledged: readonly AcknowledgedWarning[];
  readonly errors: readonly Annotation[];
  readonly missingSecrets: readonly MissingSecret[];
  /** Secret files that deploy generates, once it has checked that no existing data needs a former password. */
  readonly laterSecrets: readonly string[];
}

/** One row of the table. */
export interface ServiceReport {
  readonly name: string;
  readonly kind: 'service' | 'job';
  /** More than 1 for a service of a Swarm only: on the Docker engine each replica has its own row. */
  readonly replicas: number;
  readonly image: string;
  readonly ports: readonly PortReport[];
  /** Names of its networks; `host`, `none` or `container:<name>` for a network that it shares. */
  readonly networks: readonly string[];
  /** Names of the services and jobs that it starts after. */
  readonly waitsFor: readonly string[];
  readonly cpus: number | null;
  readonly memoryBytes: number | null;
  /** Conditions that the node has to meet; none for any node. */
  readonly placement: readonly PlacementConstraint[];
}

/** A published port: the address and port of the host, and the port in the container. */
interface PortReport {
  readonly address: string;
  readonly host: number;
  readonly container: number;
  readonly protocol: PortSpec['protocol'];
}

/** The state of a service after a deploy. */
export interface RunningReport {
  readonly name: string;
  readonly status: string;
  /** `null` without a health check. */
  readonly health: string | null;
  readonly exitCode: number | null;
  readonly restarts: number;
  /** Whether one of its processes was killed at the memory limit. */
  readonly outOfMemory: boolean;
  /** Number of running replicas, if the service has several: `2 of 3`. */
  readonly running?: string;
  /** Addresses of its published ports. */
  readonly addresses: readonly string[];
}

/** @param laterSecrets files of passwords that only deploy generates */
export function reportStack(
  app: App,
  stack: TradingStack,
  laterSecrets: readonly string[],
  { reported, acknowledged }: Pick<StackWarnings, 'reported' | 'acknowledged'>,
): StackReport {
  return {
    name: stack.node.id,
    engine: stack.platform.engine.name,
    output: outputOf(app, stack),
    services: reportServices(stack),
    warnings: reported,
    acknowledged,
    errors: annotationsOf(stack, 'error'),
    missingSecrets: missingSecrets(stack),
    laterSecrets,
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
    ports: spec.ports.map((port) => ({
      address: bindAddress(port),
      host: port.host,
      container: port.container,
      protocol: port.protocol,
    })),
    networks: networksOf(spec),
    // A resource that is not a workload only has an address.
    waitsFor: spec.dependsOn.map((address) => nameAt.get(address) ?? address),
    cpus: spec.resources.cpuMillis === null ? null : spec.resources.cpuMillis / 1000,
    memoryBytes: spec.resources.memoryBytes,
    placement: spec.placement.constraints,
  }));
}

export function reportRunning(states: readonly WorkloadState[]): RunningReport[] {
  return states.map(({ workload: { spec }, status, health, exitCode, restarts, outOfMemory, running }) => ({
    name: spec.name,
    status,
    health,
    exitCode,
    restarts,
    outOfMemory,
    ...(running !== undefined && { running }),
    addresses: addressesOf(spec),
  }));
}

/** @param printWarnings prints the warnings of the report */
export function printStack(report: StackReport, printWarnings: () => void, output: Output): void {
  output.heading(`${report.name} on the ${report.engine} engine`);
  const isPlaced = report.services.some(({ placement }) => placement.length > 0);
  const differ = new Set(report.services.map(({ networks }) => networks.join())).size > 1;
  printTable(
    output,
    [
      'SERVICE',
      'IMAGE',
      ...(isPlaced ? ['NODE'] : []),
      ...(differ ? ['NETWORKS'] : []),
      'PUBLISHED',
      'WAITS FOR',
      'LIMITS',
    ],
    report.services.map((service) => [
      `${service.name}${remark(service)}`,
      service.image,
      ...(isPlaced ? [describeNode(service)] : []),
      ...(differ ? [service.networks.join('\n')] : []),
      service.ports.map(describePort).join('\n'),
      service.waitsFor.join('\n'),
      describeLimits(service),
    ]),
  );
  printWarnings();
  for (const { path, file, description, isEmpty } of report.missingSecrets) {
    output.warn(`${isEmpty ? 'Empty' : 'Missing'} secret: ${path}: write ${description} into the file ${file}`);
  }
  if (report.laterSecrets.length > 0) {
    output.say(`Will be generated by deploy, after a check for existing data: ${report.laterSecrets.join(', ')}`);
  }
  output.say(`Terraform configuration: ${report.output}\n`);
}

/** @param engine the engine that they run on: its loopback ports may be those of another machine */
export function printRunning(states: readonly WorkloadState[], engine: EngineAddress, output: Output): void {
  const machine = remoteMachine(engine);
  printTable(
    output,
    ['SERVICE', 'STATE', 'REACHED AT'],
    states.map((state) => {
      const { spec } = state.workload;
      // The health of containers on other nodes is unknown.
      const isUnchecked = state.status === 'running' && state.health === null && state.container !== null;
      const words = isUnchecked ? [describeState(state), 'no health check'] : [describeState(state)];
      return [spec.name, words.join(', '), addressesOf(spec, machine).join('\n')];
    }),
  );
  const loopback = states.flatMap(({ workload }) => workload.spec.ports.filter(isLoopback));
  const tunnel = tunnelCommand(
    engine,
    loopback.map(({ host }) => host),
  );
  if (tunnel !== undefined) output.say(`\nTo reach 127.0.0.1 of ${machine ?? ''} from this machine: ${tunnel}`);
}

function networksOf({ networks, namespaces }: WorkloadSpec): string[] {
  const { network } = namespaces;
  if (network === null) return networks.map(({ name }) => name);
  return [typeof network === 'string' ? network : `container:${network.name}`];
}

function remark({ kind, replicas }: ServiceReport): string {
  if (kind === 'job') return ' (job)';
  return replicas === 1 ? '' : ` (${replicas} replicas)`;
}

function describeNode({ kind, placement }: ServiceReport): string {
  if (kind === 'job') return 'this manager';
  return placement.length === 0 ? 'any' : placement.map(describeConstraint).join('\n');
}

/** The label, or the name alone: `trading.data=true`, `desk-1`. */
function describeConstraint(constraint: PlacementConstraint): string {
  if (constraint.on !== 'label') return constraint.value;
  return `${constraint.name}${constraint.equals ? '=' : '!='}${constraint.value}`;
}

export function describePort({ address, host, container, protocol }: PortReport): string {
  return `${address}:${host} -> ${container}${protocol === 'tcp' ? '' : `/${protocol}`}`;
}

function describeLimits({ cpus, memoryBytes }: ServiceReport): string {
  const cpu = cpus === null ? [] : [String(Cpu.cores(cpus))];
  const memory = memoryBytes === null ? [] : [String(Size.bytes(memoryBytes))];
  return [...cpu, ...memory].join(', ');
}

/**
 * A URL if the health check requests the port over HTTP, otherwise host and port.
 * @param machine the machine that publishes the ports, if it is another one
 */
function addressesOf({ ports, healthCheck }: WorkloadSpec, machine?: string): string[] {
  const probe = healthCheck?.probe;
  return ports.map((port) => {
    const { host, container, protocol } = port;
    const address = bindAddress(port);
    const reachable = isEveryAddress(address) ? 'localhost' : address.includes(':') ? `[${address}]` : address;
    const speaksHttp = probe?.kind === 'http' && probe.port === container;
    const url = `${speaksHttp ? 'http://' : ''}${reachable}:${host}${protocol === 'tcp' ? '' : `/${protocol}`}`;
    const isOfHost = typeof port.scope === 'string';
    return machine !== undefined && isOfHost ? `${url} on ${machine}` : url;
  });
}

import type { PortSpec, RegisteredWorkload } from '../../index';
import type { CommandContext } from '../context';
import type { ContainerSummary, DockerApi, ServiceSummary } from '../engine/docker-api';
import type { Problem } from '../output/output';
import { isOf } from '../engine/workload-state';

/** A problem for every host port of the workloads that is not free. */
export async function takenPorts(
  workloads: readonly RegisteredWorkload[],
  docker: DockerApi | undefined,
  probePort: CommandContext['probePort'] | undefined,
): Promise<Problem[]> {
  const containers = (await docker?.containers()) ?? [];
  // Only a Swarm manager knows services.
  const services = (await docker?.services().catch((): ServiceSummary[] => [])) ?? [];
  const isOwn = (container: ContainerSummary): boolean => workloads.some((workload) => isOf(container, workload));
  const names = workloads.map(({ spec }) => spec.name);

  const problems: Problem[] = [];
  for (const { spec } of workloads) {
    for (const port of spec.ports) {
      const holder = containers.find((container) => holds(container, port));
      const service = services.find((one) => publishes(one, port));
      if (holder ? isOwn(holder) : service && names.includes(service.Spec.Name)) continue;
      const by = holder?.Names[0]?.slice(1) ?? service?.Spec.Name;
      if (by !== undefined) problems.push(inUse(spec.name, port, by));
      else if (probePort !== undefined) problems.push(...problemOfBinding(spec.name, port, await probePort(port)));
    }
  }
  return problems;
}

function portOf(workload: string, { address, host, protocol }: PortSpec): string {
  return `The port ${address}:${host}/${protocol} of ${workload}`;
}

function inUse(workload: string, port: PortSpec, by: string): Problem {
  return { code: 'port-in-use', message: `${portOf(workload, port)} is in use by ${by}.` };
}

function holds({ Ports }: ContainerSummary, port: PortSpec): boolean {
  return Ports.some(
    ({ IP = '0.0.0.0', PublicPort, Type }) =>
      PublicPort === port.host && Type === port.protocol && (IP === port.address || isAny(IP) || isAny(port.address)),
  );
}

function publishes({ Endpoint }: ServiceSummary, port: PortSpec): boolean {
  return (Endpoint?.Ports ?? []).some(
    ({ PublishedPort, Protocol }) => PublishedPort === port.host && Protocol === port.protocol,
  );
}

function isAny(address: string): boolean {
  return address === '0.0.0.0' || address === '::';
}

function problemOfBinding(workload: string, port: PortSpec, error: string | undefined): Problem[] {
  if (error === 'EADDRINUSE') return [inUse(workload, port, 'another program on this machine')];
  if (error === 'EADDRNOTAVAIL') {
    const message = `${portOf(workload, port)} is on an address that this machine does not have.`;
    return [{ code: 'address-unavailable', message }];
  }
  // Other errors, such as for a port below 1024, concern this process and not the engine.
  return [];
}

import type { RegisteredWorkload } from '../../index';
import { addressesOverlap, bindAddress, type PortSpec } from '../../internal';
import { errorOfBinding } from './bind';
import type { ContainerSummary, DockerApi, ServiceSummary } from '../engine/docker-api';
import { isOf } from '../engine/workload-state';

/** One sentence for every host port of the workloads that something else holds. */
export async function takenPorts(
  workloads: readonly RegisteredWorkload[],
  docker: DockerApi | undefined,
  isThisMachine: boolean,
): Promise<string[]> {
  const containers = (await docker?.containers()) ?? [];
  // Only a Swarm manager knows services.
  const services = (await docker?.services().catch((): ServiceSummary[] => [])) ?? [];
  const isOwn = (container: ContainerSummary): boolean => workloads.some((workload) => isOf(container, workload));
  const names = workloads.map(({ spec }) => spec.name);

  const sentences: string[] = [];
  for (const { spec } of workloads) {
    for (const port of spec.ports) {
      const holder = containers.find((container) => holds(container, port));
      const service = services.find((one) => publishes(one, port));
      if (holder ? isOwn(holder) : service && names.includes(service.Spec.Name)) continue;
      const by = holder?.Names[0]?.slice(1) ?? service?.Spec.Name;
      if (by !== undefined) sentences.push(`${portOf(spec.name, port)} is held by ${by}.`);
      else if (isThisMachine) sentences.push(...(await problemOfBinding(spec.name, port)));
    }
  }
  return sentences;
}

function portOf(workload: string, port: PortSpec): string {
  return `The port ${bindAddress(port)}:${port.host}/${port.protocol} of ${workload}`;
}

function holds({ Ports }: ContainerSummary, port: PortSpec): boolean {
  return Ports.some(
    ({ IP = '0.0.0.0', PublicPort, Type }) =>
      PublicPort === port.host && Type === port.protocol && addressesOverlap(IP, bindAddress(port)),
  );
}

function publishes({ Endpoint }: ServiceSummary, port: PortSpec): boolean {
  return (Endpoint?.Ports ?? []).some(
    ({ PublishedPort, Protocol }) => PublishedPort === port.host && Protocol === port.protocol,
  );
}

async function problemOfBinding(workload: string, port: PortSpec): Promise<string[]> {
  const code = await errorOfBinding(port);
  if (code === 'EADDRINUSE') return [`${portOf(workload, port)} is in use by another program on this machine.`];
  if (code === 'EADDRNOTAVAIL') return [`${portOf(workload, port)} is on an address that this machine does not have.`];
  // Anything else, such as a port below 1024, says something about us and nothing about the engine.
  return [];
}

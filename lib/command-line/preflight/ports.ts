import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import {
  addressesOverlap,
  bindAddress,
  publishedAt,
  onHost,
  type PortSpec,
  publishedPortCode,
  type RegisteredWorkload,
} from '../../internal';
import type { CommandContext } from '../context';
import type { DockerApi } from '../engine/docker-api';
import { containerNameOf, type ContainerSummary, type ServiceSummary } from '../engine/responses';
import type { Problem } from '../output/output';
import { isOf } from '../engine/workload-state';

/**
 * A problem for every host port of the workloads that is not free.
 * @param probePort checks ports of this machine; `undefined` if the engine is on another one
 */
export async function takenPorts(
  workloads: readonly RegisteredWorkload[],
  docker: DockerApi,
  probePort: CommandContext['probePort'] | undefined,
): Promise<Problem[]> {
  const containers = await docker.containers();
  // Only a Swarm manager can list services.
  const services = await docker.services().catch((): ServiceSummary[] => []);
  const isOwn = (container: ContainerSummary): boolean => workloads.some((workload) => isOf(container, workload));
  const names = workloads.map(({ spec }) => spec.name);

  const problems: Problem[] = [];
  for (const { spec } of workloads) {
    for (const port of spec.ports) {
      const holder = containers.find((container) => holds(container, port));
      const service = services.find((one) => publishes(one, port));
      if (holder ? isOwn(holder) : service && names.includes(service.Spec.Name)) continue;
      const by = describeHolder(holder, service);
      if (by !== undefined) problems.push(inUse(spec.name, port, by));
      else if (probePort !== undefined) problems.push(...problemOfBinding(spec.name, port, await probePort(port)));
    }
  }
  for (const workload of workloads) {
    // The engine does not list the ports of a container on the network of the host, so its own would look taken.
    if (containers.some((container) => isOf(container, workload))) continue;
    for (const port of workload.spec.hostPorts.map(onHost)) {
      const holder = containers.find((container) => holds(container, port));
      const isTaken = holder !== undefined || (await probePort?.(port)) === 'EADDRINUSE';
      if (isTaken) problems.push(inUseOnHost(workload.spec.name, port, describeHolder(holder, undefined)));
    }
  }
  return problems;
}

function inUseOnHost(workload: string, port: PortSpec, by = 'another program on this machine'): Problem {
  const message =
    `${portOf(workload, port)}, which listens on the network of the host, is in use by ${by}. Stop it, or have ` +
    `${workload} listen on another port.`;
  return { code: 'port-in-use', message };
}

function describeHolder(
  container: ContainerSummary | undefined,
  service: ServiceSummary | undefined,
): string | undefined {
  if (container !== undefined) return `the container ${containerNameOf(container)}`;
  return service && `the service ${service.Spec.Name}`;
}

function inUse(workload: string, port: PortSpec, by: string): Problem {
  const message =
    `${portOf(workload, port)} is in use by ${by}. Stop it, or choose another host port: ` +
    publishedPortCode({ ...port, host: suggestedPort(port.host) });
  return { code: 'port-in-use', message };
}

/** A replacement for a port that is easy to remember: 18000 for 8000. */
function suggestedPort(port: number): number {
  if (port < 10_000) return port + 10_000;
  return port === 65_535 ? port - 1 : port + 1;
}

function portOf(workload: string, port: PortSpec): string {
  return `The host port ${publishedAt(port)}/${port.protocol} of ${workload}`;
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

function problemOfBinding(workload: string, port: PortSpec, error: string | undefined): Problem[] {
  if (error === 'EADDRINUSE') {
    const find = port.protocol === 'udp' ? 'ss -lunp' : 'ss -ltnp';
    return [inUse(workload, port, `another program on this machine (find it: ${find} 'sport = :${port.host}')`)];
  }
  if (error === 'EADDRNOTAVAIL') {
    const message =
      `${portOf(workload, port)} binds to an address that this machine does not have. Use an address that ` +
      '`ip address` lists, or PublishedPort.loopback.';
    return [{ code: 'address-unavailable', message }];
  }
  // Other errors, such as for a port below 1024, concern this process and not the engine.
  return [];
}

/** Binds the port for a moment; returns the error code if that fails, such as `EADDRINUSE`. */
export function probePort(port: PortSpec): Promise<string | undefined> {
  const { host, protocol } = port;
  const address = bindAddress(port);
  return new Promise((resolve) => {
    const failed = (error: NodeJS.ErrnoException): void => {
      resolve(error.code ?? error.message);
    };
    if (protocol === 'udp') {
      const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4').on('error', failed);
      socket.bind(host, address, () =>
        socket.close(() => {
          resolve(undefined);
        }),
      );
    } else if (protocol === 'tcp') {
      const server = createServer().on('error', failed);
      server.listen(host, address, () =>
        server.close(() => {
          resolve(undefined);
        }),
      );
    } else {
      // Node cannot bind SCTP ports.
      resolve(undefined);
    }
  });
}

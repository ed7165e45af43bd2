import type { ServiceConfig } from '@cdktf/provider-docker/lib/service';
import { unsupported } from '../../errors';
import type { PortSpec } from '../../platform/spec';

type Ports = Exclude<NonNullable<ServiceConfig['endpointSpec']>['ports'], undefined>;

/** @throws TradingStackError for a port on one address of its node: a Swarm knows none */
export function checkPorts(ports: readonly PortSpec[], path: string): void {
  const port = ports.find(({ address }) => address !== '0.0.0.0');
  if (port === undefined) return;
  throw unsupported(
    path,
    'swarm',
    `publishing ${port.host} on ${port.address} only`,
    'A service is published on every address of its node: say so with PublishedPort.allInterfaces, or publish nothing',
  );
}

/** On the node of the task: without a virtual address there is no routing mesh to publish on. */
export function renderPorts(ports: readonly PortSpec[], path: string): Ports {
  checkPorts(ports, path);
  return ports.map(({ container, host, protocol }) => ({
    targetPort: container,
    publishedPort: host,
    protocol,
    publishMode: 'host',
  }));
}

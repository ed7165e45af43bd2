import type { ServiceConfig } from '@cdktf/provider-docker/lib/service';
import { unsupported } from '../../errors';
import { bindAddress } from '../../platform/ports';
import type { PortSpec } from '../../platform/spec';

type Ports = Exclude<NonNullable<ServiceConfig['endpointSpec']>['ports'], undefined>;

/**
 * A Swarm publishes on every address of a node, or not at all.
 * @throws TradingStackError for a port on one address that is not optional
 */
export function publishedPorts(ports: readonly PortSpec[], path: string): PortSpec[] {
  const published = ports.filter(({ scope, optional }) => scope === 'all' || !optional);
  const port = published.find(({ scope }) => scope !== 'all');
  if (port === undefined) return published;
  throw unsupported(
    path,
    'swarm',
    `publishing ${port.host} on ${bindAddress(port)} only`,
    'A service is published on every address of its node: use PublishedPort.allInterfaces, remove the port, or set ' +
      '`optional: true` on it to publish it on Engine.docker() only',
  );
}

/** On the node of the task: without a virtual address there is no routing mesh to publish on. */
export function renderPorts(ports: readonly PortSpec[], path: string): Ports {
  return publishedPorts(ports, path).map(({ container, host, protocol }) => ({
    targetPort: container,
    publishedPort: host,
    protocol,
    publishMode: 'host',
  }));
}

import { Container } from '@cdktf/provider-docker/lib/container';
import type { Construct } from 'constructs';
import type { WorkloadSpec } from '../spec';
import { renderContainer } from './render-container';

/** Creates the `docker_container` of a workload. */
export function createContainer(scope: Construct, id: string, spec: WorkloadSpec): Container {
  const container = new Container(scope, id, renderContainer(spec));
  if (spec.resources.memoryReservationBytes !== null) {
    // Came to the provider after its typed bindings were made.
    container.addOverride('memory_reservation', spec.resources.memoryReservationBytes / 1024 ** 2);
  }
  return container;
}

import { Container } from '@cdktf/provider-docker/lib/container';
import type { Construct } from 'constructs';
import type { EngineDefaults } from '../../platform/container-engine';
import { terraformId } from '../../platform/reference';
import type { WorkloadSpec } from '../../platform/spec';
import { renderContainer } from './render-container';

/** What every container can have. Files are copied into it, which a read-only root refuses. */
export const CONTAINER_DEFAULTS: EngineDefaults = {
  init: true,
  noNewPrivileges: true,
  readOnlyRootWithFiles: false,
  updates: false,
  waitsUnprobed: false,
  stopsUnhealthy: false,
};

/** Creates the `docker_container` of a workload. */
export function createContainer(scope: Construct, id: string, spec: WorkloadSpec): Container {
  const container = new Container(scope, id, renderContainer(spec));
  container.overrideLogicalId(terraformId(spec.name));
  if (spec.resources.memoryReservationBytes !== null) {
    // Came to the provider after its typed bindings were made.
    container.addOverride('memory_reservation', spec.resources.memoryReservationBytes / 1024 ** 2);
  }
  return container;
}

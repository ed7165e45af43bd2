import type { NetworkConfig } from '@cdktf/provider-docker/lib/network';
import type { NetworkSpec } from '../platform/spec';
import { literal, sortedEntries } from '../platform/terraform-text';

/** The `docker_network` of a stack, on the driver of the engine. */
export function renderNetwork(
  spec: NetworkSpec,
  driver: { readonly driver: 'bridge' | 'overlay'; readonly attachable?: boolean },
): NetworkConfig {
  return {
    name: spec.name,
    ...driver,
    ...(spec.internal && { internal: true }),
    // A subnet without its gateway is read back with one, and every plan would replace the network.
    ...(spec.addresses && { ipamConfig: [{ subnet: spec.addresses.subnet, gateway: spec.addresses.gateway }] }),
    labels: sortedEntries(spec.labels).map(([label, value]) => ({ label, value: literal(value) })),
  };
}

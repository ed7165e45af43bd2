import type { ContainerConfig } from '@cdktf/provider-docker/lib/container';
import { literal, literals } from '../../platform/terraform';
import type { NamespacesSpec, SecuritySpec } from '../../platform/spec';

/** What a container may do. */
export function renderSecurity(security: SecuritySpec, { pid, ipc }: NamespacesSpec): Partial<ContainerConfig> {
  const labels = [security.privileged, pid === 'host', ipc === 'host'];
  const options = [
    ...(security.noNewPrivileges ? ['no-new-privileges:true'] : []),
    // The engine adds it by itself, which would be a difference in every plan.
    ...(labels.includes(true) && !security.options.some((option) => /^label[=:]/.test(option))
      ? ['label=disable']
      : []),
    ...literals(security.options),
  ];
  const add = security.addCapabilities.map(capability);
  const drop = security.dropCapabilities.map(capability);
  return {
    ...(security.privileged && { privileged: true }),
    ...(options.length > 0 && { securityOpts: options }),
    ...(add.length + drop.length > 0 && { capabilities: { add, drop } }),
  };
}

/** The provider's client adds the prefix on creation; without it every plan replaces the container. */
function capability(name: string): string {
  return name === 'ALL' || name.startsWith('CAP_') ? literal(name) : `CAP_${literal(name)}`;
}

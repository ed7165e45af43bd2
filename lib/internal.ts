// What the command line uses of the library besides its public names. Not part of the package's contract.
export { renderConstraint } from './engines/swarm/placement';
export { rolloutTime } from './engines/swarm/updates';
export type { ClusterSpec } from './platform/container-engine';
export { shownPath } from './platform/naming';
export type { RegisteredWorkload } from './platform/platform';
export { addressesOverlap, bindAddress, isEveryAddress } from './platform/ports';
export type { PlacementConstraint, PortSpec, VolumeMountSpec, WorkloadSpec } from './platform/spec';
export { STACK_LABEL } from './trading-stack';
export { publishedPortCode } from './workload/policies/published-port';
export { readSecretFile, secretsUnder } from './workload/secrets/secret-files';
export { collectErrors } from './errors';

// Parts of the library that the command line uses in addition to the public ones. Not part of the package's contract.
export { RERUN_ADVICE } from './engines/docker/render-container';
export { renderConstraint } from './engines/swarm/placement';
export { rolloutTime } from './engines/swarm/updates';
export type { ClusterSpec } from './platform/container-engine';
export { shownPath } from './platform/naming';
export type { RegisteredWorkload } from './platform/platform';
export { addressesOverlap, bindAddress, isEveryAddress } from './platform/ports';
export type { PlacementConstraint, PortSpec, VolumeMountSpec, WorkloadSpec } from './platform/spec';
export { STACK_LABEL } from './trading-stack';
export { readSecretFile, secretsUnder } from './workload/secrets/secret-files';
export { collectErrors } from './errors';

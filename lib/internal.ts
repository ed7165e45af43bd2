// What the command line uses of the library besides its public names. Not part of the package's contract.
export { renderConstraint } from './engines/swarm/placement';
export { shownPath } from './platform/naming';
export { addressesOverlap, bindAddress, isEveryAddress } from './platform/ports';
export type { PlacementConstraint, PortSpec, WorkloadSpec } from './platform/spec';

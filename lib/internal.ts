// Parts of the library that the command line uses in addition to the public ones. Not part of the package's contract.
export { isOlderEngine, OLDEST_ENGINE_VERSION } from './engines/docker/engine-version';
export { contentNameOf } from './engines/swarm/objects';
export { renderConstraint } from './engines/swarm/placement';
export { HOST_CONTEXT } from './engines/host';
export { rolloutTime } from './engines/swarm/updates';
export { collectErrors, sentencesOf } from './errors';
export type { ClusterSpec } from './platform/container-engine';
export {
  CONFIGURATION_LABEL,
  LABEL_PREFIX,
  previousName,
  SECRETS_LABEL,
  shownPath,
  STACK_LABEL,
} from './platform/naming';
export type { RegisteredWorkload } from './platform/platform';
export { addressesOverlap, bindAddress, isEveryAddress } from './platform/ports';
export { SECRETS_PATH } from './platform/secret-store';
export type { PlacementConstraint, PortSpec, VolumeMountSpec, WorkloadSpec } from './platform/spec';
export { withoutContentTag } from './workload/images/image';
export { publishedPortCode } from './workload/policies/published-port';
export { PASSWORD_IN_URL } from './workload/secrets/leak-guards';
export { readSecretFile, secretsUnder } from './workload/secrets/secret-files';

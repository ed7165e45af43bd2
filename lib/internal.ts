// Parts of the library that the command line uses in addition to the public ones. Not part of the package's contract.
export { isOlderEngine, OLDEST_ENGINE_VERSION } from './engines/docker/engine-version';
export { contentNameOf } from './engines/swarm/objects';
export { NO_CACHE_VARIABLE } from './engines/docker-resources';
export { renderConstraint } from './engines/swarm/placement';
export { DOCKER_HUB_IN_PROVIDER, isDockerHub, registryHost } from './engines/registries';
export { rolloutTime } from './engines/swarm/updates';
export { collectErrors, sentencesOf } from './errors';
export type { ClusterSpec } from './platform/container-engine';
export {
  CARRIER_LABEL,
  CONFIGURATION_LABEL,
  LABEL_PREFIX,
  previousName,
  SECRETS_FOLDER_LABEL,
  SECRETS_LABEL,
  SERVICE_LABEL,
  serviceIdOf,
  shownPath,
  STACK_LABEL,
} from './platform/naming';
export { WATCHDOG } from './monitoring/alertmanager/metrics';
export type { RegisteredImage } from './platform/images/image-registry';
export { HOST_CONTEXT, type RegisteredWorkload } from './platform/platform';
export { backupOf, pathFromWorkingDirectory, pathInExpression } from './platform/project';
export { unescaped } from './platform/terraform';
export {
  addressesOverlap,
  bindAddress,
  isEveryAddress,
  isLoopback,
  onHost,
  publishedAt,
  publishedPortCode,
} from './platform/ports';
export { carrierName, isCarrierName, recordedVersion } from './platform/secrets/secret-carrier';
export {
  parseDeliveries,
  parseVersions,
  type SecretHandle,
  SECRETS_PATH,
  type SecretVersions,
  withDeliveries,
} from './platform/secrets/secret-store';
export { withoutRestart } from './engines/docker/restart-when-unhealthy';
export { DELIVERY_VARIABLE, isRemoteHost } from './engines/provider';
export { annotatedBy, groupWarnings, linesOf, type Warning, warningAbout, warningsUnder } from './platform/warnings';
export { networkNames, replacedCheck, userOf } from './platform/spec';
export type { HealthCheckSpec } from './platform/health-check-spec';
export type { PlacementConstraint, PortSpec, VolumeMountSpec, WorkloadSpec } from './platform/spec';
export { describeProbe } from './workload/health/probes';
export { defaultStartTimeout } from './workload/health/timing';
export { withoutContentTag, withoutTag } from './platform/images/image-spec';
export { parseImageName, registryOf } from './workload/images/image-name';
export { checkReplicas } from './workload/policies/replicas';
export { runsAsRoot } from './workload/policies/isolation';
export { hashOfMounted, providedByHost } from './workload/storage/bind-mount';
export { isWithin } from './workload/storage/mounts';
export { isSecretVariable } from './workload/secrets/plain-secrets';
export {
  announceRotation,
  createSecretFolder,
  randomText,
  readSecretFile,
  secretsUnder,
  withDerived,
  writeRotatedSecret,
} from './workload/secrets/secret-files';
export { naming, replaceFile } from './workload/secrets/replaced-file';
export { binary, shortagesOf, type Totals, totalsOf } from './reports/capacity';
export { reportOf } from './reports/report';

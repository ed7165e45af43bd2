import { invalidValue, unsupported } from '../../errors';
import { isProbed, replacedCheck, type WorkloadSpec } from '../../platform/spec';

/** What {@link DockerEngineOptions.engineVersion} is by default: the first engine with a start interval. */
const DEFAULT_VERSION = '25.0';

/** The oldest engine that the library supports. */
export const OLDEST_ENGINE_VERSION = '20.10';

/** The first engine that probes more often while a container starts. */
const FIRST_WITH_START_INTERVAL = '25.0';

/** Time between two probes of a container that starts. */
const START_INTERVAL_MILLISECONDS = 500;

/** @throws TradingStackError `invalid-value` unless it is a version of Docker Engine that the library supports */
export function checkEngineVersion(version: string | undefined, where: string): string {
  if (version === undefined) return DEFAULT_VERSION;
  if (/^[0-9]+\.[0-9]+(\.[0-9]+)?$/.test(version) && !isOlderEngine(version, OLDEST_ENGINE_VERSION)) return version;
  const allowed = `a version of Docker Engine from ${OLDEST_ENGINE_VERSION} on, as \`docker version\` prints it: '28.5'`;
  throw invalidValue(where, 'engineVersion', version, allowed);
}

/**
 * The workload with the default of the engine for the time between probes while it starts.
 * @throws TradingStackError `unsupported-by-engine` if it sets that time and the engine is older than the option
 */
export function forEngineVersion(spec: WorkloadSpec, engineVersion: string): WorkloadSpec {
  const { path } = spec;
  const healthCheck = replacedCheck(spec.healthCheck);
  if (healthCheck === null || !isProbed(healthCheck)) return spec;
  const { intervalMilliseconds, startIntervalMilliseconds } = healthCheck;
  if (isOlderEngine(engineVersion, FIRST_WITH_START_INTERVAL)) {
    if (startIntervalMilliseconds === null) return spec;
    throw unsupported(
      path,
      `docker ${engineVersion}`,
      'a start interval of the health check',
      `Remove startInterval, or set engineVersion: '${FIRST_WITH_START_INTERVAL}' if the engine is that new`,
    );
  }
  const byDefault = Math.min(START_INTERVAL_MILLISECONDS, intervalMilliseconds);
  return {
    ...spec,
    healthCheck: { ...healthCheck, startIntervalMilliseconds: startIntervalMilliseconds ?? byDefault },
  };
}

/**
 * Whether a Docker Engine is older than a version; `false` for one that is no version, such as that of a development
 * build. Not with semver, which does not read `19.03`.
 */
export function isOlderEngine(version: string, other: string): boolean {
  const [ours, others] = [numbersOf(version), numbersOf(other)];
  if (ours === undefined || others === undefined) return false;
  return ours.major < others.major || (ours.major === others.major && ours.minor < others.minor);
}

/** The part of a version that options depend on; distributions append their own part to it. */
function numbersOf(version: string): { readonly major: number; readonly minor: number } | undefined {
  const [, major, minor] = /^([0-9]+)\.([0-9]+)/.exec(version) ?? [];
  return major === undefined || minor === undefined ? undefined : { major: Number(major), minor: Number(minor) };
}

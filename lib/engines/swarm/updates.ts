import type { ServiceConfig } from '@cdktf/provider-docker/lib/service';
import { shortDuration } from '../rendering';
import type { UpdateSpec, WorkloadSpec } from '../../platform/spec';

/** The old version is known to work, so a rollback does not wait between replicas, and pauses if even that fails. */
export function renderUpdates(updates: UpdateSpec | null): Pick<ServiceConfig, 'updateConfig' | 'rollbackConfig'> {
  if (updates === null) return {};
  const { order, parallelism, delayMilliseconds, onFailure, monitorMilliseconds } = updates;
  // The only format of the ratio that the provider reads back unchanged.
  const always = { order, parallelism, maxFailureRatio: '0.0' };
  return {
    updateConfig: {
      ...always,
      delay: shortDuration(delayMilliseconds),
      failureAction: onFailure,
      monitor: shortDuration(monitorMilliseconds),
    },
    rollbackConfig: { ...always, delay: '0s', failureAction: 'pause', monitor: '5s' },
  };
}

/**
 * Time that a rollout may take, in milliseconds. Replicas of a new service start at once; an update replaces them in
 * rounds, each before or after the old ones have stopped.
 */
export function rolloutTime(
  spec: Pick<WorkloadSpec, 'replicas' | 'updates' | 'stopGracePeriodSeconds'>,
  startTimeoutSeconds: number,
): number {
  const { replicas, updates, stopGracePeriodSeconds } = spec;
  const { order, parallelism, delayMilliseconds } = updates ?? {
    order: 'stop-first',
    parallelism: replicas,
    delayMilliseconds: 0,
  };
  const rounds = Math.ceil(replicas / parallelism);
  const seconds = startTimeoutSeconds + (order === 'stop-first' ? stopGracePeriodSeconds : 0);
  return rounds * seconds * 1000 + (rounds - 1) * delayMilliseconds;
}

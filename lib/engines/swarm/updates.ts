import type { ServiceConfig } from '@cdktf/provider-docker/lib/service';
import { shortDuration } from '../rendering';
import type { UpdateSpec, WorkloadSpec } from '../../platform/spec';

/** What ran before is known to work, so going back waits for nothing and stops where even that fails. */
export function renderUpdates(updates: UpdateSpec | null): Pick<ServiceConfig, 'updateConfig' | 'rollbackConfig'> {
  if (updates === null) return {};
  const { order, parallelism, delayMilliseconds, onFailure, monitorMilliseconds } = updates;
  // The only spelling of the ratio that the provider reads back as it was written.
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
 * Replicas start at once when a service is new, and one after another when it is updated, each when the old one has
 * stopped or before; in milliseconds.
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

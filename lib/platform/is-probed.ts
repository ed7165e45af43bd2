import type { HealthCheckSpec } from './spec';

/** Whether the engine asks the program for its health: there is a check, and it is not the one that turns it off. */
export function isProbed(healthCheck: HealthCheckSpec | null): boolean {
  return healthCheck !== null && healthCheck.test[0] !== 'NONE';
}

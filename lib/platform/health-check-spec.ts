/** How the engine checks that a workload is ready; times in milliseconds. */
export interface HealthCheckSpec {
  readonly probe: HealthProbe;
  /** Docker's form: `['CMD', …]`, `['CMD-SHELL', line]`, or `['NONE']`; empty for that of the image. */
  readonly test: readonly string[];
  readonly intervalMilliseconds: number;
  readonly timeoutMilliseconds: number;
  readonly retries: number;
  readonly startPeriodMilliseconds: number;
  /** `null` for the engine's default. */
  readonly startIntervalMilliseconds: number | null;
}

/** What a health check asks of the program; `image` leaves that to the image, `none` turns off its check, too. */
export type HealthProbe =
  | { readonly kind: 'http'; readonly host: string; readonly port: number; readonly path: string }
  | { readonly kind: 'tcp'; readonly port: number }
  | { readonly kind: 'command' }
  | { readonly kind: 'heartbeat'; readonly path: string; readonly maximumAgeSeconds: number }
  | { readonly kind: 'image' }
  | { readonly kind: 'none' };

/** The health check that replaces that of the image; `null` if the image keeps its own. */
export function replacedCheck(healthCheck: HealthCheckSpec | null): HealthCheckSpec | null {
  return healthCheck?.probe.kind === 'image' ? null : healthCheck;
}

/** Whether the engine asks the program for its health. */
export function isProbed(healthCheck: HealthCheckSpec | null): boolean {
  return healthCheck !== null && healthCheck.probe.kind !== 'none';
}

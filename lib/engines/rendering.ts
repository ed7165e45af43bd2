/**
 * A duration as Go's `Duration.String()` formats it: `30s`, `1m0s`, `1h30m0s`, `500ms`. The provider compares the probe
 * times of a container as strings, so another format (`60s`) is a difference in every plan.
 */
export function goDuration(milliseconds: number): string {
  if (milliseconds === 0) return '0s';
  if (milliseconds < 1000) return `${milliseconds}ms`;
  const hours = Math.floor(milliseconds / 3_600_000);
  const minutes = Math.floor((milliseconds % 3_600_000) / 60_000);
  const seconds = (milliseconds % 60_000) / 1000;
  if (hours > 0) return `${hours}h${minutes}m${seconds}s`;
  return minutes > 0 ? `${minutes}m${seconds}s` : `${seconds}s`;
}

/** The same without trailing zeros, `1m`, `1h`, as the provider reads the times of a service back. */
export function shortDuration(milliseconds: number): string {
  return goDuration(milliseconds).replace(/m0s$/, 'm').replace(/h0m$/, 'h');
}

/** Accepts only an empty rest of a spec: a renderer that forgets a field does not compile. */
export function nothingLeft(_rest: Record<string, never>): void {
  // The check is the parameter's type.
}

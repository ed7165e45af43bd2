/**
 * Accepts only what is left of a spec when every field was handled: a field that a renderer forgets does not compile.
 */
export function nothingLeft(_rest: Record<string, never>): void {
  // The check is the parameter's type.
}

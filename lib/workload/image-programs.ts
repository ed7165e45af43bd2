/** Programs that health checks may run and that published images are known to lack. */
const KNOWN_TO_LACK: readonly { readonly image: RegExp; readonly programs: readonly string[] }[] = [
  { image: /(^|\/)scratch$|distroless/, programs: ['sh', 'bash', 'curl', 'wget', 'nc', 'python3', 'node'] },
  { image: /(^|\/)redis_exporter:(?!.*alpine)/, programs: ['sh', 'bash', 'curl', 'wget', 'nc', 'python3', 'node'] },
  { image: /(^|\/)python:.*slim/, programs: ['curl', 'wget', 'nc', 'node'] },
  { image: /(^|\/)python:.*alpine/, programs: ['bash', 'curl', 'node'] },
  { image: /(^|\/)node:.*slim/, programs: ['curl', 'wget', 'nc', 'python3'] },
  { image: /(^|\/)node:.*alpine/, programs: ['bash', 'curl', 'python3'] },
  { image: /(^|\/)(debian|ubuntu):/, programs: ['curl', 'wget', 'nc', 'python3', 'node'] },
  { image: /(^|\/)alpine:/, programs: ['bash', 'curl', 'python3', 'node'] },
  { image: /(^|\/)(postgres|redis):(?!.*alpine)/, programs: ['curl', 'wget', 'nc', 'python3', 'node'] },
  { image: /(^|\/)redis:.*alpine/, programs: ['bash', 'curl', 'python3', 'node'] },
  { image: /(^|\/)postgres:.*alpine/, programs: ['curl', 'python3', 'node'] },
  { image: /(^|\/)nginx(-unprivileged)?:.*alpine-slim/, programs: ['bash', 'curl', 'python3', 'node'] },
  { image: /(^|\/)(prometheus|alertmanager):/, programs: ['bash', 'curl', 'python3', 'node'] },
];

/** Whether an image of that name is known not to have the program. */
export function isKnownToLack(image: string, program: string): boolean {
  const known = KNOWN_TO_LACK.find((entry) => entry.image.test(image));
  return known?.programs.includes(program) ?? false;
}

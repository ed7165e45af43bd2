/** Clients of servers: an image that is not a server's own has them only if somebody installed them. */
const CLIENTS = ['psql', 'pg_isready', 'redis-cli'];
const EVERYTHING = ['sh', 'bash', 'curl', 'wget', 'nc', 'python3', 'node', ...CLIENTS];

/** Programs that health checks may run and that published images are known to lack. */
const KNOWN_TO_LACK: readonly { readonly image: RegExp; readonly programs: readonly string[] }[] = [
  { image: /distroless\/(python3|nodejs)/, programs: ['sh', 'bash', 'curl', 'wget', 'nc', ...CLIENTS] },
  { image: /(^|\/)scratch$|distroless/, programs: EVERYTHING },
  { image: /(^|\/)redis_exporter:(?!.*alpine)/, programs: EVERYTHING },
  { image: /(^|\/)python:.*slim/, programs: ['curl', 'wget', 'nc', 'node', ...CLIENTS] },
  { image: /(^|\/)python:.*alpine/, programs: ['bash', 'curl', 'node', ...CLIENTS] },
  { image: /(^|\/)node:.*slim/, programs: ['curl', 'wget', 'nc', 'python3', ...CLIENTS] },
  { image: /(^|\/)node:.*alpine/, programs: ['bash', 'curl', 'python3', ...CLIENTS] },
  { image: /(^|\/)(debian|ubuntu):/, programs: ['curl', 'wget', 'nc', 'python3', 'node', ...CLIENTS] },
  { image: /(^|\/)alpine:/, programs: ['bash', 'curl', 'python3', 'node', ...CLIENTS] },
  { image: /(^|\/)(postgres|redis):(?!.*alpine)/, programs: ['curl', 'wget', 'nc', 'python3', 'node'] },
  { image: /(^|\/)redis:.*alpine/, programs: ['bash', 'curl', 'python3', 'node', 'psql', 'pg_isready'] },
  { image: /(^|\/)postgres:.*alpine/, programs: ['curl', 'python3', 'node', 'redis-cli'] },
  { image: /(^|\/)nginx(-unprivileged)?:.*alpine-slim/, programs: ['bash', 'curl', 'python3', 'node', ...CLIENTS] },
  { image: /(^|\/)(prometheus|alertmanager):/, programs: ['bash', 'curl', 'python3', 'node', ...CLIENTS] },
];

/** Whether an image of that name is known not to have the program. */
export function isKnownToLack(image: string, program: string): boolean {
  const known = KNOWN_TO_LACK.find((entry) => entry.image.test(image));
  return known?.programs.includes(program) ?? false;
}

/**
 * Programs that a line for a shell starts, as far as they are known here, in groups of which one has to be there: each
 * of them, or any where the line has another way (`curl … || wget …`). What stands in quotes is not looked into, but for
 * `$(…)`: refusing a line that works would be worse than taking one that does not.
 */
export function programsStartedBy(line: string): string[][] {
  const bare = line.replace(/'[^']*'/g, "''").replace(/"[^"]*"/g, (text) => (text.includes('$(') ? text : '""'));
  const started = bare.split(/\$\(|[;&|(\n]+/).flatMap((command) => {
    const words = command.trim().split(/\s+/);
    const program = words.find((word) => !BEFORE_A_PROGRAM.test(word));
    return program !== undefined && KNOWN_PROGRAMS.has(program) ? [program] : [];
  });
  const programs = [...new Set(started)];
  const hasOtherWay = /\|\||(^|[\s;])if\s/.test(bare);
  return hasOtherWay && programs.length > 0 ? [programs] : programs.map((program) => [program]);
}

const KNOWN_PROGRAMS: ReadonlySet<string> = new Set(EVERYTHING);
/** Words of the shell, and variables for one command. */
const BEFORE_A_PROGRAM = /^(if|then|elif|else|while|until|do|exec|time|!|\{|[A-Za-z_][A-Za-z0-9_]*=\S*)$/;

/**
 * Release lines of images with the day their support ends.
 * Sources, read on 2026-08-22: endoflife.date; the official image lists of postgres, redis, rabbitmq, python and node.
 */
const SUPPORT_ENDS: readonly { readonly image: RegExp; readonly day: string }[] = [
  { image: /(^|\/)postgres:(9|10|11|12)(\D|$)/, day: '2024-11-21' },
  { image: /(^|\/)postgres:13(\D|$)/, day: '2025-11-13' },
  { image: /(^|\/)postgres:14(\D|$)/, day: '2026-11-12' },
  { image: /(^|\/)postgres:15(\D|$)/, day: '2027-11-11' },
  { image: /(^|\/)postgres:16(\D|$)/, day: '2028-11-09' },
  { image: /(^|\/)postgres:17(\D|$)/, day: '2029-11-08' },
  { image: /(^|\/)postgres:18(\D|$)/, day: '2030-11-14' },
  { image: /(^|\/)redis:[3-6](\D|$)/, day: '2025-02-28' },
  { image: /(^|\/)redis:8\.0(\D|$)/, day: '2026-12-01' },
  { image: /(^|\/)redis:7\.4(\D|$)/, day: '2029-12-01' },
  { image: /(^|\/)redis:8\.2(\D|$)/, day: '2030-09-01' },
  { image: /(^|\/)rabbitmq:3(\D|$)/, day: '2025-07-31' },
  { image: /(^|\/)rabbitmq:4\.2(\D|$)/, day: '2026-07-31' },
  { image: /(^|\/)python:(2|3\.[0-8])(\D|$)/, day: '2024-10-07' },
  { image: /(^|\/)python:3\.9(\D|$)/, day: '2025-10-31' },
  { image: /(^|\/)node:(\d|1\d)(\D|$)/, day: '2025-04-30' },
  { image: /(^|\/)node:20(\D|$)/, day: '2026-04-30' },
  { image: /(^|\/)node:22(\D|$)/, day: '2027-04-30' },
  { image: /(^|\/)grafana:12\.4(\D|$)/, day: '2027-05-24' },
  { image: /(^|\/)prometheus:v3\.13(\D|$)/, day: '2027-07-31' },
];

/** The day on which support of the image's release line ends (`2026-11-12`), if it is known. */
export function endOfLife(image: string): string | undefined {
  return SUPPORT_ENDS.find((line) => line.image.test(image))?.day;
}

/** Images of languages and systems, which programs are built on, with their entry points as of 2026-11-30. */
const ENTRYPOINTS: readonly { readonly image: RegExp; readonly entrypoint: readonly string[] }[] = [
  {
    image:
      /^((docker\.io\/)?(library\/)?(alpine|amazoncorretto|buildpack-deps|debian|golang|openjdk|python|ruby|rust|ubuntu)([:@]|$)|scratch$)/,
    entrypoint: [],
  },
  { image: /^(docker\.io\/)?(library\/)?node([:@]|$)/, entrypoint: ['docker-entrypoint.sh'] },
  { image: /^(docker\.io\/)?(library\/)?php([:@]|$)/, entrypoint: ['docker-php-entrypoint'] },
];

/** The entry point of an image that programs are built on; `undefined` if it is not known. */
export function knownEntrypoint(image: string): readonly string[] | undefined {
  return ENTRYPOINTS.find((known) => known.image.test(image))?.entrypoint;
}

/** Clients of servers, which other images only contain if they were installed. */
const CLIENTS = ['psql', 'pg_isready', 'redis-cli'];
const EVERYTHING = ['sh', 'bash', 'curl', 'wget', 'nc', 'python3', 'node', ...CLIENTS];

/** Programs that health checks may run and that published images lack, as of 2026-11-21. The first match counts. */
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

/** Whether the program is one whose absence can be known. */
export function isKnownProgram(program: string): boolean {
  return EVERYTHING.includes(program);
}

import { entryFor, nameInRegistry } from './image-name';

/** Clients of servers, which other images only contain if they were installed. */
const CLIENTS = ['psql', 'pg_isready', 'redis-cli'];
const EVERYTHING = ['sh', 'bash', 'curl', 'wget', 'nc', 'python3', 'node', ...CLIENTS];

interface MissingPrograms {
  /** Repositories, as in `KnownImage`. */
  readonly repositories: readonly string[];
  /** The first entry of a repository whose tags match counts. */
  readonly tags: RegExp;
  readonly programs: readonly string[];
}

const ANY = /./;
const ALPINE = /alpine/;
const NOT_ALPINE = /^(?!.*alpine)./;

/** Programs that health checks may run and that published images lack, as of 2026-11-21. */
const KNOWN_TO_LACK: readonly MissingPrograms[] = [
  { repositories: ['oliver006/redis_exporter'], tags: NOT_ALPINE, programs: EVERYTHING },
  // On distroless since this version.
  { repositories: ['victoriametrics/victoria-logs'], tags: /^v1\.(5[2-9]|[6-9]\d|\d{3})\./, programs: EVERYTHING },
  { repositories: ['python'], tags: /slim/, programs: ['curl', 'wget', 'nc', 'node', ...CLIENTS] },
  { repositories: ['python'], tags: ALPINE, programs: ['bash', 'curl', 'node', ...CLIENTS] },
  { repositories: ['node'], tags: /slim/, programs: ['curl', 'wget', 'nc', 'python3', ...CLIENTS] },
  { repositories: ['node'], tags: ALPINE, programs: ['bash', 'curl', 'python3', ...CLIENTS] },
  { repositories: ['debian', 'ubuntu'], tags: ANY, programs: ['curl', 'wget', 'nc', 'python3', 'node', ...CLIENTS] },
  { repositories: ['alpine'], tags: ANY, programs: ['bash', 'curl', 'python3', 'node', ...CLIENTS] },
  { repositories: ['postgres', 'redis'], tags: NOT_ALPINE, programs: ['curl', 'wget', 'nc', 'python3', 'node'] },
  { repositories: ['redis'], tags: ALPINE, programs: ['bash', 'curl', 'python3', 'node', 'psql', 'pg_isready'] },
  { repositories: ['postgres'], tags: ALPINE, programs: ['curl', 'python3', 'node', 'redis-cli'] },
  {
    repositories: ['nginx', 'nginxinc/nginx-unprivileged'],
    tags: /alpine-slim/,
    programs: ['bash', 'curl', 'python3', 'node', ...CLIENTS],
  },
  {
    repositories: ['prometheus', 'alertmanager'].flatMap((name) => [`prom/${name}`, `prometheus/${name}`]),
    tags: ANY,
    programs: ['bash', 'curl', 'python3', 'node', ...CLIENTS],
  },
];

/** Whether an image of that name is known not to have the program. */
export function isKnownToLack(image: string, program: string): boolean {
  return missingIn(image).includes(program);
}

function missingIn(image: string): readonly string[] {
  const { path } = nameInRegistry(image);
  if (path === 'scratch') return EVERYTHING;
  const distroless = /(?:^|\/)distroless\/(python3|node)?/.exec(path);
  if (distroless !== null) return EVERYTHING.filter((program) => program !== distroless[1]);
  return entryFor(KNOWN_TO_LACK, image)?.programs ?? [];
}

/** Whether the program is one whose absence can be known. */
export function isKnownProgram(program: string): boolean {
  return EVERYTHING.includes(program);
}

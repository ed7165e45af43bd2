import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';

const FILE = resolve(__dirname, 'runs.json');

/** The versions that ran together. */
export interface Combination {
  /** Name and version: `Terraform 1.11.4`. */
  readonly program: string;
  /** Version of the Docker provider. */
  readonly provider: string;
  /** Version of Docker Engine. */
  readonly engine: string;
  readonly mode: 'container' | 'Swarm';
  readonly connection: 'local' | 'ssh' | 'tcp';
  /** Oldest version of its API that the engine accepts. */
  readonly minimumApi: string;
}

/** A run of the scenario. */
export interface Result extends Combination {
  /** Day of the run: `2026-11-29`. */
  readonly date: string;
  /** The step that failed; `null` if all passed. */
  readonly failedAt: string | null;
}

/** The last result of every combination that ever ran. */
export function readResults(): Result[] {
  return existsSync(FILE) ? (JSON.parse(readFileSync(FILE, 'utf8')) as Result[]) : [];
}

/** Adds a result, or replaces that of the same combination. */
export function writeResult(result: Result): void {
  const others = readResults().filter((one) => keyOf(one) !== keyOf(result));
  const all = [...others, result].sort((one, other) => keyOf(one).localeCompare(keyOf(other), 'en', { numeric: true }));
  writeFileSync(FILE, `${JSON.stringify(all, null, 2)}\n`);
}

function keyOf({ engine, minimumApi, mode, connection, provider, program }: Combination): string {
  return [engine, minimumApi, mode, connection, provider, program].join(' / ');
}

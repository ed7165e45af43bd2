import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** What became of one test. */
export interface TestResult {
  /** The titles of its groups and its own, separated by ` › `. */
  readonly name: string;
  readonly passed: boolean;
}

/** The results of one file of tests. */
interface FileResults {
  /** Path in the project. */
  readonly file: string;
  /** Hash of the sources that were tested. */
  readonly sources: string;
  readonly tests: readonly TestResult[];
}

/** Separates the titles of a test and its groups. */
export const TITLE_SEPARATOR = ' › ';

const ROOT = resolve(__dirname, '../..');
/** Where runs write their results; git ignores it. */
const FOLDER = join(ROOT, 'test-results');
/** What tests with containers depend on. */
const SOURCES = ['lib', 'bin', 'examples', 'test/e2e'];
const GENERATED = new Set(['node_modules', 'dist', 'cdktf.out', '.secrets']);
/** Of the sources as they are when a run starts. */
const HASH = hashOfSources();

/** Keeps the results of one file of tests for `npm run conformance -- --results test-results`. */
export function writeResults(file: string, tests: readonly TestResult[]): void {
  const results: FileResults = { file, sources: HASH, tests };
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(join(FOLDER, `${file.replaceAll('/', '__')}.json`), `${JSON.stringify(results, null, 2)}\n`);
}

/** The results in a folder, by file. Those of other sources than the present ones are left out: they prove nothing. */
export function readResults(folder: string): ReadonlyMap<string, readonly TestResult[]> {
  const results = readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as FileResults)
    .filter((one) => one.sources === HASH);
  return new Map(results.map(({ file, tests }) => [file, tests]));
}

function hashOfSources(): string {
  const hash = createHash('sha256');
  for (const file of SOURCES.flatMap((folder) => filesIn(folder))) {
    hash.update(`${file}\n`).update(readFileSync(join(ROOT, file)));
  }
  return hash.digest('hex');
}

/** All files below a folder but documents, in a fixed order. */
function filesIn(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true })
    .filter(({ name }) => !GENERATED.has(name) && !name.endsWith('.md'))
    .sort((one, other) => (one.name < other.name ? -1 : 1))
    .flatMap((entry) => {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) return filesIn(path);
      return entry.isFile() ? [path] : [];
    });
}

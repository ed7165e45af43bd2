/**
 * How much longer a synthesis takes with this library than with the same resources written by hand.
 *
 *     npm run bench [-- --json] [-- --rounds=9]
 *
 * Every measurement is a process of its own, as every synthesis of a user is, and the two ways take turns. What counts
 * is the time on the processor, which other programs on the machine disturb less than the time on the clock. Ends with
 * 1 if the library takes more than the target allows.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { App } from 'cdktf';
import { createMt5Stack } from '../../examples/mt5/stack';
import { HASH } from './hand-written';
import { createHandWrittenMt5Stack } from './hand-written-mt5';
import { createManyContainers, createManyServices } from './many-services';

const TARGET = 1.15;
const ROUNDS = 7;

interface Case {
  readonly name: string;
  readonly stack: string;
  readonly ours: (app: App) => void;
  /** @param files folder with the files that the library generates and a person would write */
  readonly byHand: (app: App, files: string) => void;
}

const CASES: readonly Case[] = [
  { name: 'MT5', stack: 'mt5', ours: createMt5Stack, byHand: createHandWrittenMt5Stack },
  ...[100, 1000].map((amount) => ({
    name: `${amount} services`,
    stack: 'desk',
    ours: (app: App): void => {
      createManyServices(app, amount);
    },
    byHand: (app: App): void => {
      createManyContainers(app, amount);
    },
  })),
];

type Way = 'ours' | 'byHand';

interface Result {
  readonly name: string;
  readonly oursMs: number;
  readonly byHandMs: number;
  readonly ratio: number;
}

/** Milliseconds of processor time from an empty app to the written output. */
function measure(one: Case, way: Way, files: string): number {
  return inTemporaryFolder((outdir) => {
    const start = process.cpuUsage();
    synthesize(one, way, outdir, files);
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1000;
  });
}

/** What a way writes. */
function synthesize(one: Case, way: Way, outdir: string, files: string): string {
  const app = new App({ outdir });
  if (way === 'ours') one.ours(app);
  else one.byHand(app, files);
  app.synth();
  return join(outdir, 'stacks', one.stack, 'cdk.tf.json');
}

/** Writes the files that the library generates where the other way reads them. */
function writeGeneratedFiles(one: Case, files: string): void {
  inTemporaryFolder((outdir) => {
    const terraform = JSON.parse(readFileSync(synthesize(one, 'ours', outdir, files), 'utf8')) as WithUploads;
    for (const { upload = [] } of Object.values(terraform.resource.docker_container)) {
      for (const { file, content } of upload) writeFileSync(join(files, basename(file)), content);
    }
  });
}

interface WithUploads {
  readonly resource: {
    readonly docker_container: Readonly<
      Record<string, { readonly upload?: readonly { readonly file: string; readonly content: string }[] }>
    >;
  };
}

/** @throws if the two ways do not write the same Terraform */
function checkSameOutput(one: Case, files: string): void {
  const [ours, byHand] = (['ours', 'byHand'] as const).map((way) =>
    inTemporaryFolder((outdir) => withoutMetadata(readFileSync(synthesize(one, way, outdir, files), 'utf8'))),
  );
  if (isDeepStrictEqual(ours, byHand)) return;
  throw new Error(`${one.name}: the two ways do not write the same: ${difference(ours, byHand)}`);
}

function withoutMetadata(json: string): unknown {
  return JSON.parse(json.replace(/\b[0-9a-f]{16}\b/g, HASH), (key, value: unknown) =>
    key === '//' ? undefined : value,
  );
}

/** Where the two differ first. */
function difference(a: unknown, b: unknown, path = ''): string {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) {
    return `${path}: ${JSON.stringify(a)} against ${JSON.stringify(b)}`;
  }
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
  const keys = [...new Set([...Object.keys(left), ...Object.keys(right)])];
  const key = keys.find((one) => !isDeepStrictEqual(left[one], right[one]));
  return key === undefined ? path : difference(left[key], right[key], `${path}/${key}`);
}

function inTemporaryFolder<T>(use: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'synthesis-'));
  try {
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function measureInNewProcess(one: Case, way: Way, files: string): number {
  const options = [...process.execArgv, __filename, `--measure=${one.name}`, `--way=${way}`, `--files=${files}`];
  return Number(execFileSync(process.execPath, options, { encoding: 'utf8' }));
}

function compare(one: Case, rounds: number, files: string): Result {
  const times: Record<Way, number[]> = { ours: [], byHand: [] };
  for (let round = 0; round < rounds; round += 1) {
    for (const way of ['ours', 'byHand'] as const) times[way].push(measureInNewProcess(one, way, files));
  }
  const [oursMs, byHandMs] = [median(times.ours), median(times.byHand)];
  return { name: one.name, oursMs, byHandMs, ratio: oursMs / byHandMs };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function table(results: readonly Result[]): string {
  const rows = [
    ['', 'ours ms', 'by hand ms', 'ratio'],
    ...results.map(({ name, oursMs, byHandMs, ratio }) => [
      name,
      oursMs.toFixed(0),
      byHandMs.toFixed(0),
      ratio.toFixed(2),
    ]),
  ];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const print = (row: readonly string[]): string =>
    row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join('  ');
  return rows.map(print).join('\n');
}

function option(name: string): string | undefined {
  const prefix = `--${name}=`;
  return process.argv.find((argument) => argument.startsWith(prefix))?.slice(prefix.length);
}

function main(): void {
  const measured = CASES.find((one) => one.name === option('measure'));
  if (measured !== undefined) {
    console.log(measure(measured, option('way') === 'ours' ? 'ours' : 'byHand', option('files') ?? ''));
    return;
  }
  const results = inTemporaryFolder((files) =>
    CASES.map((one) => {
      writeGeneratedFiles(one, files);
      checkSameOutput(one, files);
      return compare(one, Number(option('rounds') ?? ROUNDS), files);
    }),
  );
  console.log(process.argv.includes('--json') ? JSON.stringify(results, null, 2) : table(results));
  if (results.some((result) => result.ratio > TARGET)) process.exitCode = 1;
}

main();

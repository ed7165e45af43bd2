/**
 * Compares the synthesis with this library to the synthesis of the same resources written by hand.
 *
 *     npm run bench [-- --json] [-- --rounds=9]
 *
 * Each measurement runs in a new process, like a synthesis of a user, and the two variants alternate. It measures CPU
 * time, which depends less on other programs than wall-clock time. The exit code is 1 if the library exceeds the target
 * ratio.
 */
import { execFileSync } from 'node:child_process';
import { type Case, CASES, checkSameOutput, synthesize, type Way, writeGeneratedFiles } from './cases';
import { inTemporaryFolder } from '../setup/temporary-folder';
import { median, table } from './statistics';

const ROUNDS = 7;

interface Result {
  readonly name: string;
  readonly oursMs: number;
  readonly byHandMs: number;
  readonly ratio: number;
  readonly target: number;
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
  return { name: one.name, oursMs, byHandMs, ratio: oursMs / byHandMs, target: one.target };
}

function describe(results: readonly Result[]): string {
  return table([
    ['', 'ours ms', 'by hand ms', 'ratio', 'target'],
    ...results.map(({ name, oursMs, byHandMs, ratio, target }) => [
      name,
      oursMs.toFixed(0),
      byHandMs.toFixed(0),
      ratio.toFixed(2),
      target.toFixed(2),
    ]),
  ]);
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
  console.log(process.argv.includes('--json') ? JSON.stringify(results, null, 2) : describe(results));
  if (results.some((result) => result.ratio > result.target)) process.exitCode = 1;
}

main();

/**
 * Compares a deploy of the MT5 example with this library to one with an earlier version of it and one with Compose.
 *
 *     npm run bench:deploy [-- --json] [-- --rounds=5] [-- --compose=PATH] [-- --before=COMMIT]
 *
 * The contenders take turns on the engine of DOCKER_HOST, with the same containers, probes, and start order; volumes are
 * new in each round. A round of its own comes first, after which images and caches are there. A contender is measured
 * from the start of its program to its end, when all containers are healthy. Needs Linux, Terraform, and Compose 2.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { containersOf, refuseExisting } from '../e2e/harness/engine';
import { Project } from '../e2e/harness/project';
import { mustRun } from '../e2e/harness/run';
import { composeFile, type Configuration } from './compose-file';
import { median, table } from './statistics';

const STACK = 'mt5';
const ROUNDS = 5;
/** The last commit before deploys were made faster. */
const BEFORE = 'c419c58';
/** For a Compose file of a version of this library that sets none. */
const START_INTERVAL = '1s';

const REPOSITORY = resolve(__dirname, '../..');

/** What is measured of each contender. */
const TASKS = ['deploy', 'again', 'destroy'] as const;
type Task = (typeof TASKS)[number];

/** A way to deploy the same stack. */
interface Contender {
  readonly name: string;
  readonly run: (task: Task) => Promise<unknown>;
}

interface Sample {
  readonly contender: string;
  readonly task: Task;
  readonly wallSeconds: number;
  /** Processor time of the program and the programs that it started, without that of the engine. */
  readonly cpuSeconds: number;
}

const LIMITS: readonly { readonly task: Task; readonly of: string; readonly limit: number }[] = [
  { task: 'deploy', of: 'before', limit: 0.45 },
  { task: 'deploy', of: 'compose', limit: 0.75 },
  { task: 'deploy', of: 'compose, start_interval', limit: 1.3 },
  { task: 'again', of: 'before', limit: 0.3 },
  { task: 'destroy', of: 'before', limit: 0.4 },
];

/** The scripts of a checkout of this library. */
function library(name: string, checkout: string): Contender {
  const script = (...words: string[]): Promise<string> =>
    mustRun('npm', ['run', '--silent', ...words], { cwd: checkout, env: { CHECKPOINT_DISABLE: '1' } });
  return {
    name,
    run: (task) =>
      task === 'destroy'
        ? script('destroy', '--', STACK, '--yes', '--volumes')
        : script('deploy', '--', STACK, '--yes'),
  };
}

function compose(name: string, program: readonly [string, ...string[]], file: string): Contender {
  const options = [...program.slice(1), '--project-name', STACK, '--file', file];
  return {
    name,
    run: (task) =>
      mustRun(program[0], [...options, ...(task === 'destroy' ? ['down', '--volumes'] : ['up', '--wait'])]),
  };
}

async function measure(contender: Contender, task: Task): Promise<Sample> {
  const [start, used] = [performance.now(), cpuOfChildren()];
  await contender.run(task);
  const wallSeconds = (performance.now() - start) / 1000;
  return { contender: contender.name, task, wallSeconds, cpuSeconds: cpuOfChildren() - used };
}

/** Seconds of processor time of all programs that have ended. */
function cpuOfChildren(): number {
  // The name of the program, in parentheses, may contain spaces.
  const fields = readFileSync('/proc/self/stat', 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  const [user, system] = [Number(fields[13]), Number(fields[14])];
  const TICKS_PER_SECOND = 100;
  return (user + system) / TICKS_PER_SECOND;
}

/** Deploys, deploys again, and destroys. */
async function takeTurn(contender: Contender): Promise<Sample[]> {
  await refuseExisting(STACK);
  const samples: Sample[] = [];
  for (const task of TASKS) {
    samples.push(await measure(contender, task));
    if (task === 'deploy') await checkHealthy(contender);
  }
  return samples;
}

async function checkHealthy({ name }: Contender): Promise<void> {
  const containers = [...(await containersOf(STACK)).values()];
  const down = containers.filter(
    ({ State }) => State.Status !== 'running' || (State.Health?.Status ?? 'healthy') !== 'healthy',
  );
  if (containers.length === 0 || down.length > 0)
    throw new Error(`${name}: not healthy after the deploy: ${down.map((one) => one.Name).join(', ')}`);
}

/** Calls a function with the contenders, and removes their checkouts afterwards. */
async function withContenders<Result>(
  commit: string,
  program: readonly [string, ...string[]],
  use: (contenders: readonly Contender[]) => Promise<Result>,
): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'trading-stack-bench-'));
  const before = join(folder, 'before');
  const now = await Project.copy('docker');
  try {
    await mustRun('git', ['worktree', 'add', '--detach', before, commit], { cwd: REPOSITORY });
    await mustRun('npm', ['ci', '--prefer-offline', '--no-audit', '--no-fund'], { cwd: before });
    const synthesis = await now.script('synth', STACK);
    if (synthesis.code !== 0) throw new Error(synthesis.stderr);
    const output = `cdktf.out/stacks/${STACK}`;
    const configuration = JSON.parse(await now.read(`${output}/cdk.tf.json`)) as Configuration;
    const options = { directory: now.path(output), files: join(folder, 'files') };
    const plain = join(folder, 'compose.json');
    writeFileSync(plain, composeFile(configuration, { ...options, startInterval: undefined }));
    const quick = join(folder, 'compose-start-interval.json');
    writeFileSync(quick, composeFile(configuration, { ...options, startInterval: startIntervalOf(configuration) }));
    return await use([
      library('before', before),
      library('now', now.path('.')),
      compose('compose', program, plain),
      compose('compose, start_interval', program, quick),
    ]);
  } finally {
    await mustRun('git', ['worktree', 'remove', '--force', before], { cwd: REPOSITORY });
    await now.remove();
    rmSync(folder, { recursive: true });
  }
}

function startIntervalOf({ resource }: Configuration): string {
  const checks = Object.values(resource.docker_container).map(({ healthcheck }) => healthcheck);
  return checks.find((one) => one?.start_interval !== undefined)?.start_interval ?? START_INTERVAL;
}

interface Row {
  readonly contender: string;
  readonly task: Task;
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
  /** Wall-clock time of `now` divided by that of this contender. */
  readonly ratio: number;
  readonly limit: number | null;
}

/** Medians. */
function summarize(samples: readonly Sample[]): Row[] {
  const medianOf = (contender: string, task: Task, key: 'wallSeconds' | 'cpuSeconds'): number =>
    median(samples.filter((one) => one.contender === contender && one.task === task).map((one) => one[key]));
  const contenders = [...new Set(samples.map(({ contender }) => contender))];
  return TASKS.flatMap((task) =>
    contenders.map((contender) => ({
      contender,
      task,
      wallSeconds: medianOf(contender, task, 'wallSeconds'),
      cpuSeconds: medianOf(contender, task, 'cpuSeconds'),
      ratio: medianOf('now', task, 'wallSeconds') / medianOf(contender, task, 'wallSeconds'),
      limit: LIMITS.find((one) => one.task === task && one.of === contender)?.limit ?? null,
    })),
  );
}

function describe(rows: readonly Row[]): string {
  return table([
    ['', 'wall s', 'CPU s', 'now / this', 'target'],
    ...rows.map(({ contender, task, wallSeconds, cpuSeconds, ratio, limit }) => [
      `${task}: ${contender}`,
      wallSeconds.toFixed(1),
      cpuSeconds.toFixed(1),
      ratio.toFixed(2),
      limit === null ? '' : limit.toFixed(2),
    ]),
  ]);
}

function option(name: string): string | undefined {
  const prefix = `--${name}=`;
  return process.argv.find((argument) => argument.startsWith(prefix))?.slice(prefix.length);
}

async function main(): Promise<void> {
  const rounds = Number(option('rounds') ?? ROUNDS);
  const path = option('compose');
  const program: [string, ...string[]] = path === undefined ? ['docker', 'compose'] : [path];
  await withContenders(option('before') ?? BEFORE, program, async (contenders) => {
    for (const contender of contenders) await takeTurn(contender);
    const samples: Sample[] = [];
    for (let round = 1; round <= rounds; round += 1) {
      for (const contender of contenders) {
        const load = loadavg()[0] ?? 0;
        const turn = await takeTurn(contender);
        samples.push(...turn);
        const times = turn.map(({ task, wallSeconds }) => `${task} ${wallSeconds.toFixed(1)}`).join(', ');
        process.stderr.write(`round ${round}, load ${load.toFixed(1)}, ${contender.name}: ${times}\n`);
      }
    }
    const rows = summarize(samples);
    console.log(process.argv.includes('--json') ? JSON.stringify({ rows, samples }, null, 2) : describe(rows));
    if (rows.some(({ ratio, limit }) => limit !== null && ratio > limit)) process.exitCode = 1;
  });
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { App } from 'cdktf';
import { lt } from 'semver';
import type { TradingStack } from '../../../index';
import { Logins } from '../../connection/logins';
import type { CommandContext } from '../../context';
import type { DockerApi } from '../../engine/docker-api';
import { dockerOf } from '../../engine/of-stack';
import { CommandError, describeProblem, ExitCode, type Problem } from '../../output/output';
import { preflight } from '../../preflight/preflight';
import { EngineRecord } from '../../state/engine-record';
import { Journal } from '../../state/journal';
import { parseState } from '../../state/state-file';
import { WrittenConfiguration } from '../../synthesis/configuration';
import { outputOf, stackNamed, synthesize } from '../../synthesis/stacks';
import { Terraform } from '../../terraform/terraform';
import { type Finding, ok, warning } from './finding';
import { leftOverFindings } from './left-overs';
import { resourceFindings } from './resources';
import { secretFindings } from './secrets';

const OLDEST_NODE = '20.9.0';

/** Certificates, tokens and `--since` tolerate a second; logs of two machines cannot be compared beyond it. */
const MOST_SKEW_MILLISECONDS = 2000;

const SKIPPED =
  'Not checked on the engine of the stack: ports, subnets, volumes, mounts, passwords of existing data, ' +
  'clocks, CPUs, memory, disk and left-overs';

/** Checks everything that a deploy needs, and what may be wrong with what is deployed. */
export async function doctor(app: App, name: string | undefined, context: CommandContext): Promise<ExitCode> {
  const { output, environment } = context;
  const stack = stackNamed(app, name);
  const objections = synthesize(app);
  const folder = outputOf(app, stack);
  const docker = dockerOf(stack, environment);
  const record = new EngineRecord(folder, stack, docker);
  // Before anything that creates the folders, which closes them.
  const secrets = secretFindings(stack, context.now());
  const problems = await preflight(stack, docker, { secrets: true, start: true, record }, context);
  const answers = !problems.some(({ code }) => /^((docker|ssh)-|other-engine$)/.test(code));
  const cannotInitialize = objections.length > 0 || problems.some(({ code }) => code === 'terraform-missing');
  const findings = [
    nodeFinding(),
    ...[...objections, ...problems].map(findingOf),
    ...(cannotInitialize ? [] : await providerFindings(stack, folder, docker, context)),
    ...secrets,
    ...stateFindings(stack, folder),
    ...(answers ? [await clockFinding(docker, context)] : [warning(SKIPPED)]),
    ...(answers ? await resourceFindings(stack, docker) : []),
    ...(answers && objections.length === 0 ? await leftOverFindings(folder, stack, docker) : []),
  ];
  const hasProblem = findings.some(({ level }) => level === 'problem');
  if (output.isJson) output.document({ stack: stack.node.id, outcome: hasProblem ? 'problems' : 'healthy', findings });
  else print(findings, context);
  return hasProblem ? ExitCode.FAILED : ExitCode.DONE;
}

function findingOf({ code, message }: Problem): Finding {
  return { level: 'problem', code, message };
}

function nodeFinding(): Finding {
  const { node } = process.versions;
  if (!lt(node, OLDEST_NODE)) return ok(`Node.js ${node}`);
  return warning(`Node.js ${node} is too old. Install ${OLDEST_NODE} or later`);
}

/** Terraform downloads the provider from wherever it is configured to. */
async function providerFindings(
  stack: TradingStack,
  directory: string,
  docker: DockerApi,
  context: CommandContext,
): Promise<Finding[]> {
  try {
    const configuration = new WrittenConfiguration(directory);
    const logins = await Logins.of(stack, context.environment);
    await new Terraform({ stack, directory, configuration, docker, logins, context }).init();
    return [ok(`The Docker provider ${configuration.providerVersion} is installed`)];
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return error.problems.map(findingOf);
  }
}

function stateFindings(stack: TradingStack, folder: string): Finding[] {
  const file = join(folder, stack.stateFile);
  const unfinished = `The last deploy did not finish. Continue it: npm run deploy -- ${stack.node.id}`;
  try {
    if (existsSync(file)) parseState(readFileSync(file, 'utf8'), file);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return error.problems.map(findingOf);
  }
  return new Journal(folder, stack).exists ? [warning(unfinished)] : [];
}

async function clockFinding(docker: DockerApi, { now }: CommandContext): Promise<Finding> {
  const before = now();
  const there = await docker.now();
  const after = now();
  // The engine has read its clock at some time in between.
  const skew = there < before ? there - before : Math.max(0, there - after);
  const seconds = Math.round(Math.abs(skew) / 1000);
  if (Math.abs(skew) <= MOST_SKEW_MILLISECONDS) return ok('The clocks of this machine and of the engine agree');
  return warning(
    `The clock of the engine is ${seconds} s ${skew > 0 ? 'ahead of' : 'behind'} that of this machine. Synchronize both: ` +
      'timedatectl set-ntp true',
  );
}

function print(findings: readonly Finding[], { output }: CommandContext): void {
  const { green, yellow, red } = output.colors;
  for (const { level, message, code } of findings) {
    const text = code === null ? message : describeProblem({ code, message });
    if (level === 'ok') output.say(`${green('ok')}       ${text}`);
    else if (level === 'warning') output.say(`${yellow('warning')}  ${text}`);
    else output.say(`${red('problem')}  ${text}`);
  }
}

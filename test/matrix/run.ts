/**
 * Deploys, changes and removes the MT5 example with every combination of the programs, providers and engines that are
 * named in the environment, and records the results for the guide about versions:
 *
 *   MATRIX_PROGRAMS='terraform /opt/tofu' MATRIX_PROVIDERS='3.9.0 4.5.0' \
 *   MATRIX_ENGINES='unix:///var/run/docker.sock ssh://desk@trading-1' npm run matrix
 *
 * An engine that is a Swarm manager gets services, another one containers. The engines need the images of the example.
 */
import { documentIn } from '../../lib/command-line/terraform/program';
import { Project } from '../e2e/harness/project';
import { mustRun } from '../e2e/harness/run';
import { type Combination, type Result, writeResult } from './results';

interface Engine extends Pick<Combination, 'engine' | 'mode' | 'connection' | 'minimumApi'> {
  readonly host: string;
}

interface Program {
  readonly path: string;
  readonly name: string;
}

function listed(variable: string, fallback: string): string[] {
  return (process.env[variable] ?? fallback).split(/\s+/).filter((item) => item !== '');
}

async function programAt(path: string): Promise<Program> {
  const { terraform_version: version } = JSON.parse(
    documentIn((await mustRun(path, ['version', '-json'])).split('\n')),
  ) as {
    terraform_version: string;
  };
  const isOpenTofu = /^OpenTofu v/m.test(await mustRun(path, ['version']));
  return { path, name: `${isOpenTofu ? 'OpenTofu' : 'Terraform'} ${version}` };
}

async function engineAt(host: string): Promise<Engine> {
  const ask = (...args: string[]): Promise<string> => mustRun('docker', ['--host', host, ...args]);
  const [version = '', minimumApi = ''] = (
    await ask('version', '--format', '{{.Server.Version}} {{.Server.MinAPIVersion}}')
  ).split(/\s+/);
  const isManager = (await ask('info', '--format', '{{.Swarm.ControlAvailable}}')).trim() === 'true';
  const scheme = host.split(':')[0];
  return {
    host,
    engine: version.replace(/[+~].*$/, ''),
    mode: isManager ? 'Swarm' : 'container',
    connection: scheme === 'ssh' || scheme === 'tcp' ? scheme : 'local',
    minimumApi,
  };
}

/** The steps of the scenario, each with what it has to end with. */
const STEPS: readonly (readonly [string, (project: Project) => Promise<void>])[] = [
  ['first deploy', deploy],
  ['plan after the first deploy', planIsEmpty],
  [
    'deploy of a changed program',
    async (project) => {
      await project.edit('examples/reference-service/src/main.ts', 'started as', 'up and running as');
      await deploy(project);
    },
  ],
  ['plan after the second deploy', planIsEmpty],
  ['destroy', (project) => project.destroy('mt5')],
];

/** A deploy exits with 0 only if every service is healthy. */
async function deploy(project: Project): Promise<void> {
  await project.deploy('mt5');
}

async function planIsEmpty(project: Project): Promise<void> {
  const { code, stdout, stderr } = await project.script('diff', 'mt5');
  if (code !== 0 || !stdout.includes('Nothing to change')) throw new Error(`${stdout}\n${stderr}`);
}

async function runScenario(program: Program, provider: string, engine: Engine): Promise<Result> {
  const { host, ...versions } = engine;
  const date = new Date().toISOString().slice(0, 10);
  const result = { program: program.name, provider, ...versions, date };
  const title = `${program.name}, provider ${provider}, engine ${engine.engine} at ${host}`;
  const project = await Project.copy(engine.mode === 'Swarm' ? 'swarm' : 'docker', {
    DOCKER_HOST: host,
    TERRAFORM_BINARY_NAME: program.path,
    TRADING_ENGINE_VERSION: engine.engine,
    TRADING_PROVIDER_VERSION: provider,
  });
  let step = '';
  try {
    for (const [name, take] of STEPS) {
      step = name;
      const started = Date.now();
      await take(project);
      console.log(`${title}: ${name} (${Math.round((Date.now() - started) / 1000)} s)`);
    }
    return { ...result, failedAt: null };
  } catch (error) {
    console.error(`${title}: ${step} failed\n${String(error)}`);
    await project.destroy('mt5').catch((reason: unknown) => {
      console.error(String(reason));
    });
    return { ...result, failedAt: step };
  } finally {
    await project.remove();
  }
}

async function main(): Promise<void> {
  const programs = await Promise.all(listed('MATRIX_PROGRAMS', 'terraform').map(programAt));
  const engines = await Promise.all(listed('MATRIX_ENGINES', 'unix:///var/run/docker.sock').map(engineAt));
  for (const engine of engines) {
    for (const provider of listed('MATRIX_PROVIDERS', '3.9.0 4.5.0')) {
      for (const program of programs) {
        const result = await runScenario(program, provider, engine);
        writeResult(result);
        if (result.failedAt !== null) process.exitCode = 1;
      }
    }
  }
}

void main();

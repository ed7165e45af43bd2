import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as library from '../../lib';
import { CODE_BLOCKS, documentedFiles, fragmentsProgram } from './documentation';

const PACKAGES = {
  '@cdktf/provider-docker': '12.0.3',
  '@types/jest': '29.5.14',
  '@types/node': '20.19.43',
  jest: '29.7.0',
  'ts-jest': '29.4.15',
  'ts-node': '10.9.2',
  typescript: '5.9.3',
};

/** A project outside of this one that installs the package. */
export class Consumer {
  readonly folder = mkdtempSync(join(tmpdir(), 'consumer-'));

  /**
   * Installs a package file with its peer dependencies.
   * @param overrides packages that npm installs instead of others
   */
  install(packageFile: string, peers: Readonly<Record<string, string>>, overrides: object = {}): void {
    const dependencies = { ...PACKAGES, ...peers, 'cdktf-trading-stack': `file:${packageFile}` };
    this.write({
      ...FILES,
      'package.json': JSON.stringify({ name: 'desk', private: true, ...documentedManifest(), dependencies, overrides }),
    });
    this.run('npm', 'install', '--prefer-offline', '--no-audit', '--no-fund');
  }

  /** Runs a program in the project and returns what it prints. */
  run(program: string, ...options: readonly string[]): string {
    // Without the variables that a test runner sets for its child processes.
    const { NODE_ENV: _environment, JEST_WORKER_ID: _worker, ...rest } = process.env;
    // The tests must not depend on an engine of this machine.
    const env = { ...rest, DOCKER_HOST: `unix://${this.folder}/no.sock` };
    try {
      return execFileSync(program, options, { cwd: this.folder, env, encoding: 'utf8', stdio: 'pipe' });
    } catch (error) {
      const { stdout, stderr } = error as { readonly stdout: string; readonly stderr: string };
      throw new Error(`${program} ${options.join(' ')} failed:\n${stdout}${stderr}`, { cause: error });
    }
  }

  /** The output of the project's app. */
  synthesize(): string {
    this.run('node', 'out/main.js');
    return this.read('cdktf.out/stacks/desk/cdk.tf.json');
  }

  read(path: string): string {
    return readFileSync(join(this.folder, path), 'utf8');
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private write(files: Readonly<Record<string, string>>): void {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(this.folder, path)), { recursive: true });
      writeFileSync(join(this.folder, path), content);
    }
  }
}

/** The parts of `package.json` in the documents, which are in several blocks. */
function documentedManifest(): object {
  const blocks = CODE_BLOCKS.filter(({ file }) => file === 'package.json');
  const parts = blocks.map(({ text }) => JSON.parse(text) as { readonly scripts?: object });
  return {
    ...(Object.assign({}, ...parts) as object),
    scripts: Object.assign({}, ...parts.map(({ scripts }) => scripts)) as object,
  };
}

/** The block of the README that moves a project to CDK Terrain. */
export function movedManifest(): { readonly dependencies: Record<string, string>; readonly overrides: object } {
  const block = CODE_BLOCKS.find(({ language, text }) => language === 'json' && text.includes('npm:cdktn'));
  if (block === undefined) throw new Error('the documents do not say how to move to cdktn');
  return JSON.parse(block.text) as ReturnType<typeof movedManifest>;
}

const FILES = {
  ...documentedFiles(),
  // The module settings of a project created by `cdktf init`, and the strict checks that it may have enabled.
  'tsconfig.node10.json': JSON.stringify({
    extends: './tsconfig.json',
    compilerOptions: { module: 'commonjs', moduleResolution: 'node10', exactOptionalPropertyTypes: true },
  }),

  'service/Dockerfile': 'FROM node:24-alpine\nCOPY . /app\n',
  'service/index.js': "console.log('hello');\n",
  'services/strategy/Dockerfile': 'FROM python:3.13-slim\n',

  'composed.ts': `
import type { App } from 'cdktf';
import { Construct } from 'constructs';
import {
  Cpu, Dependency, Volume, Duration, Engine, FeatureApi, HealthCheck, type IConnectable, Image, PostgresDb,
  type PostgresDbProps, RedisCache, RedisPurpose, Size, StrategyRunner, TradingStack,
} from 'cdktf-trading-stack';

const image = Image.fromBuild('service');

/** Something of their own, made of what the package has. */
export class Desk extends Construct {
  readonly database: PostgresDb;

  constructor(scope: Construct, id: string, props: PostgresDbProps = {}) {
    super(scope, id);
    this.database = new PostgresDb(this, 'db', { database: 'desk', ...props });
    const cache = new RedisCache(this, 'redis', { purpose: RedisPurpose.CACHE, maxMemory: Size.mebibytes(128) });
    const uses: IConnectable[] = [this.database, cache];
    const features = new FeatureApi(this, 'feature_api', { image, uses });
    const runner = new StrategyRunner(this, 'strategy_runner', {
      image,
      uses: [features, Dependency.optional(this.database)],
      healthCheck: HealthCheck.heartbeatFile('/tmp/alive', { maximumAge: Duration.seconds(30) }),
      volumes: [Volume.retained('models').mountAt('/models')],
      resources: { cpus: Cpu.cores(2) },
    });
    runner.workload.resource.addOverride('cpu_shares', 512);
  }
}

export function createComposed(app: App): TradingStack {
  const stack = new TradingStack(app, 'desk', { engine: Engine.docker(), network: { subnet: '172.30.0.0/24' } });
  new Desk(stack, 'desk');
  return stack;
}
`,

  'main.ts': `
import { App } from 'cdktf';
import { createComposed } from './composed';

const app = new App();
createComposed(app);
app.synth();
`,

  'fragments.ts': fragmentsProgram(Object.keys(library)),

  'mistake.txt': `
import { Engine } from 'cdktf-trading-stack';
Engine.kubernetes();
`,

  'required.cjs': "console.log(JSON.stringify(Object.keys(require('cdktf-trading-stack'))));\n",

  'imported.mjs': `
import * as all from 'cdktf-trading-stack';
import { Engine, TradingStack } from 'cdktf-trading-stack';
import { runCommandLine } from 'cdktf-trading-stack/command-line';
console.log(JSON.stringify([typeof Engine.docker, typeof TradingStack, typeof runCommandLine, ...Object.keys(all)]));
`,
};

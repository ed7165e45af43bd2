import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

const README = readFileSync(resolve(__dirname, '../../README.md'), 'utf8');

const PACKAGES = {
  '@cdktf/provider-docker': '12.0.3',
  '@types/jest': '29.5.14',
  '@types/node': '20.19.43',
  jest: '29.7.0',
  'ts-jest': '29.4.15',
  'ts-node': '10.9.2',
  typescript: '5.9.3',
};

/** A project of somebody else, outside of this one, that installs the package. */
export class Consumer {
  readonly folder = mkdtempSync(join(tmpdir(), 'consumer-'));

  /**
   * Installs a package file with the peers that it wants.
   * @param overrides what npm installs in the place of something else
   */
  install(packageFile: string, peers: Readonly<Record<string, string>>, overrides: object = {}): void {
    const dependencies = { ...PACKAGES, ...peers, 'cdktf-trading-stack': `file:${packageFile}` };
    const { scripts } = JSON.parse(readmeBlock('json', '"scripts"')) as { readonly scripts: object };
    const { jest } = JSON.parse(readmeBlock('json', '"transform"')) as { readonly jest: object };
    this.write({
      'package.json': JSON.stringify({ name: 'desk', private: true, scripts, jest, dependencies, overrides }),
      ...FILES,
    });
    this.run('npm', 'install', '--prefer-offline', '--no-audit', '--no-fund');
  }

  /** Runs a program in the project and returns what it prints. */
  run(program: string, ...options: readonly string[]): string {
    // Without what a test runner sets for its own children.
    const { NODE_ENV: _environment, JEST_WORKER_ID: _worker, ...rest } = process.env;
    // What is on an engine of this machine is nothing to the tests.
    const env = { ...rest, DOCKER_HOST: `unix://${this.folder}/no.sock` };
    try {
      return execFileSync(program, options, { cwd: this.folder, env, encoding: 'utf8', stdio: 'pipe' });
    } catch (error) {
      const { stdout, stderr } = error as { readonly stdout: string; readonly stderr: string };
      throw new Error(`${program} ${options.join(' ')} failed:\n${stdout}${stderr}`, { cause: error });
    }
  }

  /** What the app of the project writes. */
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

const BLOCKS = [...README.matchAll(/^```(\w+)\n([^]*?)^```$/gm)].map(([, language = '', text = '']) => ({
  language,
  text,
}));
const taken = new Set<string>();

/** The block of the README in a language that has a text in it. */
export function readmeBlock(language: string, containing: string): string {
  const [block, ...others] = BLOCKS.filter((one) => one.language === language && one.text.includes(containing));
  if (block === undefined || others.length > 0) throw new Error(`the README has no one ${language} with ${containing}`);
  taken.add(block.text);
  return block.text;
}

/** Code of the README that nothing here has used. */
export function untriedBlocks(): string[] {
  return BLOCKS.filter(({ language, text }) => language !== 'sh' && !taken.has(text)).map(({ text }) => text);
}

/** Blocks of the README that take a stack as given. */
const PIECES = [readmeBlock('ts', 'Secret.provided'), readmeBlock('ts', 'new trading.Job')];

const TSCONFIG = readmeBlock('json', '"compilerOptions"');

const FILES = {
  'tsconfig.json': TSCONFIG,
  // The modules of a project that `cdktf init` made, and the checks that it may have switched on.
  'tsconfig.node10.json': JSON.stringify({
    extends: './tsconfig.json',
    compilerOptions: { module: 'commonjs', moduleResolution: 'node10', exactOptionalPropertyTypes: true },
  }),

  'service/Dockerfile': 'FROM node:24-alpine\nCOPY . /app\n',
  'service/index.js': "console.log('hello');\n",

  'composed.ts': `
import type { App } from 'cdktf';
import { Construct } from 'constructs';
import {
  Cpu, Volume, Duration, Engine, FeatureApi, HealthCheck, type IConnectable, Image, Optional, PostgresDb,
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

  'desk.ts': readmeBlock('ts', 'export function createDesk'),
  'stack.ts': readmeBlock('ts', 'runCommandLine'),
  'desk.test.ts': readmeBlock('ts', 'toMatchSnapshot'),

  'pieces.ts': `
import { Testing } from 'cdktf';
import * as trading from 'cdktf-trading-stack';

const pieces = [${PIECES.map((piece) => `(stack: trading.TradingStack): void => {\n${piece}}`).join(', ')}];
const stacks = pieces.map((piece) => {
  const stack = new trading.TradingStack(Testing.app(), 'desk', { engine: trading.Engine.docker() });
  piece(stack);
  return JSON.parse(Testing.synth(stack, true));
});
console.log(JSON.stringify(stacks));
`,

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

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Testing } from 'cdktf';
import { unusedSecrets } from '../../../lib/command-line/preflight/secrets';
import { Engine, Image, Secret, SecretDelivery, TradingStack, Workload } from '../../../lib';
import { DeskProject } from '../desk/project';

jest.setTimeout(60_000);

let project: DeskProject;

beforeEach(() => {
  project = new DeskProject();
});

afterEach(() => {
  project.remove();
});

const MISSING_KEY =
  'Missing secret: desk/broker_key: write the API key of the paper account into the file .secrets/desk/broker_key';

test('synth writes the configuration and the secrets, and shows the services', async () => {
  const { exitCode, stdout } = await project.run(['synth'], {}, 'warning');
  expect(exitCode).toBe(0);
  expect(stdout.split('\n')).toEqual([
    'desk on the docker engine',
    'SERVICE              IMAGE              PUBLISHED                  WAITS FOR      LIMITS',
    'desk-redis           redis:7.4-alpine                                             0.5 CPU, 256 MiB',
    'desk-migrate (job)   node:24-slim                                  desk-redis     1 CPU, 512 MiB',
    'desk-gateway         node:24-slim       127.0.0.1:18000 -> 8000    desk-migrate   1 CPU, 512 MiB',
    '                                        0.0.0.0:5555 -> 5555/udp',
    'Warning: desk: this image gets no more fixes',
    MISSING_KEY,
    'Terraform configuration: cdktf.out/stacks/desk',
    '',
    '',
  ]);
  expect(project.read('cdktf.out/stacks/desk/cdk.tf.json')).toContain('desk-gateway');
  expect(project.read('.secrets/desk/redis_password')).toHaveLength(32);
});

test('synth excludes the output and the secrets from git, again if the output was removed', async () => {
  await project.run(['synth']);
  rmSync(join(project.folder, 'cdktf.out'), { recursive: true });
  await project.run(['synth']);
  await project.run(['synth']);
  expect(project.read('cdktf.out/.gitignore')).toBe('*\n');
  expect(project.read('.secrets/.gitignore')).toBe('*\n');
});

test('synth does not overwrite a .gitignore in the output folder', async () => {
  project.write('cdktf.out/.gitignore', 'stacks\n');
  await project.run(['synth']);
  expect(project.read('cdktf.out/.gitignore')).toBe('stacks\n');
});

test('synth writes no .gitignore if the output folder is the project itself', async () => {
  await project.run(['synth'], { CDKTF_OUTDIR: '.' });
  expect(project.read('stacks/desk/cdk.tf.json')).toBeDefined();
  expect(project.read('.gitignore')).toBeUndefined();
});

test('synth warns about a provided secret that no workload uses', async () => {
  const { stdout } = await project.run(['synth'], {}, 'unused secret');
  expect(stdout).toMatch(/^Warning: No workload uses a secret.*\n {2}desk\/old_key: \.secrets\/desk\/old_key\n/m);
  expect(stdout.match(/^Warning: /gm)).toHaveLength(1);
});

test('synth counts acknowledged warnings, and shows them with their reasons on request', async () => {
  const { stdout } = await project.run(['synth'], {}, 'acknowledged');
  expect(stdout).not.toContain('Warning:');
  expect(stdout).toContain('\n1 acknowledged warning: --verbose shows the reasons\n');
  const verbose = await project.run(['synth', '--verbose'], {}, 'acknowledged');
  expect(verbose.stdout).toContain(
    '\nAcknowledged: desk/disks: `privileged`: reads the SMART data of all disks [privileged]\n',
  );
  const json = await project.run(['synth', '--json'], {}, 'acknowledged');
  expect(json.stdout).toContain('"reason": "reads the SMART data of all disks"');
});

test.each([
  ['tcp://10.0.0.7:2375', 1],
  ['tcp://127.0.0.1:2375', 0],
  ['ssh://desk@10.0.0.7', 0],
])('an engine at %s gets %i warnings that its connection is not encrypted', async (host, count) => {
  const { stdout } = await project.run(['synth', '--json'], { DOCKER_HOST: host });
  expect(stdout.match(/"code": "engine-unencrypted"/g) ?? []).toHaveLength(count);
});

test('A secret counts as used by another stack, as part of a derived secret, or in a variable', () => {
  const app = Testing.app();
  const image = Image.fromRegistry('node:24-slim');
  const [stack, other] = ['desk', 'night'].map((id) => new TradingStack(app, id, { engine: Engine.docker() }));
  if (stack === undefined || other === undefined) throw new Error('two stacks were created');
  const [user, key, unused] = ['user', 'key', 'unused'].map((id) => Secret.provided(stack, id, { description: id }));
  if (user === undefined || key === undefined) throw new Error('three secrets were created');
  const parts = { user };
  const url = Secret.derived(stack, 'url', { parts, compose: (contents) => `http://${contents.user}@api` });
  new Workload(other, 'reader', { image, secrets: { URL: url, KEY: key.deliveredAs(SecretDelivery.ENVIRONMENT) } });
  expect(unusedSecrets(stack)).toEqual([unused]);
});

test('synth --json prints one document with the services', async () => {
  const { exitCode, stdout } = await project.runProgram(['synth', 'desk', '--json']);
  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toEqual({
    outcome: 'synthesized',
    code: null,
    message: null,
    stacks: [
      {
        name: 'desk',
        engine: 'docker',
        output: 'cdktf.out/stacks/desk',
        services: [
          expect.objectContaining({ name: 'desk-redis' }),
          expect.objectContaining({ name: 'desk-migrate' }),
          expect.objectContaining({ name: 'desk-gateway' }),
        ],
        warnings: [],
        acknowledged: [],
        errors: [],
        missingSecrets: [
          {
            path: 'desk/broker_key',
            file: '.secrets/desk/broker_key',
            description: 'the API key of the paper account',
            isEmpty: false,
          },
        ],
        laterSecrets: [],
      },
    ],
  });
});

test.each([[['synth']], [['synth', '--json']]])('%j does not print values of secrets', async (command) => {
  const { stdout, stderr } = await project.run(command);
  expect(stdout + stderr).not.toContain(project.read('.secrets/desk/redis_password'));
});

test('A stack that does not exist is reported with the names of those that do', async () => {
  const { exitCode, stderr } = await project.run(['synth', 'dusk']);
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(/'dusk'.* desk\. \[unknown-stack\]\n$/);
});

test.each([[['synth', '--yaml']], [['deploy']], [['restart', 'desk']], [[]]])(
  'The command line %j is a usage error',
  async (command) => {
    expect((await project.run(command)).exitCode).toBe(2);
  },
);

test('The app of a cdktf.json needs no command: cdktf sets the folder for the output', async () => {
  const { exitCode } = await project.run([], { CDKTF_OUTDIR: 'elsewhere' });
  expect(exitCode).toBe(0);
  expect(project.read('elsewhere/stacks/desk/cdk.tf.json')).toContain('desk-gateway');
  expect((await project.run([])).exitCode).toBe(2);
});

test('A usage error is shown with its code', async () => {
  const { stderr } = await project.run(['synth', '--yaml']);
  expect(stderr).toBe("error: unknown option '--yaml' [usage]\n");
});

test('--version prints the version of the package', async () => {
  const { exitCode, stdout } = await project.run(['--version']);
  expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/^\d+\.\d+\.\d+\n$/)]);
});

test('the help of a command shows the npm script that runs it', async () => {
  expect((await project.run(['deploy', '--help'])).stdout).toContain('Usage: npm run deploy -- [options] [stack]\n');
});

test('--help exits with 0 and explains npm scripts', async () => {
  const { exitCode, stdout } = await project.run(['--help']);
  expect(exitCode).toBe(0);
  expect(stdout).toContain('npm run <script> -- <stack> --yes');
});

test.each(['synth', 'diff', 'deploy', 'destroy'])('The help of %s has examples', async (command) => {
  const { exitCode, stdout } = await project.run(['help', command]);
  expect(exitCode).toBe(0);
  expect(stdout).toContain(`  npm run ${command} -- desk\n`);
});

test('An error of the library is shown with its code and the line of the user', async () => {
  const { exitCode, stderr } = await project.run(['synth'], {}, 'misuse');
  expect(exitCode).toBe(1);
  const [sentence, place] = stderr.trimEnd().split('\n');
  expect(sentence).toMatch(/^desk\/twin: .*'desk-gateway'.* desk\/gateway.* \[name-taken\]$/);
  expect(place).toMatch(/^ {2}at \S*desk\.ts:\d+:\d+$/);
});

test('All errors of an app are shown, up to the first one after which it cannot continue', async () => {
  const { exitCode, stderr } = await project.run(['synth'], {}, 'several mistakes');
  expect(exitCode).toBe(1);
  expect(stderr.split('\n').filter((line) => !line.startsWith('  at '))).toEqual([
    expect.stringMatching(/^night: .*'netwrk'.* \[unknown-option\]$/),
    expect.stringMatching(/^night: .*'lables'.* \[unknown-option\]$/),
    expect.stringMatching(/^desk\/second: .*18000.* \[port-taken\]$/),
    expect.stringMatching(/^desk\/third: replicas.* \[invalid-value\]$/),
    '',
  ]);
  expect(stderr.match(/^ {2}at \S*desk\.ts:\d+:\d+$/gm)).toHaveLength(4);
});

test('A duplicate construct id is reported in one sentence with its code and the line of the user', async () => {
  const { exitCode, stderr } = await project.run(['synth'], {}, 'duplicate id');
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/^desk: .*'gateway'.* \[duplicate-id\]\n {2}at \S*desk\.ts:\d+:\d+\n$/);
});

test('The stack trace limit is only raised while the app is created', async () => {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 7;
  try {
    await project.run(['synth'], {}, 'misuse');
    expect(Error.stackTraceLimit).toBe(7);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
});

test('A reader may close stdout early', async () => {
  expect(await project.runProgram(['synth'], {}, 'closed')).toMatchObject({ exitCode: 0, stderr: '' });
  expect(project.read('cdktf.out/stacks/desk/cdk.tf.json')).toContain('desk-gateway');
});

test('An error that the library did not raise is shown with its stack trace', async () => {
  const { exitCode, stderr } = await project.run(['synth'], {}, 'bug');
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/^TypeError: undefined is not a function\n +at addProblem/);
});

test('The errors of validations and annotations of all stacks are shown together', async () => {
  const { exitCode, stderr } = await project.run(['synth'], {}, 'validations of two stacks');
  expect(exitCode).toBe(1);
  expect(stderr.split('\n')).toEqual([
    'desk: no risk limits [validation-failed]',
    'night: too late [validation-failed]',
    'night: too dark [validation-failed]',
    '',
  ]);
});

test('An error annotation fails the command, and is in the document', async () => {
  const { exitCode, stdout } = await project.run(['synth', '--json'], {}, 'objection');
  expect(exitCode).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({
    outcome: 'failed',
    code: 'validation-failed',
    message: expect.stringContaining('this port is everybody’s') as unknown,
    stacks: [{ errors: [{ path: 'desk', message: 'this port is everybody’s' }] }],
  });
});

test('synth writes the report of the stack next to its configuration', async () => {
  await project.run(['synth']);
  expect(project.read('cdktf.out/stacks/desk/report.md')).toContain('| desk-redis | 0.5 | 256 MiB |');
});

import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { problem } from '../desk/problem';
import { DeskProject, type Outcome } from '../desk/project';

jest.setTimeout(60_000);

let project: DeskProject;

beforeEach(() => {
  project = new DeskProject();
});

afterEach(() => {
  project.remove();
});

type Attributes = Record<string, unknown>;

interface Configuration {
  resource: Record<string, Record<string, Attributes>>;
  locals: Record<string, string>;
}

const NOTE = /\nTwo versions of the configuration are compared here, without the engine: .*\n$/;

/** The output of another version of the project, in the folder `base`. */
async function base(version: string, edit?: (configuration: Configuration) => void): Promise<void> {
  await project.run(['synth'], {}, version);
  const folder = join(project.folder, 'base');
  cpSync(join(project.folder, 'cdktf.out'), folder, { recursive: true });
  if (edit === undefined) return;
  const file = join(folder, 'stacks/desk/cdk.tf.json');
  const configuration = JSON.parse(readFileSync(file, 'utf8')) as Configuration;
  edit(configuration);
  writeFileSync(file, JSON.stringify(configuration));
}

function changes(version = '', ...options: readonly string[]): Promise<Outcome> {
  return project.run(['changes', 'base', ...options], {}, version);
}

function containerIn({ resource }: Configuration, name: string): Attributes {
  return Object.values(resource.docker_container ?? {}).find((one) => one.name === name) ?? {};
}

test('The same configuration has no changes, and needs no engine, Terraform or secrets', async () => {
  await base('');
  const { exitCode, stdout } = await changes('', '--detailed-exitcode');
  expect(stdout).toMatch(/^### desk\n\nNothing changes\.\n/);
  expect(stdout).toMatch(NOTE);
  expect(exitCode).toBe(0);
  expect(project.terraformCommands).toEqual([]);
});

test('A service that is added has its image, and the images, volumes and limits follow', async () => {
  await base('');
  project.write('bot/Dockerfile', 'FROM node:24-slim\n');
  const { stdout, exitCode } = await changes('build', '--detailed-exitcode');
  expect(stdout.replace(NOTE, '')).toBe(
    [
      '### desk',
      '',
      '- `desk-bot` added',
      '  - `image desk-bot`',
      '',
      'Limits of all services: 1.5 → 2.5 CPU, 768 MiB → 1.25 GiB of memory.',
      '',
    ].join('\n'),
  );
  expect(exitCode).toBe(2);
});

test('Changed settings are listed one by one, removed services and images by name', async () => {
  await base('', (configuration) => {
    const gateway = containerIn(configuration, 'desk-gateway');
    gateway.memory = 256;
    gateway.memory_swap = 256;
    gateway.env = ['NOTE=old', 'API_TOKEN=canary-7Qx2'];
    gateway.ports = [{ ip: '0.0.0.0', external: 80, internal: 8000, protocol: 'tcp' }];
    gateway.upload = [{ file: '/etc/rules', content: 'a\n$${b}\n' }];
    const image = { name: 'node:22-slim' };
    configuration.resource.docker_image = { ...configuration.resource.docker_image, image_old: image };
    containerIn(configuration, 'desk-migrate').image = '${docker_image.image_old.image_id}';
    configuration.resource.docker_container = {
      ...configuration.resource.docker_container,
      news: { ...gateway, name: 'desk-news', upload: [] },
    };
  });
  const { stdout } = await changes();
  expect(stdout.replace(NOTE, '').split('\n')).toEqual([
    '### desk',
    '',
    '- `desk-gateway` changed',
    '  - `NOTE removed`',
    '  - `API_TOKEN removed`',
    '  - `file /etc/rules removed`',
    '  - `port 0.0.0.0:80 -> 8000 removed`',
    '  - `memory 256 MiB → 512 MiB`',
    '  - `BROKER_KEY_FILE=/run/secrets/broker_key added`',
    '  - `PORT=8000 added`',
    '  - `port 127.0.0.1:18000 -> 8000 added`',
    '  - `port 0.0.0.0:5555 -> 5555/udp added`',
    '- `desk-migrate` (job) changed',
    '  - `image node:22-slim → node:24-slim`',
    '- `desk-news` removed',
    '',
    '- image `node:22-slim` no longer used',
    '',
    'Limits of all services: 2.5 → 1.5 CPU, 768 MiB of memory.',
    '',
  ]);
});

test('Values that look like secrets are not shown, and no value is markup', async () => {
  await base('', (configuration) => {
    const { env } = containerIn(configuration, 'desk-gateway');
    const old = (env as string[]).filter((line) => !line.startsWith('PORT='));
    containerIn(configuration, 'desk-gateway').env = ['API_TOKEN=canary-7Qx2', ...old];
    containerIn(configuration, 'desk-gateway').hostname = '@desk `old` <b>';
  });
  const { stdout } = await changes();
  expect(stdout).not.toContain('canary-7Qx2');
  expect(stdout).toContain('  - `API_TOKEN removed`\n');
  expect(stdout).toContain('  - `` hostname @desk `old` <b> → unset ``\n');
});

test('The value of a variable that is secret by its name is hidden everywhere, also in arguments and URLs', async () => {
  await base('', (configuration) => {
    const gateway = containerIn(configuration, 'desk-gateway');
    gateway.env = ['API_TOKEN=canary-7Qx2', 'FEED_URL=https://feed/?key=canary-7Qx2'];
    gateway.command = ['serve', '--token=canary-7Qx2'];
  });
  const { stdout } = await changes();
  expect(stdout).toContain('--token=***');
  expect(stdout).not.toContain('canary-7Qx2');
  expect((await changes('', '--json')).stdout).not.toContain('canary-7Qx2');
});

test('A rebuilt image says which files changed, and the service that uses it that it is rebuilt', async () => {
  project.write('bot/Dockerfile', 'FROM node:24-slim\n');
  await base('build');
  project.write('bot/Dockerfile', 'FROM node:24-slim\nRUN true\n');
  const { stdout } = await changes('build');
  expect(stdout).toContain('- `desk-bot` changed\n  - `image desk-bot rebuilt`\n');
  expect(stdout).toContain('- image `desk-bot` changed\n  - `files in bot changed`\n');
});

test('Lines of a file of a Swarm are shown for the service that has it', async () => {
  await base('cluster with a file', ({ locals, resource }) => {
    const id = Object.keys(locals).find((one) => one.includes('etc-rules')) ?? '';
    locals[id] = `# \`\`\` $\${x}\n${locals[id] ?? ''}`;
    Object.assign(resource.docker_config?.[id] ?? {}, { name: 'desk-bot-etc-rules-0123456789abcdef' });
  });
  const { stdout } = await changes('cluster with a file');
  const file = ['  - `file /etc/rules: 1 line removed`', '    ````diff', '    - # ``` ${x}', '    ````'];
  expect(stdout).toContain(['- `desk-bot` changed', ...file, ''].join('\n'));
  expect(stdout).not.toContain('- file');
});

test('A new stack is listed as its services, and one that is removed has to be destroyed first', async () => {
  await base('second stack');
  expect((await changes()).stdout).toContain(
    '### night\n\nThe stack is removed from the code, and what is deployed stays. Destroy it before the change is merged. In a ' +
      'checkout of the target branch: `npm run destroy -- night`.',
  );
  await base('');
  const { stdout } = await changes('shared password');
  expect(stdout).toContain(
    '### night\n\n- `night-db` added\n  - `image postgres:17-alpine`\n\nLimits of all services: ',
  );
});

test('With --json the changes are a document', async () => {
  await base('', (configuration) => {
    Object.assign(containerIn(configuration, 'desk-gateway'), { memory: 256, memory_swap: 256 });
  });
  expect(JSON.parse((await changes('', 'desk', '--json')).stdout)).toEqual({
    outcome: 'changes',
    stacks: [
      {
        stack: 'desk',
        changes: [
          {
            ...{ name: 'desk-gateway', kind: 'service', address: 'docker_container.desk-gateway', change: 'changed' },
            details: [
              { setting: 'memory', before: '256 MiB', after: '512 MiB', text: 'memory 256 MiB → 512 MiB', lines: [] },
            ],
          },
        ],
      },
    ],
    removedStacks: [],
  });
});

test('The folder to compare with may be the output of this project, before it is written again', async () => {
  await project.run(['synth'], {}, 'second stack');
  const { stdout } = await project.run(['changes', 'cdktf.out']);
  expect(stdout).toContain('### night\n\nThe stack is removed');
});

test.each([
  [
    'does not exist',
    () => undefined,
    problem('path-missing', 'The folder /', '/base has no manifest.json', 'npm run synth'),
    2,
  ],
  [
    'is not complete',
    () => {
      project.write('base/manifest.json', '{"stacks": {"desk": {"synthesizedStackPath": "desk.json"}}}');
    },
    problem('config-file-invalid', 'base/desk.json cannot be read', 'ENOENT'),
    1,
  ],
  [
    'is not JSON',
    () => {
      project.write('base/manifest.json', '<html>');
    },
    problem('config-file-invalid', 'base/manifest.json cannot be read', 'JSON'),
    1,
  ],
])('A folder that %s is refused', async (_name, prepare, expected, exitCode) => {
  prepare();
  const outcome = await changes('', '--json');
  expect(JSON.parse(outcome.stdout)).toMatchObject(expected as object);
  expect(outcome.exitCode).toBe(exitCode);
});

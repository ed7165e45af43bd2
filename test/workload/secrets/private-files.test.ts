import { mkdirSync, symlinkSync } from 'node:fs';
import { App } from 'cdktf';
import { BindMount, ConfigFile, Engine, Image, TradingStack, Workload } from '../../../lib';
import { TemporaryProject } from '../temporary-project';

const project = TemporaryProject.forEveryTest();
const image = Image.fromRegistry('ghcr.io/desk/bot:2.4');

beforeEach(() => {
  project.write('Dockerfile', 'FROM python:3.13-slim\nCOPY . .\n');
  project.write('src/main.py', 'pass\n');
});

/** A new run of the app in the project's folder, as `cdktf synth` starts it. */
function createStack(output?: string): TradingStack {
  return new TradingStack(new App(output === undefined ? {} : { outdir: output }), 'desk', { engine: Engine.docker() });
}

function build(directory: string, output?: string): string {
  const built = Image.fromBuild(directory, { name: 'desk-bot', dockerfile: project.locate('Dockerfile') });
  return new Workload(createStack(output), 'bot', { image: built }).spec.image.name;
}

function mount(mounted: BindMount): unknown {
  return new Workload(createStack(), 'bot', { image, bindMounts: [mounted] });
}

const RULES = ['.secrets', 'cdktf.out', '**/*.tfstate*'];

describe('an image of the whole project', () => {
  test('is refused with the lines that are missing, also before the first deploy has written anything', () => {
    expect(() => build('.')).toThrow(
      "desk/bot: the build of '.' would get .secrets/desk/.versions.json, cdktf.out/manifest.json and " +
        'terraform.desk.tfstate, which belong in no image and change with every deploy. ' +
        `Add to ${project.locate('.dockerignore')} the lines '.secrets', 'cdktf.out' and '**/*.tfstate*', ` +
        'or build a folder that has the sources alone.',
    );
  });

  test.each([
    ['.secrets', '.secrets/desk/db_password'],
    ['cdktf.out', 'cdktf.out/stacks/desk/cdk.tf.json'],
    ['**/*.tfstate*', 'terraform.desk.tfstate'],
    ['**/*.tfstate*', 'terraform.desk.tfstate.1763712000.backup'],
    ['**/*.tfstate*', '.terraform.desk.tfstate.lock.info'],
  ])('is refused for want of %s when it has %s', (missing, file) => {
    project.write(file, 'x');
    project.write('.dockerignore', RULES.filter((rule) => rule !== missing).join('\n'));
    expect(() => build('.')).toThrow(
      `would get ${file}, which belong in no image and change with every deploy. ` +
        `Add to ${project.locate('.dockerignore')} the line '${missing}', or build`,
    );
  });

  test('is refused for the secrets of another stack, and for the state of another project', () => {
    project.write('.dockerignore', '.secrets/desk\ncdktf.out\n*.tfstate*\n');
    project.write('.secrets/other/key', 'x');
    project.write('infrastructure/terraform.tfstate', 'x');
    expect(() => build('.')).toThrow('would get .secrets/other/key and infrastructure/terraform.tfstate, which');
  });

  test.each([RULES.join('\n'), RULES.join('\r\n'), '*\n!src\n', '/.*\n/cdktf.out/\n*.tfstate*\n'])(
    'is the same in every run when .dockerignore is %j',
    (rules) => {
      project.write('.dockerignore', rules);
      const before = build('.');
      for (const file of ['.secrets/desk/key', 'cdktf.out/manifest.json', 'terraform.desk.tfstate']) {
        project.write(file, 'x');
      }
      expect(build('.')).toBe(before);
    },
  );

  test('is refused when a rule brings the secrets back', () => {
    project.write('.dockerignore', `${RULES.join('\n')}\n!.secrets\n`);
    expect(() => build('.')).toThrow("the line '.secrets', or build");
  });

  test('is refused by its absolute path, and through a link to it', () => {
    symlinkSync('.', project.locate('link'));
    expect(() => build(project.locate(''))).toThrow('would get .secrets/desk/.versions.json');
    expect(() => build('link')).toThrow('would get .secrets/desk/.versions.json');
  });
});

describe('an image of a folder', () => {
  test('above the project is refused, with lines for that folder', () => {
    mkdirSync(project.locate('trading'));
    process.chdir(project.locate('trading'));
    expect(() => build('..')).toThrow("the lines 'trading/.secrets', 'trading/cdktf.out' and '**/*.tfstate*'");
  });

  test('of the project needs no rules', () => {
    project.write('.secrets/desk/key', 'x');
    expect(build('src')).toMatch(/^desk-bot:/);
  });

  test('with the output of the app in it is refused', () => {
    expect(() => build('src', 'src/out')).toThrow('would get out/manifest.json, which belong in no image');
  });
});

describe('a mount', () => {
  test.each([
    ['for reading', BindMount.readOnly('.', '/app')],
    ['for reading, whose content is not watched', BindMount.readOnly('.', '/app', { restartOnChange: false })],
    ['for writing', BindMount.writable('.', '/app')],
    ['by way of a folder', BindMount.readOnly('src/..', '/app')],
  ])('of the whole project %s is refused', (_how, mounted) => {
    expect(() => mount(mounted)).toThrow(
      /^desk\/bot: the mounted folder '.*' would show \.secrets\/desk\/\.versions\.json, cdktf\.out\/manifest\.json and terraform\.desk\.tfstate, which belong in no container and change with every deploy\. Mount the files or folders of it/,
    );
  });

  test.each([
    '.secrets',
    '.secrets/desk',
    '.secrets/desk/key',
    '.secrets/other',
    'cdktf.out/stacks',
    'terraform.desk.tfstate',
    'terraform.other.tfstate.1763712000.backup',
  ])('of %s is refused', (source) => {
    for (const file of ['.secrets/desk/key', '.secrets/other/key', 'cdktf.out/stacks/desk/cdk.tf.json'])
      project.write(file, 'x');
    for (const file of ['terraform.desk.tfstate', 'terraform.other.tfstate.1763712000.backup'])
      project.write(file, '{}');
    expect(() => mount(BindMount.readOnly(source, '/keys'))).toThrow(
      `desk/bot: '${source}' is among the project's secrets, its output or its Terraform state, which belong in no ` +
        'container and change with every deploy. Give the program its secrets with `secrets`',
    );
  });

  test.each(['src', 'src/main.py', 'Dockerfile'])('of %s is fine', (source) => {
    expect(() => mount(BindMount.readOnly(source, '/app'))).not.toThrow();
  });

  test('of all of the host is fine: what watches the host needs it', () => {
    expect(() => mount(BindMount.readOnly('/', '/host'))).not.toThrow();
    expect(() => mount(BindMount.readOnly('/', '/host', { restartOnChange: false }))).not.toThrow();
  });
});

test.each(['.secrets/desk/key', 'terraform.desk.tfstate'])('a configuration file from %s is refused', (source) => {
  project.write(source, 'x');
  const files = [ConfigFile.fromFile(source, '/etc/key')];
  expect(() => new Workload(createStack(), 'bot', { image, files })).toThrow(
    `desk/bot: '${source}' is among the project's secrets, its output or its Terraform state`,
  );
});

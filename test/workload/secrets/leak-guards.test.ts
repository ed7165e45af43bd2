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

/** A new run of the app in the project's folder, as in `cdktf synth`. */
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
  test('is rejected with the missing lines of .dockerignore, even before the first deploy writes a file', () => {
    expect(() => build('.')).toThrowCode(
      'private-file-exposed',
      'desk/bot',
      '.secrets/desk/.versions.json, cdktf.out/manifest.json and terraform.desk.tfstate',
      `the lines '.secrets', 'cdktf.out' and '**/*.tfstate*' to ${project.locate('.dockerignore')}`,
    );
  });

  test.each([
    ['.secrets', '.secrets/desk/db_password'],
    ['cdktf.out', 'cdktf.out/stacks/desk/cdk.tf.json'],
    ['**/*.tfstate*', 'terraform.desk.tfstate'],
    ['**/*.tfstate*', 'terraform.desk.tfstate.1763712000.backup'],
    ['**/*.tfstate*', '.terraform.desk.tfstate.lock.info'],
  ])('is rejected if .dockerignore lacks %s and %s exists', (missing, file) => {
    project.write(file, 'x');
    project.write('.dockerignore', RULES.filter((rule) => rule !== missing).join('\n'));
    expect(() => build('.')).toThrowCode('private-file-exposed', ` ${file}. `, `the line '${missing}' to`);
  });

  test('is rejected for the secrets of another stack and the state of another project', () => {
    project.write('.dockerignore', '.secrets/desk\ncdktf.out\n*.tfstate*\n');
    project.write('.secrets/other/key', 'x');
    project.write('infrastructure/terraform.tfstate', 'x');
    expect(() => build('.')).toThrowCode(
      'private-file-exposed',
      '.secrets/other/key and infrastructure/terraform.tfstate',
    );
  });

  test.each([RULES.join('\n'), RULES.join('\r\n'), '*\n!src\n', '/.*\n/cdktf.out/\n*.tfstate*\n'])(
    'stays the same in every run with %j in .dockerignore',
    (rules) => {
      project.write('.dockerignore', rules);
      const before = build('.');
      for (const file of ['.secrets/desk/key', 'cdktf.out/manifest.json', 'terraform.desk.tfstate']) {
        project.write(file, 'x');
      }
      expect(build('.')).toBe(before);
    },
  );

  test('is rejected if a later rule includes the secrets again', () => {
    project.write('.dockerignore', `${RULES.join('\n')}\n!.secrets\n`);
    expect(() => build('.')).toThrowCode('private-file-exposed', "the line '.secrets' to");
  });

  test('is rejected if Docker sends the secrets, though the rules look as if they excluded them', () => {
    project.write('.dockerignore', `${RULES.slice(1).join('\n')}\n(.secrets)\n`);
    expect(() => build('.')).toThrowCode('private-file-exposed', "the line '.secrets'");
  });

  test('is accepted if the builder does not get to the secrets that a later rule includes again', () => {
    project.write('.secrets/desk/key', 'x');
    project.write('.dockerignore', `${RULES.join('\n')}\n!**/key\n`);
    expect(build('.')).toMatch(/^desk-bot:/);
  });

  test('is rejected under its absolute path and through a symbolic link', () => {
    symlinkSync('.', project.locate('link'));
    expect(() => build(project.locate(''))).toThrowCode('private-file-exposed', '.secrets/desk/.versions.json');
    expect(() => build('link')).toThrowCode('private-file-exposed', '.secrets/desk/.versions.json');
  });
});

describe('an image of a folder', () => {
  test('is rejected with the lines for that folder if it contains the project', () => {
    mkdirSync(project.locate('trading'));
    process.chdir(project.locate('trading'));
    expect(() => build('..')).toThrowCode(
      'private-file-exposed',
      "the lines 'trading/.secrets', 'trading/cdktf.out' and '**/*.tfstate*'",
    );
  });

  test('is accepted with the proposed lines, whatever characters the name of the project has', () => {
    const name = '!desk [1] {a|b}^*?';
    mkdirSync(project.locate(name));
    process.chdir(project.locate(name));
    project.write(`${name}/.secrets/desk/key`, 'x');
    expect(() => build('..')).toThrowCode('private-file-exposed', `${name}/.secrets/desk/key`);
    const escaped = '\\!desk \\[1\\] \\{a\\|b\\}\\^\\*\\?';
    const lines = [`${escaped}/.secrets`, `${escaped}/cdktf.out`, '**/*.tfstate*'];
    expect(() => build('..')).toThrowCode('private-file-exposed', `'${lines.slice(0, 2).join("', '")}'`);
    project.write('.dockerignore', lines.join('\n'));
    expect(build('..')).toMatch(/^desk-bot:/);
  });

  test('needs no rules for a folder of the project', () => {
    project.write('.secrets/desk/key', 'x');
    expect(build('src')).toMatch(/^desk-bot:/);
  });

  test('is rejected if it contains the output of the app', () => {
    expect(() => build('src', 'src/out')).toThrowCode('private-file-exposed', 'out/manifest.json');
  });
});

describe('a bind mount', () => {
  test.each([
    ['for reading', BindMount.readOnly('.', '/app')],
    ['for reading, without a restart on changes', BindMount.readOnly('.', '/app', { restartOnChange: false })],
    ['for writing', BindMount.writable('.', '/app')],
    ['through one of its folders', BindMount.readOnly('src/..', '/app')],
  ])('is rejected for the whole project %s', (_how, mounted) => {
    expect(() => mount(mounted)).toThrowCode(
      'private-file-exposed',
      'desk/bot',
      '.secrets/desk/.versions.json, cdktf.out/manifest.json and terraform.desk.tfstate',
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
  ])('is rejected for %s', (source) => {
    for (const file of ['.secrets/desk/key', '.secrets/other/key', 'cdktf.out/stacks/desk/cdk.tf.json'])
      project.write(file, 'x');
    for (const file of ['terraform.desk.tfstate', 'terraform.other.tfstate.1763712000.backup'])
      project.write(file, '{}');
    expect(() => mount(BindMount.readOnly(source, '/keys'))).toThrowCode('private-file-exposed', `'${source}'`);
  });

  test.each(['src', 'src/main.py', 'Dockerfile'])('is accepted for %s', (source) => {
    expect(() => mount(BindMount.readOnly(source, '/app'))).not.toThrow();
  });

  test('is accepted for the root of the host, as programs that monitor the host need it', () => {
    expect(() => mount(BindMount.readOnly('/', '/host'))).not.toThrow();
    expect(() => mount(BindMount.readOnly('/', '/host', { restartOnChange: false }))).not.toThrow();
  });
});

test.each(['.secrets/desk/key', 'terraform.desk.tfstate'])('a configuration file from %s is rejected', (source) => {
  project.write(source, 'x');
  const files = [ConfigFile.fromFile('/etc/key', source)];
  expect(() => new Workload(createStack(), 'bot', { image, files })).toThrowCode('private-file-exposed', `'${source}'`);
});
